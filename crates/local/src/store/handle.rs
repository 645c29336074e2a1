//! The store itself: what its handles share, and how it is closed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

use super::blobs::Blobs;
use super::connection::Connection;
use super::database::{Database, Write};
use super::error::Result;
use super::folder::Folder;
use super::id::new_id;
use super::work::Work;
use crate::clock::Clock;

/// The longest content that is kept with the rows, in bytes: one fsync is for both.
const LONGEST_INLINE: usize = 64 * 1024;

/// The state of the local cloud. Cloning gives another handle to the same state.
#[derive(Clone)]
pub(crate) struct Store {
    pub(super) inner: Arc<Inner>,
}

/// What all handles to one state share.
pub(super) struct Inner {
    pub(super) database: Database,
    pub(super) blobs: Blobs,
    /// The data folder, which no other process uses meanwhile.
    folder: Option<Folder>,
    /// This process, as the database knows it.
    pub(super) process: String,
    pub(super) longest_inline: usize,
    clock: Arc<dyn Clock>,
    /// By how much the cloud's clock is ahead of that one, in milliseconds.
    pub(super) ahead: AtomicI64,
    pub(super) work: Work,
    pub(super) callbacks: Notify,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            folder.unmark_in_use();
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("blobs", &self.inner.blobs)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// A store over its parts. [`open`](super::open) makes it known to the database.
    pub(super) fn new(
        database: Database,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        folder: Option<Folder>,
    ) -> Self {
        let inner = Inner {
            process: new_id("process-"),
            // In memory, content counts against the limit of the blobs.
            longest_inline: if folder.is_some() { LONGEST_INLINE } else { 0 },
            database,
            blobs,
            folder,
            clock,
            ahead: AtomicI64::new(0),
            work: Work::default(),
            callbacks: Notify::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Waits for running statements, then closes the database. Other handles fail from then on.
    pub(crate) async fn close(self) {
        if let Some(folder) = &self.inner.folder {
            // Closing the database deletes its log.
            folder.unmark_in_use();
        }
        self.inner.database.close().await;
    }

    /// The cloud's clock, in Unix milliseconds: the clock of the machine, or ahead of it.
    pub(crate) fn now(&self) -> i64 {
        let ahead = self.inner.ahead.load(Ordering::Relaxed);
        self.inner.clock.now().saturating_add(ahead)
    }

    /// The time that leases are measured by. It never jumps, and nothing puts it ahead.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "not every database is asked by one process"
    )]
    pub(super) fn lease_time(&self) -> Option<i64> {
        match &self.inner.database {
            // No lease outlives the process.
            Database::Sqlite(_) => Some(self.inner.clock.monotonic()),
        }
    }

    /// A connection for a single statement that reads.
    pub(super) async fn connect(&self) -> Result<Connection> {
        self.inner.database.connect().await
    }

    /// Begins a transaction whose statements all see the same state.
    pub(super) async fn read(&self) -> Result<Connection> {
        self.inner.database.read().await
    }

    /// Begins a transaction that writes. [`Write::end`] ends it.
    pub(super) async fn write(&self) -> Result<Write> {
        self.inner.database.write().await
    }
}
