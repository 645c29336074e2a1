//! Keys that differ and whose files would not.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind};

/// Whether names of files that differ only in case are one name, as on most machines with Windows
/// or macOS.
const FOLDS_CASE: bool = cfg!(any(windows, target_os = "macos"));

/// Paths that have been given out.
#[derive(Debug, Default)]
pub(super) struct Unique(HashSet<String>);

impl Unique {
    /// The path, unless a file of the same name has been given out.
    ///
    /// # Errors
    /// One has.
    pub(super) fn require(&mut self, path: PathBuf) -> Result<PathBuf, Error> {
        if FOLDS_CASE && !self.0.insert(path.to_string_lossy().to_lowercase()) {
            return Err(Error::new(
                ErrorKind::Unsafe,
                format!("another key becomes the same file {}", path.display()),
            )
            .advise("download the object by itself, to a name of your choice"));
        }
        Ok(path)
    }
}
