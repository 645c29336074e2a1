//! Archives: ZIP and tar, packed and unpacked as streams within limits. No cloud is in here.
//!
//! An archive comes from a stranger. Whatever could make a file appear where it does not belong, or
//! take more room than the archive justifies, ends the reading of it: see [`read`].

mod name;
mod read;
mod write;

use std::io;

pub(crate) use read::{Entry, Limits, Piece, read};
pub(crate) use write::{Format, Part, write};

/// Why an archive is not read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It is of a kind, or uses something, that is not supported.
    #[error("{0}")]
    Unsupported(String),
    /// It is broken, too large or made to harm.
    #[error("{0}")]
    Invalid(String),
    /// Reading or writing it failed.
    #[error("the archive cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// Nobody waits for it any more.
    #[error("the work was given up")]
    Abandoned,
}

impl ArchiveError {
    fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }
}
