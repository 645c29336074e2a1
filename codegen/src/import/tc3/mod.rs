//! Services of API 3.0, from the metadata that the official command line carries.
//!
//! Facts are taken, never sentences: names, types, what is required, what is on its way out. What a
//! person adds to a row stays.
//!
//! | step | takes | makes |
//! | --- | --- | --- |
//! | [`Metadata::parse`] | `api.json` | actions and objects |
//! | `table` | the metadata | operations, structures and rows, as facts |
//! | `layout` | the facts | a file for each operation and structure |
//! | `write` | facts that are new | YAML |
//! | `merge` | facts and the existing files | edits of their text |
//!
//! Besides: [`package`] finds the metadata of a service, [`examples`] reads the examples beside it.

pub mod examples;
pub mod json;
pub mod package;

mod layout;
mod merge;
mod metadata;
mod paging;
mod table;
mod write;

use std::collections::BTreeMap;

pub use self::metadata::Metadata;
use self::table::Tables;
use crate::error::Error;
pub use crate::import::report::{Change, Report};
use crate::load::SourceFile;

/// A service's spec after an import.
#[derive(Debug)]
pub struct Import {
    /// All files of the service, sorted by path: `<service>/…`.
    pub files: Vec<SourceFile>,
    /// What differs from before.
    pub report: Report,
}

/// Brings the files of a service, of which `present` may be none, in line with `metadata`.
///
/// # Errors
///
/// Metadata that no spec can be made of, files that cannot be read, or another version of the
/// service among them.
pub fn import(metadata: &Metadata, present: Vec<SourceFile>) -> Result<Import, Error> {
    let tables = Tables::of(metadata)?;
    let mut files: BTreeMap<String, String> = present
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();
    let own = format!("{}/", tables.service);
    files.retain(|path, _| path.starts_with(&own));
    let mut report = Report::new(&tables.service, &tables.version);

    let known = if files.is_empty() {
        merge::Known::default()
    } else {
        merge::merge(&tables, &mut files, &mut report)?
    };
    layout::place(&tables, &known, &mut files, &mut report);
    Ok(Import {
        files: files
            .into_iter()
            .map(|(path, text)| SourceFile { path, text })
            .collect(),
        report,
    })
}
