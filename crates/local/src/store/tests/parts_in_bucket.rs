//! Uploads in parts whose content is in an S3 bucket that fails and comes back.

use std::sync::Arc;

use bytes::Bytes;

use super::fixture::{BUCKET, FAR_FUTURE, REGION, START, name, text};
use crate::clock::ManualClock;
use crate::store::{Acl, ByteRange, ListedPart, Server, Store, StoreError};

/// More than one request to the bucket takes.
const LONG: usize = 6 * 1024 * 1024;

struct Fixture {
    server: Server,
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Fixture {
    async fn new() -> (Self, Store) {
        let fixture = Self {
            server: Server::start().await,
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(START)),
        };
        let store = fixture.open().await;
        let created = store.create_bucket(BUCKET, REGION, Acl::Private).await;
        created.unwrap();
        (fixture, store)
    }

    async fn open(&self) -> Store {
        let bucket = self.server.bucket("s3://content/parts");
        let clock = Arc::clone(&self.clock) as _;
        let store = Store::in_folder(self.folder.path(), Some(&bucket), clock, true).await;
        let mut store = store.unwrap();
        Arc::get_mut(&mut store.inner).unwrap().longest_inline = 0;
        store
    }
}

/// Content that differs from part to part and from place to place.
fn long(part: u8) -> Bytes {
    let bytes = (0..LONG).map(|at| (at / 1024 + usize::from(part) * 7) % 251);
    bytes.filter_map(|it| u8::try_from(it).ok()).collect()
}

async fn begin(store: &Store) -> String {
    let begun = store.begin_multipart(&name("key"), &text(), "1").await;
    begun.unwrap().id
}

async fn upload(
    store: &Store,
    id: &str,
    number: u32,
    bytes: Bytes,
) -> Result<ListedPart, StoreError> {
    let blob = store.upload_bytes(bytes).await?;
    let part = store.put_part(&name("key"), id, number, blob).await?;
    Ok(ListedPart {
        number,
        etag: part.etag,
    })
}

async fn read(store: &Store, range: Option<ByteRange>) -> Bytes {
    let reader = store.get_object(&name("key"), range).await.unwrap();
    reader.bytes().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_go_on_when_the_bucket_is_back() {
    let (fixture, store) = Fixture::new().await;
    let id = begin(&store).await;
    let first = upload(&store, &id, 1, long(1)).await.unwrap();
    fixture.server.stop().await;
    for bytes in [Bytes::from_static(b"short"), long(2)] {
        let away = upload(&store, &id, 2, bytes).await;
        assert!(matches!(away, Err(StoreError::Unavailable { .. })));
    }
    let (_, parts, _) = store.list_parts(&name("key"), &id, 0, 9).await.unwrap();
    assert_eq!(parts.len(), 1, "the part that was refused is not there");
    // Names and sizes are rows: an upload is completed, and given up, without the bucket.
    let object = store
        .complete_multipart(&name("key"), &id, std::slice::from_ref(&first))
        .await
        .unwrap();
    assert_eq!(object.size, LONG as u64);
    let reader = store.get_object(&name("key"), None).await;
    let unread = match reader {
        Ok(reader) => reader.bytes().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(
        matches!(unread, Err(StoreError::Unavailable { .. })),
        "{unread:?}"
    );
    fixture.server.resume().await;
    assert!(read(&store, None).await == long(1));
    assert_eq!(store.findings().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_parts_are_read_across_their_borders_and_over_broken_connections() {
    let (fixture, store) = Fixture::new().await;
    let id = begin(&store).await;
    let mut listed = Vec::new();
    for number in [3, 1, 2] {
        let bytes = long(u8::try_from(number).unwrap());
        listed.push(upload(&store, &id, number, bytes).await.unwrap());
    }
    listed.sort_by_key(|part| part.number);
    let object = store.complete_multipart(&name("key"), &id, &listed).await;
    let whole = [long(1), long(2), long(3)].concat();
    assert_eq!(object.unwrap().crc64.0, tcloud_core::body::crc64(&whole));
    let border = LONG as u64;
    for (first, last) in [
        (0, 0),
        (border - 1, border),
        (border - 3, 2 * border + 3),
        (2 * border, 3 * border - 1),
    ] {
        let found = read(&store, Some(ByteRange::Between(first, last))).await;
        let at = usize::try_from(first).unwrap()..=usize::try_from(last).unwrap();
        assert!(found == whole[at], "{first} to {last}");
    }
    fixture.server.cut_after(1024 * 1024);
    assert!(read(&store, None).await == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_while_the_bucket_is_away_is_garbage_later() {
    let (fixture, store) = Fixture::new().await;
    let id = begin(&store).await;
    upload(&store, &id, 1, long(1)).await.unwrap();
    upload(&store, &id, 2, Bytes::from_static(b"end"))
        .await
        .unwrap();
    assert_eq!(store.pieces().await, 2);
    fixture.server.stop().await;
    store.abort_multipart(&name("key"), &id).await.unwrap();
    store.come_to_rest().await;
    fixture.server.resume().await;
    store.close().await;
    fixture.clock.set(FAR_FUTURE);
    let store = fixture.open().await;
    store.collect_garbage().await.unwrap();
    assert_eq!(store.pieces().await, 0);
    assert_eq!(store.findings().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_objects_outlive_the_process() {
    let (fixture, store) = Fixture::new().await;
    let id = begin(&store).await;
    let first = upload(&store, &id, 1, long(1)).await.unwrap();
    let on_its_way = store.upload_bytes(long(9)).await.unwrap();
    store.die();
    on_its_way.abandon();
    drop(store);
    fixture.clock.set(FAR_FUTURE);
    let store = fixture.open().await;
    assert_eq!(
        store.collect_garbage().await.unwrap(),
        1,
        "the one on its way"
    );
    let last = upload(&store, &id, 2, Bytes::from_static(b"end"))
        .await
        .unwrap();
    let object = store
        .complete_multipart(&name("key"), &id, &[first, last])
        .await;
    assert_eq!(object.unwrap().size, LONG as u64 + 3);
    assert!(read(&store, None).await == [&long(1)[..], b"end"].concat());
    store.delete_object(&name("key")).await.unwrap();
    store.come_to_rest().await;
    assert_eq!(store.pieces().await, 0);
}
