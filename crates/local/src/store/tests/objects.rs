//! Objects and their content.

use crate::store::crc64::Crc64;
use crate::store::{Acl, ByteRange, ObjectAttributes, ObjectName, Overwrite, StoreError};
use bytes::Bytes;
use futures_util::TryStreamExt;

use super::fixture::{
    BUCKET, FAR_FUTURE, Fixture, START, content, move_object, name, on_every_store, put, text,
};

on_every_store!(
    an_object_comes_back_as_it_was_put,
    a_long_upload_is_hashed_and_kept_in_order,
    an_empty_object_is_an_object,
    ranges_give_the_bytes_asked_for,
    overwriting_replaces_and_can_be_forbidden,
    an_unfinished_upload_leaves_nothing,
    a_missing_bucket_or_object_is_told_apart,
    moving_keeps_content_and_attributes,
    any_text_is_a_key,
    garbage_is_what_no_object_names,
);

async fn an_object_comes_back_as_it_was_put(Fixture { store, clock, .. }: &Fixture) {
    let attributes = ObjectAttributes {
        content_type: "image/png".into(),
        headers: [("cache-control".to_owned(), "no-cache".to_owned())].into(),
        metadata: [("x-cos-meta-用户".to_owned(), "\"é\"".to_owned())].into(),
        acl: Acl::PublicRead,
        tags: [("team".to_owned(), "\u{e9}".to_owned())].into(),
    };
    clock.advance(5);
    let blob = store
        .upload_bytes(Bytes::from_static(b"123456789"))
        .await
        .unwrap();
    let put = store
        .put_object(&name("a/b"), blob, &attributes, Overwrite::Allow)
        .await
        .unwrap();
    assert_eq!(
        (put.bucket.as_str(), put.key.as_str(), put.size),
        (BUCKET, "a/b", 9)
    );
    // `md5sum` and the published check value of CRC-64/XZ.
    assert_eq!(put.etag, "25f9e794323b453885f5181f1b624d0b");
    assert_eq!(put.crc64.to_string(), "11051210869376104954");
    assert_eq!(put.last_modified, START + 5);
    assert_eq!(put.attributes, attributes);
    assert_eq!(store.head_object(&name("a/b")).await.unwrap(), put);
    assert_eq!(content(store, "a/b").await, "123456789");

    store
        .set_object_acl(&name("a/b"), None, &Acl::Private)
        .await
        .unwrap();
    assert_eq!(
        store
            .head_object(&name("a/b"))
            .await
            .unwrap()
            .attributes
            .acl,
        Acl::Private
    );
}

