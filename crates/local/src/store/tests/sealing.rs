//! Content that is encrypted with a key of the client's.

use std::fs;
use std::sync::Arc;

use bytes::Bytes;

use super::fixture::{
    BUCKET, FAR_FUTURE, Fixture, REGION, START, long, name, on_every_store, put, text,
};
use crate::clock::ManualClock;
use crate::store::{
    Acl, ByteRange, CustomerKey, ListedPart, Object, Overwrite, StagedBlob, Store, StoreError,
};

on_every_store!(
    what_is_sealed_is_read_with_its_key_alone,
    parts_are_sealed_one_by_one,
    a_copy_shows_the_same_sealed_content,
    nothing_is_appended_to_what_is_sealed,
);

fn key(byte: u8) -> CustomerKey {
    CustomerKey::new([byte; 32]).unwrap()
}

async fn stage(store: &Store, content: &str) -> StagedBlob {
    let mut upload = store.upload().sealed(Some(&key(1)));
    for chunk in content.as_bytes().chunks(50_001) {
        upload.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
    upload.finish().await.unwrap()
}

async fn put_sealed(store: &Store, at: &str, content: &str) -> Object {
    let blob = stage(store, content).await;
    let (at, attributes) = (name(at), text());
    let put = store.put_object(&at, blob, &attributes, Overwrite::Allow);
    put.await.unwrap()
}

async fn read(store: &Store, at: &str, range: Option<ByteRange>, by: u8) -> Vec<u8> {
    let key = key(by);
    let read = store.get_sealed(&name(at), None, range, Some(&key)).await;
    read.unwrap().bytes().await.unwrap().to_vec()
}

async fn what_is_sealed_is_read_with_its_key_alone(fixture: &Fixture) {
    let store = &fixture.store;
    for content in ["", "short", &long("0123456789")] {
        let object = put_sealed(store, "key", content).await;
        assert!(object.is_sealed());
        assert_eq!(object.size, content.len() as u64);
        assert_eq!(object.crc64.0, tcloud_core::body::crc64(content.as_bytes()));
        assert_eq!(read(store, "key", None, 1).await, content.as_bytes());
        let without = store.get_object(&name("key"), None).await;
        assert!(matches!(without, Err(StoreError::Sealed(at)) if at == name("key")));
        if !content.is_empty() {
            assert_ne!(read(store, "key", None, 2).await, content.as_bytes());
            let plain = put(store, "plain", content).await;
            assert_ne!(object.etag, plain.etag, "a digest says what the content is");
        }
        assert_eq!(store.findings().await, []);
    }
    let whole = long("0123456789").into_bytes();
    let last = whole.len() - 1;
    for (from, to) in [(0, 0), (15, 17), (33_333, 66_666), (last, last)] {
        let range = ByteRange::Between(from as u64, to as u64);
        assert_eq!(read(store, "key", Some(range), 1).await, &whole[from..=to]);
    }
    // A key does no harm where none is needed.
    put(store, "plain", "content").await;
    assert_eq!(read(store, "plain", None, 1).await, b"content");
}

async fn parts_are_sealed_one_by_one(fixture: &Fixture) {
    let store = &fixture.store;
    let begun = store.begin_multipart(&name("key"), &text(), "1").await;
    let id = begun.unwrap().id;
    let mut listed = Vec::new();
    let contents = [
        "a".repeat(1024 * 1024),
        "b".repeat(1024 * 1024),
        "last".into(),
    ];
    for (number, content) in (1..).zip(&contents) {
        let blob = stage(store, content).await;
        let part = store
            .put_part(&name("key"), &id, number, blob)
            .await
            .unwrap();
        let etag = part.etag;
        listed.push(ListedPart { number, etag });
    }
    assert_eq!(store.findings().await, []);
    let made = store.complete_multipart(&name("key"), &id, &listed).await;
    let (made, whole) = (made.unwrap(), contents.concat().into_bytes());
    assert!(made.is_sealed());
    assert_eq!(
        (made.size, made.crc64.0),
        (whole.len() as u64, tcloud_core::body::crc64(&whole))
    );
    assert_eq!(read(store, "key", None, 1).await, whole);
    let border = 1024 * 1024;
    for (from, to) in [(border - 1, border), (border, border), (5, 2 * border + 2)] {
        let range = ByteRange::Between(from as u64, to as u64);
        assert_eq!(read(store, "key", Some(range), 1).await, &whole[from..=to]);
    }
    assert_eq!(store.findings().await, []);
}

async fn a_copy_shows_the_same_sealed_content(fixture: &Fixture) {
    let store = &fixture.store;
    let source = put_sealed(store, "key", "content").await;
    let to = name("copy");
    let copy = store.copy_object(&source, &to, text(), Overwrite::Allow);
    assert!(copy.await.unwrap().is_sealed());
    store.delete_object(&name("key")).await.unwrap();
    assert_eq!(read(store, "copy", None, 1).await, b"content");
    store
        .rename_object(&name("copy"), &name("moved"), Overwrite::Allow)
        .await
        .unwrap();
    assert_eq!(read(store, "moved", None, 1).await, b"content");
    assert_eq!(store.findings().await, []);
}

async fn nothing_is_appended_to_what_is_sealed(fixture: &Fixture) {
    let store = &fixture.store;
    put_sealed(store, "key", "content").await;
    let more = store.upload_bytes("more".into()).await.unwrap();
    let (at, attributes) = (name("key"), text());
    let appended = store.append_object(&at, 7, more, &attributes, u64::MAX);
    assert!(matches!(appended.await, Err(StoreError::NotAppendable(_))));
    assert_eq!(read(store, "key", None, 1).await, b"content");
}

/// What the files of the folder `blobs` hold, one after the other.
fn files(folder: &std::path::Path) -> Vec<u8> {
    let blobs = fs::read_dir(folder.join("blobs")).unwrap();
    let files = blobs.map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.flatten().collect()
}

#[tokio::test]
async fn the_disk_has_no_word_of_it_and_a_restart_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    store
        .create_bucket(BUCKET, REGION, Acl::Private)
        .await
        .unwrap();
    let (secret, long) = ("the secret of the house", long("the secret of the house"));
    put_sealed(&store, "short", secret).await;
    put_sealed(&store, "long", &long).await;
    store.close().await;
    for file in ["tcloud.db", "tcloud.db-wal"] {
        if let Ok(rows) = fs::read(folder.path().join(file)) {
            assert!(memchr(&rows, secret.as_bytes()).is_none(), "{file}");
        }
    }
    let kept = files(folder.path());
    assert!(kept.len() > long.len() && memchr(&kept, b"secret").is_none());
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(read(&store, "short", None, 1).await, secret.as_bytes());
    assert_eq!(read(&store, "long", None, 1).await, long.as_bytes());
}

