//! The interface to content, whatever place it lies in.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload,
};

#[cfg(feature = "s3")]
use super::bucket::Bucket;
use super::folder::{self, ContentFolder};
use super::found::{Found, own_name};
use super::memory::Quota;
use crate::content_bucket::ContentBucket;
use crate::store::error::{Result, StoreError};

/// Where the id of the store lies in a bucket, beside the content.
const STORE_ID: &str = "store-id";

/// How often a read from a bucket is taken up again at the same byte.
#[cfg(feature = "s3")]
const RESUMPTIONS: u32 = 3;

/// The content of a store. Cloning gives another handle to the same content.
#[derive(Clone)]
pub(in crate::store) struct Blobs(Arc<Inner>);

struct Inner {
    content: Arc<dyn ObjectStore>,
    place: Place,
}

/// Where content lies, with what is special about it.
enum Place {
    Folder(ContentFolder),
    Memory(Quota),
    #[cfg(feature = "s3")]
    Bucket(Bucket),
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the client of a bucket, which knows its keys.
        f.debug_tuple("Blobs").field(&self.location()).finish()
    }
}

impl Blobs {
    /// Content in `folder`, which exists.
    pub(in crate::store) fn in_folder(folder: ContentFolder) -> Result<Self> {
        let content = Arc::new(folder.files()?);
        Ok(Self::new(content, Place::Folder(folder)))
    }

    /// Content in memory, of `limit` bytes in all at most.
    pub(in crate::store) fn in_memory(limit: u64) -> Self {
        let content = Arc::new(InMemory::new());
        Self::new(content, Place::Memory(Quota::new(limit)))
    }

    /// Content in the bucket `named`. Nothing is asked of it yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Bucket`].
    #[cfg(feature = "s3")]
    pub(in crate::store) fn in_bucket(named: &ContentBucket) -> Result<Self> {
        let bucket = Bucket::new(named)?;
        let content = bucket.content();
        Ok(Self::new(content, Place::Bucket(bucket)))
    }

    /// Content in the bucket `named`, of which this build knows nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoBuckets`], always.
    #[cfg(not(feature = "s3"))]
    pub(in crate::store) fn in_bucket(named: &ContentBucket) -> Result<Self> {
        Err(StoreError::NoBuckets {
            url: named.to_string(),
        })
    }

    fn new(content: Arc<dyn ObjectStore>, place: Place) -> Self {
        Self(Arc::new(Inner { content, place }))
    }

    pub(super) fn content(&self) -> &Arc<dyn ObjectStore> {
        &self.0.content
    }

    /// Where it is, for people.
    pub(in crate::store) fn location(&self) -> PathBuf {
        match &self.0.place {
            Place::Folder(folder) => folder.path().to_owned(),
            Place::Memory(_) => PathBuf::from("memory"),
            #[cfg(feature = "s3")]
            Place::Bucket(bucket) => PathBuf::from(bucket.url()),
        }
    }

    /// The file with the content `id`, if content lies in a folder.
    pub(in crate::store) fn file(&self, id: &str) -> Option<PathBuf> {
        match &self.0.place {
            Place::Folder(folder) => Some(folder.path().join(id)),
            _ => None,
        }
    }

    /// How many bytes are sent at once.
    pub(super) fn part_size(&self) -> usize {
        match &self.0.place {
            #[cfg(feature = "s3")]
            Place::Bucket(_) => super::bucket::PART_SIZE,
            _ => 1024 * 1024,
        }
    }

    /// How many parts may be on their way before the sender has to wait.
    pub(super) fn parts_in_flight(&self) -> usize {
        match &self.0.place {
            #[cfg(feature = "s3")]
            Place::Bucket(_) => super::bucket::PARTS_IN_FLIGHT,
            _ => 4,
        }
    }

    /// Counts `bytes` more of the content `id`.
    ///
    /// # Errors
    ///
    /// [`StoreError::MemoryFull`] if content is kept in memory and there is too much of it.
    pub(super) fn reserve(&self, id: &str, bytes: usize) -> Result<()> {
        match &self.0.place {
            Place::Memory(quota) => quota.reserve(id, bytes.try_into().unwrap_or(u64::MAX)),
            _ => Ok(()),
        }
    }

    /// The content `id` has been written.
    pub(super) fn written(&self, id: &str) {
        if let Place::Folder(folder) = &self.0.place {
            folder.tighten(id);
        }
    }

    /// Reads the bytes `range` of the content `id`; all of it, if the range is empty.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoContent`] if there is none, [`StoreError::Unavailable`] if its place cannot
    /// be reached now.
    pub(in crate::store) async fn read(
        &self,
        id: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let read = self.read_once(id, range.clone()).await?;
        #[cfg(feature = "s3")]
        if let Place::Bucket(_) = &self.0.place {
            return Ok(self.resumed(id, range, read));
        }
        Ok(read)
    }