async fn a_long_upload_is_hashed_and_kept_in_order(Fixture { store, .. }: &Fixture) {
    // Chunks that fit no part size evenly.
    let whole: Bytes = (0..5_000_000_u32)
        .map(|i| i.to_le_bytes()[usize::from(i % 3 == 0)])
        .collect();
    let mut upload = store.upload();
    for chunk in whole.chunks(65_537) {
        upload.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
    assert_eq!(upload.size(), 5_000_000);
    let blob = upload.finish().await.unwrap();
    assert_eq!(blob.crc64, Crc64(tcloud_core::body::crc64(&whole)));
    store
        .put_object(&name("long"), blob, &text(), Overwrite::Allow)
        .await
        .unwrap();
    let reader = store.get_object(&name("long"), None).await.unwrap();
    assert_eq!(reader.range, 0..5_000_000);
    assert!(reader.bytes().await.unwrap() == whole);
}

async fn an_empty_object_is_an_object(Fixture { store, .. }: &Fixture) {
    let object = put(store, "empty", "").await;
    assert_eq!((object.size, object.crc64), (0, Crc64(0)));
    assert_eq!(object.etag, "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(content(store, "empty").await, "");
    let range = store
        .get_object(&name("empty"), Some(ByteRange::From(0)))
        .await;
    assert!(matches!(range, Err(StoreError::InvalidRange { size: 0 })));
}

async fn ranges_give_the_bytes_asked_for(Fixture { store, .. }: &Fixture) {
    put(store, "key", "0123456789").await;
    for (range, expected) in [
        (ByteRange::Between(2, 4), "234"),
        (ByteRange::Between(8, 99), "89"),
        (ByteRange::From(7), "789"),
        (ByteRange::Last(2), "89"),
        (ByteRange::Last(99), "0123456789"),
    ] {
        let reader = store.get_object(&name("key"), Some(range)).await.unwrap();
        assert_eq!(reader.object.size, 10);
        assert_eq!(reader.bytes().await.unwrap(), expected, "{range:?}");
    }
    let outside = store
        .get_object(&name("key"), Some(ByteRange::From(10)))
        .await;
    assert!(matches!(
        outside,
        Err(StoreError::InvalidRange { size: 10 })
    ));
}

async fn overwriting_replaces_and_can_be_forbidden(Fixture { store, .. }: &Fixture) {
    put(store, "key", "old").await;
    // A reader keeps what it has begun to read.
    let reader = store.get_object(&name("key"), None).await.unwrap();
    put(store, "key", "newer").await;
    assert_eq!(content(store, "key").await, "newer");
    assert_eq!(
        reader
            .content
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .concat(),
        b"old"
    );

    let blob = store
        .upload_bytes(Bytes::from_static(b"third"))
        .await
        .unwrap();
    let refused = store
        .put_object(&name("key"), blob, &text(), Overwrite::Forbid)
        .await;
    assert!(matches!(refused, Err(StoreError::ObjectExists(at)) if at == name("key")));
    assert_eq!(content(store, "key").await, "newer");
}

async fn an_unfinished_upload_leaves_nothing(fixture: &Fixture) {
    let Fixture { store, clock, .. } = fixture;
    clock.set(FAR_FUTURE);
    let mut upload = store.upload();
    upload.write(Bytes::from_static(b"half")).await.unwrap();
    drop(upload);
    drop(
        store
            .upload_bytes(Bytes::from_static(b"whole but unused"))
            .await
            .unwrap(),
    );
    assert!(!store.delete_object(&name("key")).await.unwrap());
    store.come_to_rest().await;
    assert_eq!(store.collect_garbage().await.unwrap(), 0);
}

async fn a_missing_bucket_or_object_is_told_apart(Fixture { store, .. }: &Fixture) {
    let nowhere = ObjectName::new("other-1250000000", "key");
    assert!(matches!(
        store.head_object(&nowhere).await,
        Err(StoreError::NoSuchBucket(_))
    ));
    assert!(matches!(
        store.delete_object(&nowhere).await,
        Err(StoreError::NoSuchBucket(_))
    ));
    assert!(matches!(
        store.head_object(&name("key")).await,
        Err(StoreError::NoSuchObject(_))
    ));
    assert!(matches!(
        store.get_object(&name("key"), None).await,
        Err(StoreError::NoSuchObject(_))
    ));
    let acl = store
        .set_object_acl(&name("key"), None, &Acl::Private)
        .await;
    assert!(matches!(acl, Err(StoreError::NoSuchObject(_))));
    let blob = store.upload_bytes(Bytes::new()).await.unwrap();
    let put = store
        .put_object(&nowhere, blob, &text(), Overwrite::Allow)
        .await;
    assert!(matches!(put, Err(StoreError::NoSuchBucket(_))));
}

async fn moving_keeps_content_and_attributes(Fixture { store, clock, .. }: &Fixture) {
    let before = put(store, "from", "content").await;
    put(store, "to", "in the way").await;
    clock.advance(1);
    let moved = move_object(store, &name("from"), &name("to"))
        .await
        .unwrap();
    assert_eq!(
        (moved.etag, moved.attributes),
        (before.etag, before.attributes)
    );
    assert_eq!(content(store, "to").await, "content");
    assert!(matches!(
        store.head_object(&name("from")).await,
        Err(StoreError::NoSuchObject(_))
    ));
    move_object(store, &name("to"), &name("to")).await.unwrap();
    assert_eq!(content(store, "to").await, "content");
    // A failed move changes nothing.
    let nowhere = ObjectName::new("other-1250000000", "to");
    let failed = move_object(store, &name("to"), &nowhere).await;
    assert!(matches!(failed, Err(StoreError::NoSuchBucket(_))));
    assert_eq!(content(store, "to").await, "content");
}

async fn any_text_is_a_key(Fixture { store, .. }: &Fixture) {
    let keys = [
        "../../etc/passwd",
        "a//b",
        "a\\b",
        "图片.png",
        "%2e%2e",
        "#1",
        "'; DROP TABLE",
        " ",
    ];
    for key in keys {
        put(store, key, key).await;
    }
    for key in keys {
        assert_eq!(content(store, key).await, key);
    }
}

async fn garbage_is_what_no_object_names(fixture: &Fixture) {
    let Fixture { store, clock, .. } = fixture;
    clock.set(FAR_FUTURE);
    put(store, "kept", "kept").await;
    let mut upload = store.upload();
    upload
        .write(Bytes::from_static(b"in progress"))
        .await
        .unwrap();
    let staged = store
        .upload_bytes(Bytes::from_static(b"staged"))
        .await
        .unwrap();
    assert_eq!(store.collect_garbage().await.unwrap(), 0);

    store
        .put_object(&name("staged"), staged, &text(), Overwrite::Allow)
        .await
        .unwrap();
    let finished = upload.finish().await.unwrap();
    store
        .put_object(&name("progress"), finished, &text(), Overwrite::Allow)
        .await
        .unwrap();
    assert_eq!(store.collect_garbage().await.unwrap(), 0);
    for (key, expected) in [
        ("kept", "kept"),
        ("staged", "staged"),
        ("progress", "in progress"),
    ] {
        assert_eq!(content(store, key).await, expected);
    }
}
