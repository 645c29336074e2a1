//! What holds wherever content lies.

use bytes::Bytes;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::place::{Place, bytes, fresh, in_every_place, listed, read, write};
use crate::store::StoreError;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

in_every_place!(
    content_is_read_as_it_was_written,
    every_part_can_be_read,
    what_is_not_there_is_missing_and_can_be_deleted,
    what_is_being_written_is_not_there_yet,
    what_is_dropped_leaves_nothing,
    a_listing_has_all_content_and_nothing_else,
    content_belongs_to_one_store,
);

/// Around every size at which something else happens: parts of a folder and a bucket, small chunks,
/// what is kept in the database.
async fn content_is_read_as_it_was_written(place: Place) {
    let blobs = &place.blobs;
    let whole = bytes(20 * MIB);
    let around = |size: usize| [size - 1, size, size + 1];
    let sizes = [around(4096), around(64 * KIB), around(MIB), around(5 * MIB)];
    let sizes = sizes.into_iter().flatten().chain([0, 1, 20 * MIB]);
    for (number, size) in sizes.enumerate() {
        let content = whole.slice(..size);
        let chunk = [size.max(1), 64 * KIB, 1000 * KIB + 1][number % 3];
        let id = write(blobs, &content, chunk).await;
        assert_eq!(blobs.size(&id).await.unwrap(), Some(size as u64));
        let found = read(blobs, &id, 0..size as u64).await;
        assert!(found == content, "{size} bytes in chunks of {chunk}");
        blobs.delete(&id).await.unwrap();
    }
}

async fn every_part_can_be_read(place: Place) {
    let blobs = &place.blobs;
    let mut runner = TestRunner::new(Config::default());
    let part = |size: usize| (0..size, 0..size).prop_map(|(a, b)| a.min(b)..a.max(b) + 1);
    for (size, parts) in [(1, 1), (1000, 40), (6 * MIB + 7, 40)] {
        let content = bytes(size);
        let id = write(blobs, &content, 100_000).await;
        for _ in 0..parts {
            let range = part(size).new_tree(&mut runner).unwrap().current();
            let found = read(blobs, &id, range.start as u64..range.end as u64).await;
            assert!(found == content.slice(range.clone()), "{range:?} of {size}");
        }
    }
}

async fn what_is_not_there_is_missing_and_can_be_deleted(place: Place) {
    let blobs = &place.blobs;
    let id = fresh();
    assert_eq!(blobs.size(&id).await.unwrap(), None);
    for range in [0..0, 0..1] {
        let missing = blobs.read(&id, range).await.map(drop);
        assert!(matches!(missing, Err(StoreError::NoContent(_))));
    }
    blobs.delete(&id).await.unwrap();
    let id = write(blobs, &Bytes::from_static(b"content"), 3).await;
    blobs.delete(&id).await.unwrap();
    blobs.delete(&id).await.unwrap();
    assert_eq!(blobs.size(&id).await.unwrap(), None);
}

async fn what_is_being_written_is_not_there_yet(place: Place) {
    let blobs = &place.blobs;
    for size in [10, 11 * MIB] {
        let id = fresh();
        let mut writer = blobs.create(&id);
        writer.write(bytes(size)).await.unwrap();
        assert_eq!(blobs.size(&id).await.unwrap(), None);
        assert!(listed(blobs).await.iter().all(|found| !found.is_whole()));
        writer.finish().await.unwrap();
        assert_eq!(blobs.size(&id).await.unwrap(), Some(size as u64));
        blobs.delete(&id).await.unwrap();
    }
}

async fn what_is_dropped_leaves_nothing(place: Place) {
    let blobs = &place.blobs;
    let mut writer = blobs.create(&fresh());
    writer.write(bytes(11 * MIB)).await.unwrap();
    drop(writer);
    while !listed(blobs).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

async fn a_listing_has_all_content_and_nothing_else(place: Place) {
    let blobs = &place.blobs;
    assert!(listed(blobs).await.is_empty());
    assert!(blobs.anything().await.unwrap().is_none());
    blobs.set_store_id("store-1").await.unwrap();
    assert!(blobs.anything().await.unwrap().is_some());
    assert!(listed(blobs).await.is_empty());
    let mut expected = Vec::new();
    for size in 0..7 {
        expected.push((write(blobs, &bytes(size), 2).await, size as u64));
    }
    expected.sort();
    let found = listed(blobs).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap().as_millis()).unwrap();
    for found in &found {
        assert!(found.is_whole());
        assert!((now - found.modified).abs() < 3_600_000, "{found:?}");
    }
    let sizes: Vec<_> = found.iter().map(|it| (it.id.clone(), it.size)).collect();
    assert_eq!(sizes, expected);
    for found in &found {
        assert!(blobs.delete_found(found).await.unwrap());
    }
    assert!(listed(blobs).await.is_empty());
}

async fn content_belongs_to_one_store(place: Place) {
    let blobs = &place.blobs;
    assert_eq!(blobs.store_id().await.unwrap(), None);
    for id in ["store-1", "store-22"] {
        blobs.set_store_id(id).await.unwrap();
        assert_eq!(blobs.store_id().await.unwrap().as_deref(), Some(id));
    }
}
