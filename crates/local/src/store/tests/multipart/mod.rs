//! Uploads in parts, and objects that consist of them.

mod survival;

use super::fixture::{BUCKET, FAR_FUTURE, Fixture, content, long, name, on_every_store, put, text};
use crate::store::{ByteRange, ListQuery, ListedPart, Store, StoreError, UploadQuery};

on_every_store!(
    parts_become_an_object_without_being_copied,
    ranges_lie_across_parts,
    what_is_not_put_together_is_dropped,
    short_and_empty_parts_are_content_as_well,
    an_upload_that_has_ended_is_gone,
    uploads_are_listed_by_key_and_time,
    parts_are_listed_by_number,
    a_bucket_with_uploads_is_not_empty,
    a_part_copied_from_an_object_outlives_it,
);

/// A part that others may follow.
fn large(letter: char) -> String {
    letter.to_string().repeat(1024 * 1024)
}

async fn begin(store: &Store, key: &str) -> String {
    let begun = store
        .begin_multipart(&name(key), &text(), "100000000001")
        .await;
    begun.unwrap().id
}

async fn upload(store: &Store, key: &str, id: &str, number: u32, content: &str) -> ListedPart {
    let blob = store.upload_bytes(content.to_owned().into()).await.unwrap();
    let part = store.put_part(&name(key), id, number, blob).await.unwrap();
    ListedPart {
        number,
        etag: part.etag,
    }
}

/// A part with the content of the object `from`, or a range of it.
async fn copy(
    store: &Store,
    (key, id, number): (&str, &str, u32),
    from: &str,
    range: Option<ByteRange>,
) -> ListedPart {
    let reader = store.get_object(&name(from), range).await.unwrap();
    let blob = store.stage(reader, None).await.unwrap();
    let part = store.put_part(&name(key), id, number, blob).await.unwrap();
    ListedPart {
        number,
        etag: part.etag,
    }
}

async fn a_part_copied_from_an_object_outlives_it(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, "from", &large('a')).await;
    let id = begin(store, "key").await;
    let whole = copy(store, ("key", &id, 1), "from", None).await;
    let range = Some(ByteRange::Between(0, 2));
    let last = copy(store, ("key", &id, 2), "from", range).await;
    assert_eq!(last.etag, "47bce5c74f589f4867dbd57e9ca9f808");
    store.delete_object(&name("from")).await.unwrap();
    let listed = [whole, last];
    let object = store.complete_multipart(&name("key"), &id, &listed).await;
    let expected = format!("{}aaa", large('a'));
    let crc64 = tcloud_core::body::crc64(expected.as_bytes());
    assert_eq!(object.unwrap().crc64.0, crc64);
    assert_eq!(content(store, "key").await, expected);
    assert_eq!(store.pieces().await, 2);
    assert_eq!(store.findings().await, []);
}

async fn parts_become_an_object_without_being_copied(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, "key", &long("older")).await;
    let id = begin(store, "key").await;
    let last = upload(store, "key", &id, 9, "the last").await;
    let replaced = upload(store, "key", &id, 1, &large('x')).await;
    let second = upload(store, "key", &id, 2, &large('b')).await;
    let first = upload(store, "key", &id, 1, &large('a')).await;
    assert_eq!(store.pieces().await, 4, "the replaced part is gone");
    assert_eq!(content(store, "key").await, long("older"));
    let stale = [replaced, second.clone()];
    let wrong = store.complete_multipart(&name("key"), &id, &stale).await;
    assert!(matches!(
        wrong,
        Err(StoreError::InvalidPart { number: 1, .. })
    ));

    let whole = format!("{}{}the last", large('a'), large('b'));
    let listed = [first, second, last];
    let object = store
        .complete_multipart(&name("key"), &id, &listed)
        .await
        .unwrap();
    assert_eq!(object.size, whole.len() as u64);
    assert_eq!(object.crc64.0, tcloud_core::body::crc64(whole.as_bytes()));
    assert!(object.etag.ends_with("-3"), "{}", object.etag);
    assert_eq!(object.attributes, text());
    assert_eq!(store.head_object(&name("key")).await.unwrap(), object);
    assert_eq!(content(store, "key").await, whole);
    assert_eq!(store.pieces().await, 3, "and so is the older object");
    assert_eq!(store.findings().await, []);
    fixture.clock.set(FAR_FUTURE);
    assert_eq!(store.collect_garbage().await.unwrap(), 0);

    store.delete_object(&name("key")).await.unwrap();
    assert_eq!(store.pieces().await, 0);
}

