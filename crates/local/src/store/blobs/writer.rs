//! Writing content as it comes, without holding it in memory.

use std::fmt;

use bytes::Bytes;
use object_store::{ObjectStoreExt, PutPayloadMut, WriteMultipart};
use tokio::runtime::Handle;

use super::content::{Blobs, location};
use crate::store::error::Result;

/// Chunks below this size are gathered, so that each does not keep a buffer of its own.
const SMALL: usize = 4096;

/// Content being written. Dropping it discards what was written.
pub(in crate::store) struct Writer {
    blobs: Blobs,
    id: String,
    sending: Sending,
}

/// What has become of the content so far.
enum Sending {
    /// It fits into one part up to now, and may be sent at once.
    Gathered(PutPayloadMut),
    /// It is sent in parts.
    Parts(WriteMultipart),
    /// Nothing more is to come.
    Ended,
}

impl Blobs {
    /// Begins to write the content `id`, which is new.
    pub(in crate::store) fn create(&self, id: &str) -> Writer {
        Writer {
            blobs: self.clone(),
            id: id.to_owned(),
            sending: Sending::Gathered(PutPayloadMut::new()),
        }
    }
}

impl Writer {
    /// Appends `chunk`, waiting while too much is unwritten.
    ///
    /// # Errors
    ///
    /// [`StoreError::MemoryFull`](crate::store::StoreError::MemoryFull) if content is kept in
    /// memory and there is too much of it,
    /// [`StoreError::Unavailable`](crate::store::StoreError::Unavailable) if its place cannot be
    /// reached now.
    pub(in crate::store) async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.blobs.reserve(&self.id, chunk.len())?;
        let part_size = self.blobs.part_size();
        if let Sending::Gathered(gathered) = &mut self.sending {
            if gathered.content_length().saturating_add(chunk.len()) <= part_size {
                append(gathered, chunk);
                return Ok(());
            }
            let at = location(&self.id);
            let upload = self.blobs.content().put_multipart(&at).await;
            let upload = upload.map_err(|error| self.blobs.failed(error))?;
            let mut parts = WriteMultipart::new_with_chunk_size(upload, part_size);
            for chunk in std::mem::take(gathered).freeze() {
                parts.put(chunk);
            }
            self.sending = Sending::Parts(parts);
        }
        if let Sending::Parts(parts) = &mut self.sending {
            let capacity = parts.wait_for_capacity(self.blobs.parts_in_flight()).await;
            capacity.map_err(|error| self.blobs.failed(error))?;
            if chunk.len() < SMALL {
                parts.write(&chunk);
            } else {
                parts.put(chunk);
            }
        }
        Ok(())
    }

    /// Makes the content durable.
    ///
    /// # Errors
    ///
    /// As [`Writer::write`].
    pub(in crate::store) async fn finish(mut self) -> Result<()> {
        let written = match std::mem::replace(&mut self.sending, Sending::Ended) {
            Sending::Gathered(gathered) => {
                let at = location(&self.id);
                self.blobs.content().put(&at, gathered.freeze()).await
            }
            Sending::Parts(parts) => parts.finish().await,
            Sending::Ended => return Ok(()),
        };
        written.map_err(|error| self.blobs.failed(error))?;
        self.blobs.written(&self.id);
        Ok(())
    }
}

/// Appends `chunk` to what is gathered. Many small ones become one, or they would take many times
/// their size.
fn append(gathered: &mut PutPayloadMut, chunk: Bytes) {
    if chunk.len() < SMALL {
        gathered.extend_from_slice(&chunk);
    } else {
        gathered.push(chunk);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Sending::Parts(parts) = std::mem::replace(&mut self.sending, Sending::Ended) else {
            return;
        };
        // A bucket keeps the parts until it is asked to remove them.
        if let Ok(runtime) = Handle::try_current() {
            let id = std::mem::take(&mut self.id);
            runtime.spawn(async move {
                if let Err(error) = parts.abort().await {
                    tracing::warn!(%error, blob = id, "the parts of an upload are left behind");
                }
            });
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
