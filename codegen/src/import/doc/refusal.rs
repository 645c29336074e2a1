//! Why a document was not imported.

use std::fmt;

use crate::error::Error;

/// Why a document was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the document.
    pub document: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl Refusal {
    pub(super) fn new(document: &str, problem: impl Into<String>) -> Self {
        Self {
            document: document.to_owned(),
            problem: problem.into(),
        }
    }

    /// A problem of a file of the spec.
    pub(super) fn of_file(document: &str, error: &Error) -> Self {
        Self::new(document, format!("{}: {}", error.file, error.problem))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.document, self.problem)
    }
}

impl std::error::Error for Refusal {}