async fn ranges_lie_across_parts(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let mut listed = Vec::new();
    for (number, part) in [
        (1, large('a')),
        (2, large('b')),
        (3, "123456789".to_owned()),
    ] {
        listed.push(upload(store, "key", &id, number, &part).await);
    }
    store
        .complete_multipart(&name("key"), &id, &listed)
        .await
        .unwrap();
    let part = 1024 * 1024;
    for (range, expected) in [
        (ByteRange::Between(0, 0), "a"),
        (ByteRange::Between(part - 2, part + 1), "aabb"),
        (ByteRange::Between(part, part), "b"),
        (ByteRange::Between(2 * part - 1, 2 * part + 2), "b123"),
        (ByteRange::Last(4), "6789"),
        (ByteRange::From(2 * part + 8), "9"),
        (ByteRange::Between(2 * part + 3, u64::MAX), "456789"),
    ] {
        let reader = store.get_object(&name("key"), Some(range)).await.unwrap();
        assert_eq!(reader.bytes().await.unwrap(), expected, "{range:?}");
    }
    let across = ByteRange::Between(1, 2 * part);
    let reader = store.get_object(&name("key"), Some(across)).await.unwrap();
    let read = reader.bytes().await.unwrap();
    assert_eq!(read.len() as u64, 2 * part);
    assert!(read.starts_with(b"aa") && read.ends_with(b"bb1"));
    let behind = ByteRange::From(2 * part + 9);
    let behind = store.get_object(&name("key"), Some(behind)).await;
    assert!(matches!(behind, Err(StoreError::InvalidRange { .. })));
}

async fn what_is_not_put_together_is_dropped(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let dropped = long("dropped");
    upload(store, "key", &id, 1, &dropped).await;
    upload(store, "key", &id, 2, "dropped").await;
    let kept = upload(store, "key", &id, 3, "kept").await;
    store
        .complete_multipart(&name("key"), &id, &[kept])
        .await
        .unwrap();
    assert_eq!(content(store, "key").await, "kept");
    assert_eq!(store.pieces().await, 1);
    let object = store.head_object(&name("key")).await.unwrap();
    // md5sum of the MD5 digest of "kept".
    assert_eq!(object.etag, "c2fc1adfa2bb858cf6f5908b5cb747d7-1");

    let id = begin(store, "other").await;
    upload(store, "other", &id, 1, &dropped).await;
    upload(store, "other", &id, 2, "short").await;
    store.abort_multipart(&name("other"), &id).await.unwrap();
    assert_eq!(store.pieces().await, 1);
    assert_eq!(store.findings().await, []);
}

async fn short_and_empty_parts_are_content_as_well(fixture: &Fixture) {
    let store = &fixture.store;
    for (key, last) in [("empty", ""), ("short", "the end")] {
        let id = begin(store, key).await;
        let listed = [
            upload(store, key, &id, 1, &large('a')).await,
            upload(store, key, &id, 2, last).await,
        ];
        store
            .complete_multipart(&name(key), &id, &listed)
            .await
            .unwrap();
        assert_eq!(content(store, key).await, format!("{}{last}", large('a')));
    }
    let id = begin(store, "nothing").await;
    let listed = [upload(store, "nothing", &id, 1, "").await];
    store
        .complete_multipart(&name("nothing"), &id, &listed)
        .await
        .unwrap();
    assert_eq!(content(store, "nothing").await, "");
    assert_eq!(store.findings().await, []);
    for key in ["empty", "short", "nothing"] {
        store.delete_object(&name(key)).await.unwrap();
    }
    assert_eq!(store.pieces().await, 0);
}

