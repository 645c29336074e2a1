//! Places to test.

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use tempfile::TempDir;

#[cfg(feature = "s3")]
use super::s3::Server;
use crate::store::blobs::{Blobs, ContentFolder, Found};

/// Runs each test on every kind of place.
macro_rules! in_every_place {
    ($($test:ident),+ $(,)?) => {
        in_every_place!(@ in_folder: $($test),+);
        in_every_place!(@ in_memory: $($test),+);
        #[cfg(feature = "s3")]
        in_every_place!(@ in_bucket: $($test),+);
    };
    (@ $place:ident: $($test:ident),+) => {
        mod $place {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Place::$place().await).await;
            })+
        }
    };
}
pub(super) use in_every_place;

/// Content somewhere, and what it takes to be there.
pub(super) struct Place {
    pub(super) blobs: Blobs,
    _folder: Option<TempDir>,
    #[cfg(feature = "s3")]
    _server: Option<Server>,
}

impl Place {
    #[expect(clippy::unused_async, reason = "one of several kinds")]
    pub(super) async fn in_folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let content = ContentFolder::new(folder.path().to_owned());
        Self {
            blobs: Blobs::in_folder(content).unwrap(),
            _folder: Some(folder),
            #[cfg(feature = "s3")]
            _server: None,
        }
    }

    #[expect(clippy::unused_async, reason = "one of several kinds")]
    pub(super) async fn in_memory() -> Self {
        Self {
            blobs: Blobs::in_memory(u64::MAX),
            _folder: None,
            #[cfg(feature = "s3")]
            _server: None,
        }
    }

    #[cfg(feature = "s3")]
    pub(super) async fn in_bucket() -> Self {
        let server = Server::start().await;
        Self {
            blobs: Blobs::in_bucket(&server.bucket("s3://content/team/ci")).unwrap(),
            _folder: None,
            _server: Some(server),
        }
    }
}

/// A name that no content has yet.
pub(super) fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Writes `content` in chunks of `chunk` bytes and returns its name.
pub(super) async fn write(blobs: &Blobs, content: &Bytes, chunk: usize) -> String {
    let id = fresh();
    let mut writer = blobs.create(&id);
    let mut rest = content.clone();
    while !rest.is_empty() {
        let next = rest.split_to(chunk.min(rest.len()));
        writer.write(next).await.unwrap();
    }
    writer.finish().await.unwrap();
    id
}

/// The bytes `range` of the content `id`.
pub(super) async fn read(blobs: &Blobs, id: &str, range: std::ops::Range<u64>) -> Bytes {
    let content = blobs.read(id, range).await.unwrap();
    let all = content.try_fold(BytesMut::new(), async |mut all, chunk| {
        all.extend_from_slice(&chunk);
        Ok(all)
    });
    all.await.unwrap().freeze()
}

/// Everything that is there, in the order of its names.
pub(super) async fn listed(blobs: &Blobs) -> Vec<Found> {
    let mut all: Vec<_> = blobs.list().try_collect().await.unwrap();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// `size` bytes, no two stretches of which are the same.
pub(super) fn bytes(size: usize) -> Bytes {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut all = Vec::with_capacity(size + 8);
    while all.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        all.extend_from_slice(&state.to_le_bytes());
    }
    all.truncate(size);
    all.into()
}
