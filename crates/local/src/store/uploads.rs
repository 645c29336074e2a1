//! Content on its way to become an object.
//!
//! What is short stays in memory and is committed with the row of its object. What is longer
//! becomes a blob. A row says which process writes it, before there is anything to see of it, so
//! that it is no garbage while that process lives; the transaction that makes an object of it takes
//! the row away. If the row is gone by then, the process was taken for dead, and nothing is made.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use md5::{Digest, Md5};
use tcloud_core::body;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::blobs::Writer;
use super::connection::Connection;
use super::crc64::Crc64;
use super::error::{Result, StoreError};
use super::garbage;
use super::handle::Store;
use super::sealing::{CustomerKey, Sealed, Sealer};
use super::sql::{Sql, sql};

/// Content being received. Dropping it discards what was written.
pub(crate) struct Upload {
    store: Store,
    id: String,
    receiving: Receiving,
    sealer: Option<Sealer>,
    md5: Md5,
    crc64: body::Crc64,
    size: u64,
}

enum Receiving {
    Memory(BytesMut),
    Blob(Writer, Lease),
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Upload {
    /// Encrypts what is going to be written with `key`, if there is one.
    pub(crate) fn sealed(self, key: Option<&CustomerKey>) -> Self {
        Self {
            sealer: key.map(Sealer::new),
            ..self
        }
    }

    /// Appends `chunk`, waiting while too much is unwritten.
    ///
    /// # Errors
    ///
    /// [`StoreError::MemoryFull`] if content is kept in memory and there is too much of it;
    /// [`StoreError::Unavailable`] if its place cannot be reached now.
    pub(crate) async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.md5.update(&chunk);
        self.crc64.update(&chunk);
        self.size = self
            .size
            .saturating_add(chunk.len().try_into().unwrap_or(u64::MAX));
        let chunk = match &mut self.sealer {
            Some(sealer) => sealer.seal(&chunk),
            None => chunk,
        };
        let limit = self.store.inner.longest_inline;
        if let Receiving::Memory(held) = &mut self.receiving {
            if held.len().saturating_add(chunk.len()) <= limit {
                held.extend_from_slice(&chunk);
                return Ok(());
            }
            let held = std::mem::take(held).freeze();
            let (mut writer, lease) = self.store.begin_blob(&self.id).await?;
            if !held.is_empty() {
                writer.write(held).await?;
            }
            self.receiving = Receiving::Blob(writer, lease);
        }
        match &mut self.receiving {
            Receiving::Blob(writer, _) => writer.write(chunk).await,
            Receiving::Memory(_) => Ok(()),
        }
    }

    /// How many bytes were written so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Makes the content ready to become an object. It stays invisible until then.
    pub(crate) async fn finish(self) -> Result<StagedBlob> {
        let content = match self.receiving {
            Receiving::Memory(content) => Content::Inline(content.freeze()),
            Receiving::Blob(writer, lease) => {
                writer.finish().await?;
                Content::Blob(lease)
            }
        };
        Ok(StagedBlob {
            id: self.id,
            content,
            size: self.size,
            md5: self.md5.finalize().into(),
            crc64: Crc64(self.crc64.value()),
            sealed: self.sealer.map(Sealer::finish),
        })
    }
}

/// Content no object shows yet. Dropping it discards the content.
pub(crate) struct StagedBlob {
    id: String,
    content: Content,
    /// The number of bytes.
    pub(crate) size: u64,
    /// The MD5 digest, for comparison with `Content-MD5`.
    pub(crate) md5: [u8; 16],
    /// The CRC-64 checksum.
    pub(crate) crc64: Crc64,
    /// What it is as it is kept, if it is encrypted.
    sealed: Option<Sealed>,
}

enum Content {
    Inline(Bytes),
    Blob(Lease),
}

