//! Generator of the tcloud SDK: spec text in, Rust files out.
//!
//! One model goes through explicit passes, and none of them touches a disk:
//!
//! | pass | takes | makes |
//! | --- | --- | --- |
//! | [`load`](load::load) | text of the spec files | [`load::Spec`], typed and with locations |
//! | [`check`](check::check) | the spec | [diagnostics](diagnostic::Diagnostic) |
//! | [`lower`](lower::lower) | the spec of a service | the [model]: every name and type decided |
//! | [`emit`](emit::emit) | the model | Rust files |
//! | [`descriptor`](descriptor::messages) | the model | the tables in memory |

pub mod check;
pub mod coverage;
pub mod descriptor;
pub mod diagnostic;
pub mod emit;
mod error;
pub mod evolution;
pub mod import;
pub mod index;
mod jobs;
pub mod load;
pub mod lower;
pub mod model;
mod names;
mod open;
pub mod peer;
pub mod picture;
pub mod reference;
mod rows;
pub mod schema;
mod source;
pub mod spec;
mod text;
mod words;

use std::collections::BTreeMap;

pub use self::emit::GeneratedFile;
pub use self::error::Error;
use self::load::Spec;

/// Generates the files of all services of `spec`, by the service's short name.
///
/// # Errors
///
/// The first thing in the spec that no Rust can be made of. A spec without diagnostics has none.
pub fn generate(spec: &Spec) -> Result<BTreeMap<String, Vec<GeneratedFile>>, Error> {
    spec.services
        .iter()
        .map(|service| {
            let model = lower::lower(&spec.sources, service)?;
            let files = emit::emit(&model)?;
            Ok((model.name, files))
        })
        .collect()
}
