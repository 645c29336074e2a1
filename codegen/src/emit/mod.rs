//! From model to Rust: one emitter a file, none of which decides anything.
//!
//! Emitters write full paths (`::tcloud_core::schema::Field`). `imports` shortens them and adds the
//! `use` lines, and `layout` turns tokens into text.

mod builder;
mod client;
mod documentation;
mod enumeration;
mod file;
mod front;
mod imports;
mod inputs;
mod invocation;
mod job;
mod layout;
mod modules;
mod operation;
mod picture;
mod service;
mod structure;
mod tokens;
mod types;
mod value;
mod wrap;

pub use self::file::GeneratedFile;
pub use self::front::{PATH as FRONT, front};
use crate::error::Error;
use crate::model::Service;

/// All files of a service's crate.
///
/// # Errors
///
/// A file that is not Rust: a name that the language does not accept.
pub fn emit(service: &Service) -> Result<Vec<GeneratedFile>, Error> {
    let mut files = modules::emit(service);
    files.push(client::emit(service));
    files.push(documentation::emit(service));
    files.push(service::emit(service));
    files.extend(picture::emit(&service.pictures));
    files.extend(
        service
            .operations
            .iter()
            .map(|it| operation::emit(service, it)),
    );
    files.extend(
        service
            .families
            .iter()
            .map(|(name, family)| types::emit(name, family)),
    );
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.into_iter().map(layout::render).collect()
}
