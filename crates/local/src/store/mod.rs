//! Buckets, objects, queues, jobs and callbacks, kept so that nothing accepted is lost.
//!
//! Rows live in one database, content in immutable blobs beside it. A blob is written and synced
//! first and becomes visible by the row that names it, so a crash leaves either the old object or
//! the new one, and at worst a blob nobody names, which [`Store::collect_garbage`] removes.
//!
//! All times are Unix milliseconds.

mod bindings;
mod blobs;
mod buckets;
mod callbacks;
mod claims;
mod clock;
mod crc64;
mod error;
mod garbage;
mod jobs;
mod listing;
mod objects;
mod queues;

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use tokio::sync::Notify;
use uuid::Uuid;

pub use bindings::{BucketFilter, BucketPage, CiBucket, PicBucket};
pub use blobs::{StagedBlob, Upload};
pub use buckets::Bucket;
pub use callbacks::{Callback, CallbackFilter, CallbackState, Delivery, NewCallback};
pub use claims::{ClaimedJob, Effect, Outcome};
pub use clock::{Clock, ManualClock, SystemClock};
pub use crc64::Crc64;
pub use error::{Result, StoreError};
pub use jobs::{Job, JobFilter, JobOrder, JobPage, JobState, NewJob, Service, Session, Submission};
pub use listing::{ListQuery, Listing};
pub use objects::{Acl, ByteRange, Object, ObjectAttributes, ObjectName, ObjectReader, Overwrite};
pub use queues::{Queue, QueueState, QueueUpdate};

use blobs::PendingBlobs;

/// How many reads run at the same time. Writes always run one at a time.
const READERS: u32 = 4;
/// How long a statement waits for another one's lock. With one writer this is never reached
/// unless a foreign tool holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The state of the local cloud. Cloning gives another handle to the same state.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: SqlitePool,
    reader: SqlitePool,
    blobs: Arc<dyn ObjectStore>,
    pending: PendingBlobs,
    clock: Arc<dyn Clock>,
    work: Notify,
    callbacks: Notify,
    /// Held for as long as any handle lives; the system releases it when the process dies.
    _lock: Option<File>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("blobs", &self.inner.blobs)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the data folder at `path`, creating it if needed.
    ///
    /// Jobs that were running when the folder was last in use wait to be claimed again, and blobs
    /// of uploads that were cut off are removed.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`] if another process has the folder open.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with_clock(path, Arc::new(SystemClock)).await
    }

    /// [`Store::open`] with another clock.
    pub async fn open_with_clock(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self> {
        let folder = path.as_ref();
        let blob_folder = folder.join("blobs");
        fs::create_dir_all(&blob_folder).map_err(io_error("create", &blob_folder))?;
        let lock = lock_folder(folder)?;
        // Only this process may write here now, so whatever is half written is abandoned.
        garbage::remove_partial_files(&blob_folder)?;
        let blobs = LocalFileSystem::new_with_prefix(&blob_folder)?.with_fsync(true);

        let options = SqliteConnectOptions::new()
            .filename(folder.join("tcloud.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = pool(1).connect_with(options.clone()).await?;
        let reader = pool(READERS).connect_lazy_with(options.read_only(true));

        let store = Self::assemble(writer, reader, Arc::new(blobs), clock, Some(lock)).await?;
        store.release_all_claims().await?;
        store.collect_garbage().await?;
        Ok(store)
    }

    /// A store in memory, gone when its last handle is dropped.
    pub async fn ephemeral() -> Result<Self> {
        Self::ephemeral_with_clock(Arc::new(SystemClock)).await
    }

    /// [`Store::ephemeral`] with another clock.
    pub async fn ephemeral_with_clock(clock: Arc<dyn Clock>) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .in_memory(true)
            .foreign_keys(true);
        // Every connection to a memory database has its own database, so there is only one.
        let only = pool(1).connect_with(options).await?;
        Self::assemble(only.clone(), only, Arc::new(InMemory::new()), clock, None).await
    }

    async fn assemble(
        writer: SqlitePool,
        reader: SqlitePool,
        blobs: Arc<dyn ObjectStore>,
        clock: Arc<dyn Clock>,
        lock: Option<File>,
    ) -> Result<Self> {
        sqlx::migrate!().run(&writer).await?;
        let inner = Inner {
            writer,
            reader,
            blobs,
            pending: PendingBlobs::default(),
            clock,
            work: Notify::new(),
            callbacks: Notify::new(),
            _lock: lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Waits for running statements, then closes the database. Other handles fail from then on.
    pub async fn close(self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }

    /// The store's clock, in Unix milliseconds.
    pub fn now(&self) -> i64 {
        self.inner.clock.now()
    }

    /// Begins a transaction that writes. It takes the write lock at once: a transaction that
    /// starts reading and upgrades later can fail without waiting.
    async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.inner.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction whose statements all see the same state.
    async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.inner.reader.begin().await?)
    }
}

/// A fresh id as the services write them: `prefix` (`c` for picture jobs, `p` for queues) and 32
/// hexadecimal digits.
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::new_v4().simple())
}

/// A pool that never closes an idle connection: for a memory database that would erase it.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

fn lock_folder(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io_error("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(StoreError::Io {
            operation: "lock",
            path,
            source,
        }),
    }
}

fn io_error(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    move |source| StoreError::Io {
        operation,
        path: path.to_owned(),
        source,
    }
}