impl StagedBlob {
    /// The `ETag` an object made of this content has, without quotes: the MD5 digest of what is kept. So
    /// it says nothing of content that is encrypted with a key of the client's, as the documents have it.
    pub(crate) fn etag(&self) -> String {
        let md5 = self.sealed.map_or(self.md5, |sealed| sealed.md5);
        format!("{:032x}", u128::from_be_bytes(md5))
    }

    /// The CRC-64 of what is kept, if that is encrypted.
    pub(super) fn sealed(&self) -> Option<String> {
        self.sealed.map(|sealed| sealed.crc64.to_string())
    }

    /// The name of the content.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the content is kept with the rows.
    pub(super) const fn is_inline(&self) -> bool {
        matches!(self.content, Content::Inline(_))
    }

    /// Makes the content that of an object, in the object's transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleUpload`] if this process was taken for dead.
    pub(super) async fn place(&self, tx: &mut Connection) -> Result<()> {
        match self.row() {
            Some(row) => row.execute(tx).await.map(drop),
            None if end_lease(tx, &self.id).await? => Ok(()),
            None => Err(StoreError::StaleUpload),
        }
    }

    /// The insertion of the content, if it is kept with the rows.
    pub(super) fn row(&self) -> Option<Sql> {
        let Content::Inline(content) = &self.content else {
            return None;
        };
        let insertion = sql("INSERT INTO contents (id, content) VALUES ($1, $2)");
        Some(insertion.bind(&self.id).bind(&content[..]))
    }

    /// Gives the content up: a committed row names it now.
    pub(super) fn keep(&self) {
        if let Content::Blob(lease) = &self.content {
            lease.ended.store(true, Ordering::Relaxed);
        }
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

/// The row that keeps a blob alive. Dropping it discards the blob.
struct Lease {
    store: Store,
    id: String,
    ended: AtomicBool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.ended.load(Ordering::Relaxed) {
            return;
        }
        // Without a runtime the next start finds the row.
        if let Ok(runtime) = Handle::try_current() {
            let (store, id) = (self.store.clone(), std::mem::take(&mut self.id));
            runtime.spawn(async move { store.discard_upload(&id).await });
        }
    }
}

async fn end_lease(tx: &mut Connection, id: &str) -> Result<bool> {
    let ended = sql("DELETE FROM uploads WHERE blob = $1").bind(id);
    Ok(ended.execute(tx).await? > 0)
}

impl Store {
    /// Begins to receive content for an object.
    pub(crate) fn upload(&self) -> Upload {
        Upload {
            store: self.clone(),
            id: Uuid::new_v4().simple().to_string(),
            receiving: Receiving::Memory(BytesMut::new()),
            sealer: None,
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

    async fn begin_blob(&self, id: &str) -> Result<(Writer, Lease)> {
        let mut tx = self.write().await?;
        let row = sql("INSERT INTO uploads (blob, process) VALUES ($1, $2)")
            .bind(id)
            .bind(&self.inner.process)
            .execute(&mut tx)
            .await;
        // Should the row be lost, the object is refused.
        tx.end_early(row).await?;
        let lease = Lease {
            store: self.clone(),
            id: id.to_owned(),
            ended: AtomicBool::new(false),
        };
        Ok((self.inner.blobs.create(id), lease))
    }

    async fn discard_upload(&self, id: &str) {
        if let Err(error) = self.try_discard_upload(id).await {
            tracing::warn!(%error, blob = id, "content is left to the next garbage collection");
        }
    }

    async fn try_discard_upload(&self, id: &str) -> Result<()> {
        let mut tx = self.write().await?;
        // The caller may have been cancelled while a commit was under way: then an object has the
        // blob, and the row is gone.
        let result = match end_lease(&mut tx, id).await {
            Ok(true) => garbage::note(&mut tx, id, self.now()).await,
            ended => ended,
        };
        if tx.end_early(result).await? {
            self.delete_garbage([id]).await;
        }
        Ok(())
    }
}
