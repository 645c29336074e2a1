//! What a comparison of both sides has found.

use std::path::PathBuf;

use crate::batch::item::{Failure, Item, Skipped};
use crate::error::Error;

#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) refused: Vec<Failure>,
    pub(super) unchanged: u64,
}

impl Found {
    /// What a walk through a folder could not read.
    pub(super) fn refuse_all(&mut self, failed: Vec<(PathBuf, Error)>) {
        for (path, error) in failed {
            self.refuse(path.display().to_string(), error);
        }
    }

    /// What cannot be done, because of its name.
    pub(super) fn refuse(&mut self, name: String, error: Error) {
        self.refused.push(Failure {
            name,
            item: None,
            error,
        });
    }
}
