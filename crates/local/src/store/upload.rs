//! Uploads: content on its way into the store, until a row names it.

use std::fmt;

use bytes::Bytes;
use md5::{Digest, Md5};
use tcloud_core::body;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::blobs::Writer;
use super::crc64::Crc64;
use super::error::Result;
use super::handle::Store;

/// Content being received. Dropping it discards what was written.
pub(crate) struct Upload {
    blob: BlobGuard,
    writer: Writer,
    md5: Md5,
    crc64: body::Crc64,
    size: u64,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Upload {
    /// Appends `chunk`, waiting while too much is unwritten.
    ///
    /// # Errors
    ///
    /// [`StoreError::MemoryFull`](super::StoreError::MemoryFull) if content is kept in memory and
    /// there is too much of it; [`StoreError::Unavailable`](super::StoreError::Unavailable) if its
    /// place cannot be reached now.
    pub(crate) async fn write(&mut self, chunk: Bytes) -> Result<()> {
        let length = chunk.len().try_into().unwrap_or(u64::MAX);
        self.md5.update(&chunk);
        self.crc64.update(&chunk);
        self.size = self.size.saturating_add(length);
        self.writer.write(chunk).await
    }

    /// How many bytes were written so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Makes the content durable. It stays invisible until an object is made of it.
    pub(crate) async fn finish(self) -> Result<StagedBlob> {
        self.writer.finish().await?;
        Ok(StagedBlob {
            blob: self.blob,
            size: self.size,
            md5: self.md5.finalize().into(),
            crc64: Crc64(self.crc64.value()),
        })
    }
}

/// Durable content no object shows yet. Dropping it discards the content.
pub(crate) struct StagedBlob {
    pub(super) blob: BlobGuard,
    /// The number of bytes.
    pub(crate) size: u64,
    /// The MD5 digest, for comparison with `Content-MD5`.
    pub(crate) md5: [u8; 16],
    /// The CRC-64 checksum.
    pub(crate) crc64: Crc64,
}

impl StagedBlob {
    /// The `ETag` an object made of this content has, without quotes.
    pub(crate) fn etag(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.md5))
    }
}

impl fmt::Debug for StagedBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StagedBlob")
            .field("size", &self.size)
            .field("etag", &self.etag())
            .finish_non_exhaustive()
    }
}

/// Ownership of one pending blob.
pub(super) struct BlobGuard {
    store: Store,
    id: String,
    kept: bool,
}

impl BlobGuard {
    fn new(store: Store) -> Self {
        let id = Uuid::new_v4().simple().to_string();
        store.inner.pending.lock().insert(id.clone());
        Self {
            store,
            id,
            kept: false,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Gives up ownership: a committed row names the blob now.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for BlobGuard {
    fn drop(&mut self) {
        let id = std::mem::take(&mut self.id);
        match Handle::try_current() {
            Ok(runtime) if !self.kept => {
                let store = self.store.clone();
                runtime.spawn(async move {
                    // The caller may have been cancelled while a commit was under way, so the
                    // row may exist: ask rather than delete.
                    store.reclaim([id.as_str()]).await;
                    store.inner.pending.lock().remove(&id);
                });
            }
            _ => {
                self.store.inner.pending.lock().remove(&id);
            }
        }
    }
}

impl Store {
    /// Begins to receive content for an object.
    pub(crate) fn upload(&self) -> Upload {
        let blob = BlobGuard::new(self.clone());
        let writer = self.inner.blobs.create(blob.id());
        Upload {
            blob,
            writer,
            md5: Md5::new(),
            crc64: body::Crc64::new(),
            size: 0,
        }
    }

    /// [`Store::upload`] of content that is in memory.
    #[cfg_attr(
        not(feature = "pictures"),
        allow(dead_code, reason = "only jobs with pictures have it")
    )]
    pub(crate) async fn upload_bytes(&self, content: Bytes) -> Result<StagedBlob> {
        let mut upload = self.upload();
        upload.write(content).await?;
        upload.finish().await
    }
}
