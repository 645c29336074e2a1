//! How a store is opened and closed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "postgres")]
use tokio_util::task::AbortOnDropHandle;

#[cfg(feature = "postgres")]
use super::beating;
use super::blobs::Blobs;
#[cfg(feature = "postgres")]
use super::blobs::ContentFolder;
use super::database::Database;
use super::error::Result;
use super::folder::Folder;
use super::handle::{LONGEST_INLINE, Parts, Store};
#[cfg(feature = "postgres")]
use super::postgres;
use super::signals::Signals;
use super::sqlite::{self, Sqlite};
use super::{identity, processes};
use crate::clock::Clock;
use crate::content_bucket::ContentBucket;
use crate::database_url::DatabaseUrl;

/// Where processes that share a database keep content.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "postgres"),
    expect(
        dead_code,
        reason = "a state that is shared is refused by name without the feature"
    )
)]
pub(crate) enum SharedContent<'a> {
    /// In a bucket.
    Bucket(&'a ContentBucket),
    /// In a folder that all of them see.
    Folder(&'a Path),
}

impl Store {
    /// Opens the data folder at `path`, creating it if needed; `clock` gives the time. Blobs lie in
    /// the folder, too, unless there is a `bucket` for them. Writes that come at the same time share
    /// an fsync if `group_commit`.
    ///
    /// Jobs that were running when the folder was last in use wait to be claimed again: the lock of
    /// the folder proves that their process is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`](super::StoreError::InUse) if another process has the folder open;
    /// [`StoreError::LostDatabase`](super::StoreError::LostDatabase),
    /// [`StoreError::LostLog`](super::StoreError::LostLog) or
    /// [`StoreError::Mismatch`](super::StoreError::Mismatch) if its parts do not belong together;
    /// [`StoreError::NewerSchema`](super::StoreError::NewerSchema) if a newer version wrote it.
    pub(crate) async fn in_folder(
        path: impl AsRef<Path>,
        bucket: Option<&ContentBucket>,
        clock: Arc<dyn Clock>,
        group_commit: bool,
    ) -> Result<Self> {
        let folder = Folder::take(path.as_ref())?;
        let blobs = match bucket {
            Some(bucket) => Blobs::in_bucket(bucket)?,
            None => Blobs::in_folder(folder.blobs())?,
        };
        let mut connection = sqlite::connect(&folder.database()).await?;
        identity::check(&mut connection, &folder, &blobs).await?;
        // The log has been read. If this fails from here on, closing the database deletes it.
        folder.unmark_in_use();
        sqlite::migrate(&mut connection).await?;
        let database = Sqlite::in_file(&folder.database(), connection, group_commit);
        let database = Database::Sqlite(Box::new(database));
        // This writes, so the log is on the disk before the folder is marked as in use.
        identity::attach(&database, &blobs).await?;
        folder.mark_in_use()?;
        let store = Self::new(Parts {
            database,
            blobs,
            clock,
            folder: Some(folder),
            signals: Signals::default(),
            lease: i64::MAX,
            longest_inline: LONGEST_INLINE,
        });
        processes::join(&store).await?;
        Ok(store)
    }

    /// A store in memory, gone when its last handle is dropped, with `limit` bytes of content at
    /// most; `clock` gives the time.
    pub(crate) async fn in_memory(clock: Arc<dyn Clock>, limit: u64) -> Result<Self> {
        let database = Database::Sqlite(Box::new(Sqlite::in_memory().await?));
        let store = Self::new(Parts {
            database,
            blobs: Blobs::in_memory(limit),
            clock,
            folder: None,
            signals: Signals::default(),
            lease: i64::MAX,
            // It counts against the limit of the blobs.
            longest_inline: 0,
        });
        processes::join(&store).await?;
        Ok(store)
    }

    /// Joins the processes that use the database at `url`, with `content` beside it. This one counts
    /// as alive for `lease` without saying so; `clock` gives the time until the database has.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database or the bucket
    /// cannot be reached; [`StoreError::Mismatch`](super::StoreError::Mismatch) if they do not
    /// belong together; what [`postgres::Database::connect`] says.
    #[cfg(feature = "postgres")]
    pub(crate) async fn shared(
        url: &DatabaseUrl,
        content: SharedContent<'_>,
        lease: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let blobs = match content {
            SharedContent::Bucket(bucket) => Blobs::in_bucket(bucket)?,
            SharedContent::Folder(path) => {
                let folder = ContentFolder::new(path.join("blobs"));
                folder.check()?;
                folder.create()?;
                Blobs::in_folder(folder)?
            }
        };
        let database = postgres::Database::connect(url.expose()).await?;
        Self::over_postgres(database, blobs, LONGEST_INLINE, lease, clock).await
    }

    /// [`Store::shared`] over what is open, with content of up to `longest_inline` bytes in the
    /// database.
    #[cfg(feature = "postgres")]
    pub(super) async fn over_postgres(
        database: postgres::Database,
        blobs: Blobs,
        longest_inline: usize,
        lease: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let pool = database.pool();
        let database = Database::Postgres(database);
        let channel = format!("tcloud {}", identity::attach(&database, &blobs).await?);
        let (signals, told) = Signals::shared();
        let store = Self::new(Parts {
            database,
            blobs,
            clock,
            folder: None,
            signals,
            lease: i64::try_from(lease.as_millis()).unwrap_or(i64::MAX),
            longest_inline,
        });
        processes::join(&store).await?;
        store.beat().await?;
        let signals = Arc::clone(&store.inner.signals);
        let hear = postgres::signals::hear(pool.clone(), channel.clone(), signals);
        let mut tasks = vec![
            AbortOnDropHandle::new(tokio::spawn(postgres::signals::tell(pool, channel, told))),
            AbortOnDropHandle::new(tokio::spawn(hear)),
        ];
        // Where a test moves the clock, it also says which process lives.
        if store.inner.database.has_clock() {
            let beating = beating::keep(Arc::downgrade(&store.inner));
            tasks.push(AbortOnDropHandle::new(tokio::spawn(beating)));
        }
        // Nobody else has the store yet.
        let _ = store.inner.background.set(tasks);
        Ok(store)
    }

    /// What a build without PostgreSQL says.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoDatabases`](super::StoreError::NoDatabases), always.
    #[cfg(not(feature = "postgres"))]
    #[expect(clippy::unused_async, reason = "as with the feature")]
    pub(crate) async fn shared(
        url: &DatabaseUrl,
        _: SharedContent<'_>,
        _: Duration,
        _: Arc<dyn Clock>,
    ) -> Result<Self> {
        Err(super::StoreError::NoDatabases {
            url: url.to_string(),
        })
    }

    /// Waits for running statements, then closes the database and releases the folder. Other
    /// handles fail from then on.
    pub(crate) async fn close(self) {
        #[cfg(feature = "postgres")]
        if let Database::Postgres(_) = &self.inner.database
            && let Err(error) = self.leave().await
        {
            tracing::warn!(%error, "the others learn by the lease that this process has ended");
        }
        for task in self.inner.background.get().into_iter().flatten() {
            task.abort();
        }
        if let Some(folder) = &self.inner.folder {
            // Closing the database deletes its log.
            folder.unmark_in_use();
        }
        self.inner.database.close().await;
        if let Some(folder) = &self.inner.folder {
            folder.release();
        }
    }
}
