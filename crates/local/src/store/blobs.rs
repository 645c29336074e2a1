//! Blobs: content that is too long for a row, written once under a fresh name, never changed.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};

use super::error::Result;
use super::folder::Folder;
use super::quota::Quota;

/// How much is buffered before it is handed to the content store, in bytes.
const PART_SIZE: usize = 1024 * 1024;
/// How many parts may be on their way to the disk before the sender has to wait.
const PARTS_IN_FLIGHT: usize = 4;

/// Where blobs are kept.
pub(super) struct Blobs {
    store: Arc<dyn ObjectStore>,
    pub(super) home: Home,
}

/// The kind of place.
pub(super) enum Home {
    /// On the disk, in a folder held for as long as any handle lives.
    Folder(Arc<Folder>),
    /// In memory, within limits.
    Memory(Arc<Quota>),
}

/// A blob being written. Dropping it discards what was written.
pub(super) struct BlobWriter {
    id: String,
    writer: WriteMultipart,
    folder: Option<Arc<Folder>>,
    quota: Option<Arc<Quota>>,
}

impl Blobs {
    /// Blobs in the folder.
    pub(super) fn in_folder(folder: Arc<Folder>) -> Result<Self> {
        let store = LocalFileSystem::new_with_prefix(folder.blobs())?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            home: Home::Folder(folder),
        })
    }

    /// Blobs in memory, `limit` bytes in all at most.
    pub(super) fn in_memory(limit: u64) -> Self {
        Self {
            store: Arc::new(InMemory::new()),
            home: Home::Memory(Arc::new(Quota::new(limit))),
        }
    }

    /// Begins to write the blob `id`.
    pub(super) async fn begin(&self, id: &str) -> Result<BlobWriter> {
        let parts = self.store.put_multipart(&Path::from(id)).await?;
        let (folder, quota) = match &self.home {
            Home::Folder(folder) => (Some(Arc::clone(folder)), None),
            Home::Memory(quota) => (None, Some(Arc::clone(quota))),
        };
        Ok(BlobWriter {
            id: id.to_owned(),
            writer: WriteMultipart::new_with_chunk_size(parts, PART_SIZE),
            folder,
            quota,
        })
    }

    /// The bytes `range` of the blob `id`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Blob`](super::StoreError::Blob), with `NotFound` if there is no such blob.
    pub(super) async fn read(
        &self,
        id: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let options = GetOptions {
            // An empty range is an error to the content store, so an empty blob is read whole.
            range: (!range.is_empty()).then_some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&Path::from(id), options).await?;
        Ok(found.into_stream().map_err(Into::into).boxed())
    }

    /// Deletes the blob `id`. A missing one is no error.
    pub(super) async fn delete(&self, id: &str) -> Result<()> {
        match self.store.delete(&Path::from(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if let Home::Memory(quota) = &self.home {
            quota.release(id);
        }
        Ok(())
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

impl BlobWriter {
    /// Appends `chunk`, waiting while too much is unwritten.
    ///
    /// # Errors
    ///
    /// [`StoreError::MemoryFull`](super::StoreError::MemoryFull) if blobs are kept in memory and
    /// there is too much of them.
    pub(super) async fn write(&mut self, chunk: Bytes) -> Result<()> {
        if let Some(quota) = &self.quota {
            let length = chunk.len().try_into().unwrap_or(u64::MAX);
            quota.reserve(&self.id, length)?;
        }
        self.writer.wait_for_capacity(PARTS_IN_FLIGHT).await?;
        self.writer.put(chunk);
        Ok(())
    }

    /// Makes the blob durable.
    pub(super) async fn finish(self) -> Result<()> {
        self.writer.finish().await?;
        if let Some(folder) = &self.folder {
            folder.tighten_blob(&self.id);
        }
        Ok(())
    }
}
