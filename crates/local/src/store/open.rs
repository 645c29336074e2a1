//! How a store is opened.

use std::path::Path;
use std::sync::Arc;

use super::blobs::Blobs;
use super::database::Database;
use super::error::Result;
use super::folder::Folder;
use super::handle::Store;
use super::sqlite::{self, Sqlite};
use super::{identity, processes};
use crate::clock::Clock;
use crate::content_bucket::ContentBucket;

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
        identity::attach(&mut connection, &blobs).await?;
        folder.mark_in_use()?;
        let database = Sqlite::in_file(&folder.database(), connection, group_commit);
        let database = Database::Sqlite(database);
        let store = Self::new(database, blobs, clock, Some(folder));
        processes::join(&store).await?;
        Ok(store)
    }

    /// A store in memory, gone when its last handle is dropped, with `limit` bytes of content at
    /// most; `clock` gives the time.
    pub(crate) async fn in_memory(clock: Arc<dyn Clock>, limit: u64) -> Result<Self> {
        let database = Database::Sqlite(Sqlite::in_memory().await?);
        let store = Self::new(database, Blobs::in_memory(limit), clock, None);
        processes::join(&store).await?;
        Ok(store)
    }
}
