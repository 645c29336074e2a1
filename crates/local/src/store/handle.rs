//! The store itself: what its handles share.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::blobs::Blobs;
use super::connection::Connection;
use super::database::{Database, Write};
use super::error::Result;
use super::folder::Folder;
use super::id::new_id;
use super::signals::Signals;
use crate::clock::Clock;

/// The longest content that is kept with the rows, in bytes: one fsync is for both.
pub(super) const LONGEST_INLINE: usize = 64 * 1024;

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
    pub(super) folder: Option<Folder>,
    /// This process, as the database knows it.
    pub(super) process: String,
    pub(super) longest_inline: usize,
    pub(super) clock: Arc<dyn Clock>,
    /// By how much the cloud's clock is ahead of that one, in milliseconds.
    pub(super) ahead: AtomicI64,
    pub(super) signals: Arc<Signals>,
    /// How long this process counts as alive without saying so, in milliseconds.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(
            dead_code,
            reason = "a process on a state of its own says no sign of life"
        )
    )]
    pub(super) lease: i64,
    /// By how much the database's clock is ahead of this machine's, in milliseconds.
    pub(super) skew: AtomicI64,
    /// What is done beside, for as long as there is a handle.
    pub(super) background: OnceLock<Vec<AbortOnDropHandle<()>>>,
}

/// What a store is made of.
pub(super) struct Parts {
    pub(super) database: Database,
    pub(super) blobs: Blobs,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) folder: Option<Folder>,
    pub(super) signals: Signals,
    pub(super) lease: i64,
    /// The longest content that is kept with the rows.
    pub(super) longest_inline: usize,
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
    pub(super) fn new(parts: Parts) -> Self {
        let Parts {
            database,
            blobs,
            clock,
            folder,
            signals,
            lease,
            longest_inline,
        } = parts;
        let inner = Inner {
            process: new_id("process-"),
            longest_inline,
            database,
            blobs,
            folder,
            clock,
            ahead: AtomicI64::new(0),
            skew: AtomicI64::new(0),
            lease,
            signals: Arc::new(signals),
            background: OnceLock::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The cloud's clock, in Unix milliseconds: the clock of the machine or, where several share the
    /// state, that of the database; or ahead of it.
    pub(crate) fn now(&self) -> i64 {
        let ahead = self.inner.ahead.load(Ordering::Relaxed);
        let skew = self.inner.skew.load(Ordering::Relaxed);
        let now = self.inner.clock.now();
        now.saturating_add(skew).saturating_add(ahead)
    }

    /// The time that leases are measured by, unless it is the database's. It never jumps, and
    /// nothing puts it ahead.
    pub(super) fn lease_time(&self) -> Option<i64> {
        // Where it is the process's own, no lease outlives the process.
        let own = !self.inner.database.has_clock();
        own.then(|| self.inner.clock.monotonic())
    }

    /// Changes when the clock was put ahead or the state emptied: what is under way may be due, or
    /// gone.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.inner.signals.changes()
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
