//! What a comparison of both sides has found.

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
    /// What cannot be done, because of its name.
    pub(super) fn refuse(&mut self, name: String, error: Error) {
        self.refused.push(Failure {
            name,
            item: None,
            error,
        });
    }
}
