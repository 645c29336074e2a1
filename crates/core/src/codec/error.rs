//! Why a document cannot be read or written.

use std::fmt;

/// A document that could not be read, or a value that the format cannot carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError {
    path: String,
    reason: String,
}

impl CodecError {
    pub(crate) fn new(path: String, reason: impl Into<String>) -> Self {
        Self {
            path,
            reason: reason.into(),
        }
    }

    /// The node at which it happened: `Response.JobsDetail[0].Input`; empty for the document.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "at {}: {}", self.path, self.reason)
        }
    }
}

impl std::error::Error for CodecError {}
