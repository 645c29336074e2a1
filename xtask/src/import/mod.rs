//! Tables from elsewhere: official metadata, and documents.

mod attempt;
mod document;
mod metadata;

use std::error::Error;

pub(crate) use self::metadata::import;
use crate::arguments::Import;

/// Brings tables in line with what is published.
pub(crate) fn run(from: Import) -> Result<(), Box<dyn Error>> {
    match from {
        Import::Tc3(arguments) => metadata::run(arguments),
        Import::Doc(arguments) => document::run(&arguments),
    }
}
