//! How much content may be kept in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::error::{Result, StoreError};

/// Counts the bytes of content in memory, that still being received included.
pub(super) struct Quota {
    limit: u64,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    total: u64,
    by_blob: HashMap<String, u64>,
}

impl Quota {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            used: Mutex::default(),
        }
    }

    /// Counts `bytes` more of the blob `id`.
    pub(super) fn reserve(&self, id: &str, bytes: u64) -> Result<()> {
        let mut used = self.lock();
        let total = used.total.saturating_add(bytes);
        if total > self.limit {
            return Err(StoreError::MemoryFull { limit: self.limit });
        }
        used.total = total;
        let of_blob = used.by_blob.entry(id.to_owned()).or_default();
        *of_blob = of_blob.saturating_add(bytes);
        Ok(())
    }

    /// The blob `id` is no longer in memory.
    pub(super) fn release(&self, id: &str) {
        let mut used = self.lock();
        let bytes = used.by_blob.remove(id).unwrap_or_default();
        used.total = used.total.saturating_sub(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        // Nothing above panics between two changes that belong together.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