    async fn read_once(
        &self,
        id: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let options = GetOptions {
            // An empty range is an error to the place, so empty content is read whole.
            range: (!range.is_empty()).then_some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.0.content.get_opts(&location(id), options).await;
        let found = found.map_err(|error| self.failed(error))?;
        let blobs = self.clone();
        if let GetResultPayload::File(file, path) = found.payload {
            return folder::stream(file, path, found.range);
        }
        let content = found
            .into_stream()
            .map_err(move |error| blobs.failed(error));
        Ok(content.boxed())
    }

    /// `read` from a bucket, taken up again where it breaks off: content never changes, and a
    /// download may take longer than a bucket or a network lasts.
    #[cfg(feature = "s3")]
    fn resumed(
        &self,
        id: &str,
        range: Range<u64>,
        read: BoxStream<'static, Result<Bytes>>,
    ) -> BoxStream<'static, Result<Bytes>> {
        let begun = (self.clone(), id.to_owned(), range, read, 0);
        futures_util::stream::try_unfold(begun, async |(blobs, id, mut rest, mut read, failed)| {
            let mut failed = failed;
            loop {
                let error = match read.next().await {
                    None => return Ok(None),
                    Some(Ok(chunk)) => {
                        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                        rest.start = rest.start.saturating_add(length);
                        return Ok(Some((chunk, (blobs, id, rest, read, 0))));
                    }
                    Some(Err(error)) => error,
                };
                if failed == RESUMPTIONS || rest.is_empty() {
                    return Err(error);
                }
                failed += 1;
                tracing::info!(blob = id, from = rest.start, %error, "reading is taken up again");
                read = blobs.read_once(&id, rest.clone()).await?;
            }
        })
        .boxed()
    }

    /// The number of bytes of the content `id`, unless there is none.
    #[cfg(test)]
    pub(in crate::store) async fn size(&self, id: &str) -> Result<Option<u64>> {
        match self.0.content.head(&location(id)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Deletes the content `id`. None is no error.
    pub(in crate::store) async fn delete(&self, id: &str) -> Result<()> {
        match self.0.content.delete(&location(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(self.failed(error)),
        }
        if let Place::Memory(quota) = &self.0.place {
            quota.release(id);
        }
        Ok(())
    }

    /// What is there under names that this program gives.
    pub(in crate::store) fn list(&self) -> BoxStream<'static, Result<Found>> {
        if let Place::Folder(folder) = &self.0.place {
            return folder.list();
        }
        let blobs = self.clone();
        let listed = self.0.content.list(None);
        let listed = listed.map_err(move |error| blobs.failed(error));
        listed.try_filter_map(async |meta| Ok(found(&meta))).boxed()
    }

    /// Deletes what a listing has found, and returns whether it was there.
    pub(in crate::store) async fn delete_found(&self, found: &Found) -> Result<bool> {
        if let Place::Folder(folder) = &self.0.place {
            return folder.delete(found).await;
        }
        self.delete(&found.id).await.map(|()| true)
    }

    /// Anything that shows that content lies here, or has lain here.
    pub(in crate::store) async fn anything(&self) -> Result<Option<PathBuf>> {
        if let Place::Folder(folder) = &self.0.place {
            return folder.anything();
        }
        let first = self.0.content.list(None).next().await.transpose();
        let first = first.map_err(|error| self.failed(error))?;
        Ok(first.map(|found| self.location().join(found.location.as_ref())))
    }

    /// The id of the store whose content this is, unless there is none.
    pub(in crate::store) async fn store_id(&self) -> Result<Option<String>> {
        if let Place::Folder(folder) = &self.0.place {
            return folder.store_id();
        }
        let found = match self.0.content.get(&location(STORE_ID)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        let id = found.bytes().await.map_err(|error| self.failed(error))?;
        Ok(Some(String::from_utf8_lossy(&id).trim().to_owned()))
    }

    /// Makes this the content of the store `id`, durably.
    pub(in crate::store) async fn set_store_id(&self, id: &str) -> Result<()> {
        if let Place::Folder(folder) = &self.0.place {
            return folder.set_store_id(id);
        }
        let id = PutPayload::from(format!("{id}\n"));
        let put = self.0.content.put(&location(STORE_ID), id).await;
        put.map(drop).map_err(|error| match error {
            // There is nothing to be found by a PUT but the bucket.
            source @ object_store::Error::NotFound { .. } => StoreError::NoPlace {
                place: self.location().display().to_string(),
                source,
            },
            error => self.failed(error),
        })
    }

    /// What `error` is to the store.
    pub(super) fn failed(&self, error: object_store::Error) -> StoreError {
        match (&self.0.place, error) {
            (_, error @ object_store::Error::NotFound { .. }) => StoreError::NoContent(error),
            #[cfg(feature = "s3")]
            (Place::Bucket(bucket), source @ object_store::Error::Generic { .. }) => {
                StoreError::Unavailable {
                    place: bucket.url().to_owned(),
                    source: source.into(),
                }
            }
            #[cfg(feature = "s3")]
            (
                Place::Bucket(bucket),
                source @ (object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }),
            ) => StoreError::Refused {
                url: bucket.url().to_owned(),
                source,
            },
            (_, error) => error.into(),
        }
    }
}

/// Where the content `id` lies.
pub(super) fn location(id: &str) -> Path {
    Path::from(id)
}

fn found(meta: &ObjectMeta) -> Option<Found> {
    let name = meta.location.filename()?;
    // What lies below another prefix is none of this store's.
    if name != meta.location.as_ref() {
        return None;
    }
    Some(Found {
        id: own_name(name)?.to_owned(),
        name: name.to_owned(),
        size: meta.size,
        modified: meta.last_modified.timestamp_millis(),
    })
}