fn memchr(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|it| it == wanted)
}

#[tokio::test]
async fn damage_is_found_without_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    store
        .create_bucket(BUCKET, REGION, Acl::Private)
        .await
        .unwrap();
    let file = put_sealed(&store, "key", &long("content")).await.blob;
    let file = folder.path().join("blobs").join(file);
    let mut kept = fs::read(&file).unwrap();
    assert_eq!(store.findings().await, []);
    // Where the counter starts, and what is encrypted.
    for at in [3, 30_000] {
        kept[at] ^= 1;
        fs::write(&file, &kept).unwrap();
        assert_eq!(store.findings().await.len(), 1, "{at}");
        kept[at] ^= 1;
    }
    fs::write(&file, &kept[..10]).unwrap();
    assert_eq!(store.findings().await.len(), 1);
}

/// A client that hangs up drops its request anywhere.
#[tokio::test]
async fn an_upload_dropped_halfway_leaves_a_whole_object_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::in_folder(folder.path(), None, clock.clone(), true)
        .await
        .unwrap();
    store
        .create_bucket(BUCKET, REGION, Acl::Private)
        .await
        .unwrap();
    let content = long("content");
    for turns in 0..60_usize {
        let at = format!("key-{turns}");
        tokio::select! {
            biased;
            _ = put_sealed(&store, &at, &content) => {}
            () = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    }
    store.come_to_rest().await;
    let mut whole = 0;
    for turns in 0..60_usize {
        let at = format!("key-{turns}");
        match store.head_object(&name(&at)).await {
            Ok(_) => {
                assert_eq!(read(&store, &at, None, 1).await, content.as_bytes());
                whole += 1;
            }
            Err(StoreError::NoSuchObject(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    clock.set(FAR_FUTURE);
    store.collect_garbage().await.unwrap();
    assert_eq!(store.findings().await, []);
    let blobs = fs::read_dir(folder.path().join("blobs")).unwrap().count();
    // The file with the store's id is there as well.
    assert_eq!(blobs, whole + 1);
}