async fn an_upload_that_has_ended_is_gone(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let listed = [upload(store, "key", &id, 1, "content").await];
    let (at, other) = (name("key"), name("other"));
    // It is the key's, and no other one's.
    let foreign = store.complete_multipart(&other, &id, &listed).await;
    assert!(matches!(foreign, Err(StoreError::NoSuchUpload { .. })));
    store.complete_multipart(&at, &id, &listed).await.unwrap();
    let is_gone = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::NoSuchUpload { .. })),
            "{result:?}"
        );
    };
    is_gone(store.complete_multipart(&at, &id, &listed).await.map(drop));
    is_gone(store.abort_multipart(&at, &id).await);
    is_gone(store.multipart(&at, &id).await.map(drop));
    is_gone(store.list_parts(&at, &id, 0, 10).await.map(drop));
    let late = store.upload_bytes(large('a').into()).await.unwrap();
    is_gone(store.put_part(&at, &id, 1, late).await.map(drop));
    store.come_to_rest().await;
    let missing = crate::store::ObjectName::new("missing-1250000000", "key");
    let begun = store.begin_multipart(&missing, &text(), "").await;
    assert!(matches!(begun, Err(StoreError::NoSuchBucket(_))));
    assert_eq!(content(store, "key").await, "content");
}

async fn uploads_are_listed_by_key_and_time(fixture: &Fixture) {
    let store = &fixture.store;
    let mut begun = Vec::new();
    for key in ["b", "a/1", "a/1", "a/2", "c", "A"] {
        begun.push((key.to_owned(), begin(store, key).await));
        fixture.clock.advance(7);
    }
    begun.sort();
    let of = async |query: &UploadQuery| {
        let page = store.list_multiparts(BUCKET, query).await.unwrap();
        let uploads: Vec<_> = page.uploads.into_iter().map(|it| (it.key, it.id)).collect();
        (uploads, page.common_prefixes, page.next)
    };
    let query = |prefix: &str, delimiter: &str, max_keys| UploadQuery {
        keys: ListQuery {
            prefix: prefix.into(),
            delimiter: delimiter.into(),
            max_keys,
            ..ListQuery::default()
        },
        id_marker: String::new(),
    };
    assert_eq!(of(&query("", "", 6)).await, (begun.clone(), vec![], None));
    assert_eq!(of(&query("a/", "", 9)).await.0, begun[1..4]);

    // Page by page, whatever their size, nothing is left out or shown twice.
    for (delimiter, shown) in [("", 6), ("/", 4)] {
        for size in 1..=7 {
            let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
            let mut asked = query("", delimiter, size);
            loop {
                let (page, common, next) = of(&asked).await;
                assert!(page.len() + common.len() <= size as usize);
                uploads.extend(page);
                prefixes.extend(common);
                let Some((key, id)) = next else { break };
                (asked.keys.marker, asked.id_marker) = (key, id);
            }
            assert_eq!(uploads.len() + prefixes.len(), shown, "{delimiter} {size}");
            assert!(uploads.is_sorted());
        }
    }
    // Without an id, uploads of the marker's key are behind.
    let mut behind = query("", "", 9);
    behind.keys.marker = "a/1".into();
    assert_eq!(of(&behind).await.0, begun[3..]);
    behind.id_marker = begun[1].1.clone();
    assert_eq!(of(&behind).await.0, begun[2..]);
    let none = of(&query("", "", 0)).await;
    assert_eq!(none, (vec![], vec![], None));
}

async fn parts_are_listed_by_number(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    for number in [10_000, 3, 1, 20] {
        upload(store, "key", &id, number, &number.to_string()).await;
    }
    let list = async |after, most| {
        let (upload, parts, more) = store
            .list_parts(&name("key"), &id, after, most)
            .await
            .unwrap();
        assert_eq!(upload.initiator, "100000000001");
        let parts: Vec<_> = parts.iter().map(|part| (part.number, part.size)).collect();
        (parts, more)
    };
    assert_eq!(list(0, 3).await, (vec![(1, 1), (3, 1), (20, 2)], true));
    assert_eq!(list(20, 3).await, (vec![(10_000, 5)], false));
    assert!(!list(0, 4).await.1);
}

async fn a_bucket_with_uploads_is_not_empty(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let refused = store.delete_bucket(BUCKET).await;
    assert!(matches!(refused, Err(StoreError::BucketHasUploads(_))));
    store.abort_multipart(&name("key"), &id).await.unwrap();
    store.delete_bucket(BUCKET).await.unwrap();
}
