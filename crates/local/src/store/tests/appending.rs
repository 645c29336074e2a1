//! Objects that grow.

use super::fixture::{Fixture, content, long, name, on_every_store, put, text};
use crate::store::{ByteRange, Object, ObjectAttributes, Result, Store, StoreError};

on_every_store!(
    an_object_grows_at_its_end,
    data_is_added_at_the_end_and_nowhere_else,
    what_was_stored_as_a_whole_does_not_grow,
    pieces_of_all_lengths_are_one_content,
    there_is_a_longest,
);

async fn append(store: &Store, key: &str, position: u64, data: &str) -> Result<Object> {
    append_up_to(store, key, position, data, u64::MAX).await
}

async fn append_up_to(
    store: &Store,
    key: &str,
    position: u64,
    data: &str,
    limit: u64,
) -> Result<Object> {
    let blob = store.upload_bytes(data.to_owned().into()).await.unwrap();
    store
        .append_object(&name(key), position, blob, &text(), limit)
        .await
}

async fn an_object_grows_at_its_end(fixture: &Fixture) {
    let store = &fixture.store;
    let first = append(store, "log", 0, "1234").await.unwrap();
    // echo -n 1234 | md5sum
    assert_eq!(first.etag, "81dc9bdb52d04dc20036dbd8313ed055");
    assert!(first.is_appendable());
    let second = append(store, "log", 4, "567").await.unwrap();
    assert_ne!(second.etag, first.etag);
    let third = append(store, "log", 7, "89").await.unwrap();
    // The catalogue's check value of CRC-64/XZ.
    assert_eq!(third.crc64.to_string(), "11051210869376104954");
    assert_eq!(third.size, 9);
    assert_eq!(store.head_object(&name("log")).await.unwrap(), third);
    assert_eq!(content(store, "log").await, "123456789");
    for (first, last, expected) in [
        (2, 5, "3456"),
        (4, 4, "5"),
        (6, 8, "789"),
        (0, 8, "123456789"),
    ] {
        let range = ByteRange::Between(first, last);
        let reader = store.get_object(&name("log"), Some(range)).await.unwrap();
        assert_eq!(reader.bytes().await.unwrap(), expected);
    }
    assert_eq!(store.findings().await, []);
    assert_eq!(store.pieces().await, 3);
    store.delete_object(&name("log")).await.unwrap();
    assert_eq!(store.pieces().await, 0);
}

async fn data_is_added_at_the_end_and_nowhere_else(fixture: &Fixture) {
    let store = &fixture.store;
    let at = |result: Result<Object>| match result {
        Err(StoreError::AppendPosition { end, position, .. }) => (end, position),
        other => panic!("{other:?}"),
    };
    assert_eq!(at(append(store, "log", 5, "data").await), (0, 5));
    append(store, "log", 0, "data").await.unwrap();
    assert_eq!(at(append(store, "log", 0, "data").await), (4, 0));
    assert_eq!(at(append(store, "log", 5, "data").await), (4, 5));
    assert_eq!(content(store, "log").await, "data");
    store.require_end(&name("log"), 4).await.unwrap();
    store.require_end(&name("log"), 3).await.unwrap_err();
    store.require_end(&name("none"), 0).await.unwrap();
    // Nothing adds nothing, and an object may be empty for a while.
    append(store, "log", 4, "").await.unwrap();
    assert_eq!(content(store, "log").await, "data");
    let blob = store.upload_bytes("".into()).await.unwrap();
    let own = ObjectAttributes {
        content_type: "text/x-log".into(),
        ..text()
    };
    store
        .append_object(&name("empty"), 0, blob, &own, 9)
        .await
        .unwrap();
    let grown = append(store, "empty", 0, "data").await.unwrap();
    assert_eq!(
        grown.attributes.content_type, "text/x-log",
        "the first one says"
    );
    assert_eq!(content(store, "empty").await, "data");
    store.come_to_rest().await;
    assert_eq!(store.findings().await, []);
}

async fn what_was_stored_as_a_whole_does_not_grow(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, "key", "whole").await;
    for position in [0, 5] {
        let refused = append(store, "key", position, "more").await;
        assert!(matches!(refused, Err(StoreError::NotAppendable(_))));
    }
    // What has grown can be replaced, and then no longer grows.
    append(store, "log", 0, "data").await.unwrap();
    append(store, "log", 4, "more").await.unwrap();
    put(store, "log", "whole").await;
    let refused = append(store, "log", 5, "more").await;
    assert!(matches!(refused, Err(StoreError::NotAppendable(_))));
    store.come_to_rest().await;
    assert_eq!(store.pieces().await, 2);
}

async fn pieces_of_all_lengths_are_one_content(fixture: &Fixture) {
    let store = &fixture.store;
    let mut whole = String::new();
    for data in ["a", &long("bc"), "d", "e", &long("f"), "g"] {
        append(store, "log", whole.len() as u64, data)
            .await
            .unwrap();
        whole.push_str(data);
        assert_eq!(content(store, "log").await, whole);
    }
    assert_eq!(store.findings().await, []);
    let range = ByteRange::Between(1, whole.len() as u64 - 2);
    let reader = store.get_object(&name("log"), Some(range)).await.unwrap();
    assert_eq!(reader.bytes().await.unwrap(), whole[1..whole.len() - 1]);
}

async fn there_is_a_longest(fixture: &Fixture) {
    let store = &fixture.store;
    append_up_to(store, "log", 0, "12345", 8).await.unwrap();
    let refused = append_up_to(store, "log", 5, "6789", 8).await;
    assert!(matches!(
        refused,
        Err(StoreError::TooLongToAppend { size: 9, .. })
    ));
    append_up_to(store, "log", 5, "678", 8).await.unwrap();
    store.come_to_rest().await;
    assert_eq!(store.pieces().await, 2);
}
