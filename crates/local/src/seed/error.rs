//! Why a cloud cannot be seeded.

use std::io;
use std::path::{Path, PathBuf};

use tcloud_core::error::Error;

use crate::store::StoreError;

/// The name of the file with everything that is no content of objects.
pub(super) const FILE: &str = "seed.yaml";

/// Why a cloud cannot be seeded.
#[derive(Debug, thiserror::Error)]
#[error("cannot seed the local cloud: {0}")]
pub struct SeedError(Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("{path} cannot be read: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: {why}")]
    Folder { path: PathBuf, why: String },
    #[error("{FILE}, line {line}: {why}")]
    File { line: u64, why: String },
    #[error("{FILE}, line {line}: {operation}: {source}")]
    Call {
        line: u64,
        operation: &'static str,
        source: Box<Error>,
    },
    #[error("{path} cannot be stored: {source}")]
    Object { path: PathBuf, source: Box<Error> },
    #[error(transparent)]
    Store(StoreError),
}

impl SeedError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self(Cause::Read { path, source })
    }

    /// What is at `path` cannot be seeded.
    pub(crate) fn at(path: &Path, why: impl Into<String>) -> Self {
        let (path, why) = (path.to_owned(), why.into());
        Self(Cause::Folder { path, why })
    }

    /// What is in `line` of the file is not what it should be.
    pub(super) fn in_line(line: u64, why: impl Into<String>) -> Self {
        let why = why.into();
        Self(Cause::File { line, why })
    }

    /// The cloud has refused the call of `operation` in `line` of the file.
    pub(crate) fn refused(line: u64, operation: &'static str, error: Error) -> Self {
        let source = Box::new(error);
        Self(Cause::Call {
            line,
            operation,
            source,
        })
    }

    /// The cloud has refused the content of the file `path`.
    pub(crate) fn not_stored(path: &Path, error: Error) -> Self {
        let (path, source) = (path.to_owned(), Box::new(error));
        Self(Cause::Object { path, source })
    }
}

impl From<StoreError> for SeedError {
    fn from(error: StoreError) -> Self {
        Self(Cause::Store(error))
    }
}
