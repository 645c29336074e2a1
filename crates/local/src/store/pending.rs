//! Content that no row names yet.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The blobs some upload or running job still owns, which no row names yet.
#[derive(Default)]
pub(super) struct PendingBlobs(Mutex<HashSet<String>>);

impl PendingBlobs {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.lock().contains(id)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        // A set of names is whole after every single operation on it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
