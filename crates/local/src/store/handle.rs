//! The store itself: how it is opened, shared and closed.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use tokio::sync::Notify;

use super::blobs::Blobs;
use super::error::Result;
use super::folder::Folder;
use super::identity;
use super::pending::PendingBlobs;
use super::work::Work;
use crate::clock::Clock;
use crate::content_bucket::ContentBucket;

/// How many reads run at the same time. Writes always run one at a time.
const READERS: u32 = 4;
/// How long a statement waits for another one's lock. With one writer this is never reached
/// unless a foreign tool holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long at most a job or callback waits for its next attempt, in milliseconds. A time farther
/// ahead was written before the clock was set back, so it counts as reached.
pub(super) const LONGEST_WAIT: i64 = 60_000;

/// The state of the local cloud. Cloning gives another handle to the same state.
#[derive(Clone)]
pub(crate) struct Store {
    pub(super) inner: Arc<Inner>,
}

/// What all handles to one state share.
pub(super) struct Inner {
    pub(super) writer: SqlitePool,
    pub(super) reader: SqlitePool,
    pub(super) blobs: Blobs,
    pub(super) pending: PendingBlobs,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) work: Work,
    pub(super) callbacks: Notify,
    /// The data folder, held for as long as any handle lives. None if the state is in memory.
    pub(super) folder: Option<Folder>,
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
    /// Opens the data folder at `path`, creating it if needed; `clock` gives the time. Content lies
    /// in the folder, too, unless there is a `bucket` for it.
    ///
    /// Jobs that were running when the folder was last in use wait to be claimed again.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`](super::StoreError::InUse) if another process has the folder open;
    /// [`StoreError::LostDatabase`](super::StoreError::LostDatabase),
    /// [`StoreError::LostLog`](super::StoreError::LostLog) or
    /// [`StoreError::Mismatch`](super::StoreError::Mismatch) if its parts do not belong together.
    pub(crate) async fn in_folder(
        path: impl AsRef<Path>,
        bucket: Option<&ContentBucket>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let folder = Folder::take(path.as_ref())?;
        let blobs = match bucket {
            Some(bucket) => Blobs::in_bucket(bucket)?,
            None => Blobs::in_folder(folder.blobs())?,
        };
        let options = SqliteConnectOptions::new()
            .filename(folder.database())
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = pool(1).connect_with(options.clone()).await?;
        identity::check(&writer, &folder, &blobs).await?;
        // The log has been read. If this fails from here on, closing the database deletes it.
        folder.unmark_in_use();
        let reader = pool(READERS).connect_lazy_with(options.read_only(true));

        sqlx::migrate!().run(&writer).await?;
        identity::attach(&writer, &blobs).await?;
        folder.mark_in_use()?;
        let store = Self::assemble(writer, reader, blobs, clock, Some(folder));
        store.release_all_claims().await?;
        Ok(store)
    }

    /// A store in memory, gone when its last handle is dropped, with `limit` bytes of content at
    /// most; `clock` gives the time.
    pub(crate) async fn in_memory(clock: Arc<dyn Clock>, limit: u64) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .in_memory(true)
            .foreign_keys(true);
        // Every connection to a memory database has its own database, so there is only one.
        let only = pool(1).connect_with(options).await?;
        sqlx::migrate!().run(&only).await?;
        let blobs = Blobs::in_memory(limit);
        Ok(Self::assemble(only.clone(), only, blobs, clock, None))
    }

    fn assemble(
        writer: SqlitePool,
        reader: SqlitePool,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        folder: Option<Folder>,
    ) -> Self {
        let inner = Inner {
            writer,
            reader,
            blobs,
            pending: PendingBlobs::default(),
            clock,
            work: Work::default(),
            callbacks: Notify::new(),
            folder,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Waits for running statements, then closes the database. Other handles fail from then on.
    pub(crate) async fn close(self) {
        self.inner.reader.close().await;
        if let Some(folder) = &self.inner.folder {
            folder.unmark_in_use();
        }
        self.inner.writer.close().await;
    }

    /// The store's clock, in Unix milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.inner.clock.now()
    }

    /// Begins a transaction that writes. It takes the write lock at once: a transaction that
    /// starts reading and upgrades later can fail without waiting.
    pub(super) async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.inner.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction whose statements all see the same state.
    pub(super) async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.inner.reader.begin().await?)
    }
}

/// A pool that never closes an idle connection: for a memory database that would erase it.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}
