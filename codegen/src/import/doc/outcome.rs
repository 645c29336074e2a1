//! What an import is asked for, and what becomes of the documents.

use super::compare::Comparison;
use super::refusal::Refusal;
use super::remark::{Remark, RemarkKind};
use crate::import::report::Report;
use crate::load::SourceFile;

/// What an import is to do.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The name of the operation was given, so that its route does not count.
    pub named: bool,
    /// Gives rows a neutral text made of their facts.
    pub draft: bool,
}

/// What was made of documents.
#[derive(Debug)]
pub struct Import {
    /// The files of the services: `<service>/…`.
    pub files: Vec<SourceFile>,
    /// The documents, in their order.
    pub documents: Vec<Imported>,
}

/// A document that was imported, or was not.
#[derive(Debug)]
pub struct Imported {
    /// Name of the document.
    pub name: String,
    /// Its operations, or why it has none.
    pub outcome: Result<Vec<Outcome>, Refusal>,
}

/// What became of an operation.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub operation: String,
    /// The file it is in; empty if it was left out.
    pub path: String,
    /// Rows that were found.
    pub rows: usize,
    /// How they compare with the tables that are known.
    pub comparison: Option<Comparison>,
    /// What is to be said, by the lines of the document.
    pub remarks: Vec<Remark>,
    /// What changed in a file that was there.
    pub changes: Option<Report>,
}

impl Outcome {
    /// How many remarks there are of a kind.
    pub fn count(&self, kind: RemarkKind) -> usize {
        self.remarks
            .iter()
            .filter(|remark| remark.kind == kind)
            .count()
    }
}
