//! Versions of objects.

use super::fixture::{
    BUCKET, Fixture, content, long, move_object, name, on_every_store, put, text,
};
use crate::store::{
    Acl, ListQuery, Object, ObjectName, Overwrite, Store, StoreError, VersionId, VersionQuery,
    Versioning,
};

on_every_store!(
    a_bucket_that_never_kept_versions_has_none,
    what_is_stored_makes_a_version,
    a_deletion_hides_an_object_behind_a_marker,
    deleting_a_version_shows_the_one_before,
    a_suspended_bucket_replaces_the_version_null,
    a_bucket_with_versions_is_not_empty,
    a_list_goes_from_new_to_old,
    a_list_is_cut_anywhere,
    versions_do_not_make_a_list_of_objects_longer,
    copies_share_content_until_the_last_is_gone,
    a_copy_is_of_what_was_read,
    a_move_leaves_versions_behind,
    a_name_is_taken_or_free,
    an_object_that_is_moved_onto_itself_stays,
    the_list_of_who_may_use_a_version_is_its_own,
);

async fn keep_versions(store: &Store, versioning: Versioning) {
    store.set_versioning(BUCKET, versioning).await.unwrap();
}

async fn enable(store: &Store) {
    keep_versions(store, Versioning::Enabled).await;
}

async fn of_version(store: &Store, key: &str, id: VersionId) -> String {
    let reader = store.get_version(&name(key), Some(id), None).await.unwrap();
    String::from_utf8(reader.bytes().await.unwrap().to_vec()).unwrap()
}

async fn is_missing(store: &Store, key: &str) -> bool {
    let found = store.head_object(&name(key)).await;
    matches!(found, Err(StoreError::NoSuchObject(_)))
}

async fn listed(store: &Store, query: &VersionQuery) -> Vec<(Object, bool)> {
    store.list_versions(BUCKET, query).await.unwrap().versions
}

/// Key, size and latest of all versions; a marker has `None`.
async fn all(store: &Store) -> Vec<(String, Option<u64>, bool)> {
    let query = VersionQuery {
        keys: ListQuery {
            max_keys: 1000,
            ..ListQuery::default()
        },
        version_marker: None,
    };
    let all = listed(store, &query).await.into_iter();
    all.map(|(object, is_latest)| {
        let size = (!object.is_marker).then_some(object.size);
        (object.key, size, is_latest)
    })
    .collect()
}

async fn a_bucket_that_never_kept_versions_has_none(Fixture { store, .. }: &Fixture) {
    let object = put(store, "key", "one").await;
    assert_eq!(object.version_id(), None);
    put(store, "key", "second").await;
    assert_eq!(all(store).await, [("key".to_owned(), Some(6), true)]);
    let missing = store
        .head_version(&name("key"), Some(VersionId::Number(-1)))
        .await;
    assert!(matches!(missing, Err(StoreError::NoSuchVersion(..))));
    // Its only version is the one called null.
    assert_eq!(of_version(store, "key", VersionId::Null).await, "second");
    let deleted = store.delete_version(&name("key"), None).await.unwrap();
    assert_eq!((deleted.existed, deleted.marker), (true, None));
    assert_eq!(store.delete_marker(&name("key")).await.unwrap(), None);
    assert_eq!(all(store).await, []);
    store.delete_bucket(BUCKET).await.unwrap();
}

async fn what_is_stored_makes_a_version(Fixture { store, clock, .. }: &Fixture) {
    put(store, "key", "before").await;
    enable(store).await;
    let first = put(store, "key", "first").await.version_id().unwrap();
    // At the same time, and after the clock was set back.
    let second = put(store, "key", "second").await.version_id().unwrap();
    clock.set(1);
    let third = put(store, "key", "third").await.version_id().unwrap();
    assert!(first != second && second != third);
    assert_eq!(content(store, "key").await, "third");
    for (id, expected) in [
        (VersionId::Null, "before"),
        (first, "first"),
        (second, "second"),
        (third, "third"),
    ] {
        assert_eq!(of_version(store, "key", id).await, expected);
    }
    let sizes: Vec<_> = all(store).await.into_iter().map(|it| it.1).collect();
    assert_eq!(sizes, [Some(5), Some(6), Some(5), Some(6)]);
}

async fn a_deletion_hides_an_object_behind_a_marker(Fixture { store, .. }: &Fixture) {
    enable(store).await;
    let id = put(store, "key", "content").await.version_id().unwrap();
    let deleted = store.delete_version(&name("key"), None).await.unwrap();
    assert!(deleted.existed);
    let marker = deleted.marker.unwrap();
    assert!(is_missing(store, "key").await);
    assert_eq!(
        store.delete_marker(&name("key")).await.unwrap(),
        Some(marker)
    );
    let read = store.head_version(&name("key"), Some(marker)).await;
    assert!(
        matches!(read, Err(StoreError::DeleteMarker(_, id)) if id == marker),
        "{read:?}"
    );
    assert_eq!(of_version(store, "key", id).await, "content");
    let expected = [
        ("key".to_owned(), None, true),
        ("key".to_owned(), Some(7), false),
    ];
    assert_eq!(all(store).await, expected);
    // Another one, even of what is not there.
    let again = store.delete_version(&name("key"), None).await.unwrap();
    assert!(!again.existed && again.marker.is_some() && again.marker != Some(marker));
    let never = store.delete_version(&name("never"), None).await.unwrap();
    assert!(!never.existed && never.marker.is_some());
    // Without its markers the object is there again.
    for marker in [again.marker.unwrap(), marker] {
        let gone = store.delete_version(&name("key"), Some(marker)).await;
        assert_eq!(gone.unwrap().marker, Some(marker));
    }
    assert_eq!(content(store, "key").await, "content");
}

async fn deleting_a_version_shows_the_one_before(Fixture { store, .. }: &Fixture) {
    enable(store).await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(put(store, "key", text).await.version_id().unwrap());
    }
    let delete = async |id| store.delete_version(&name("key"), Some(id)).await.unwrap();
    // One in between, whose place nothing takes.
    assert!(delete(ids[1]).await.existed);
    assert_eq!(content(store, "key").await, "three");
    assert!(delete(ids[2]).await.existed);
    assert_eq!(content(store, "key").await, "one");
    assert!(!delete(ids[2]).await.existed);
    assert_eq!(content(store, "key").await, "one");
    assert!(delete(ids[0]).await.existed);
    assert!(is_missing(store, "key").await);
    assert_eq!(all(store).await, []);
    assert_eq!(store.inline_contents().await, 0);
}

async fn a_suspended_bucket_replaces_the_version_null(Fixture { store, .. }: &Fixture) {
    put(store, "key", "null").await;
    enable(store).await;
    let kept = put(store, "key", "kept").await.version_id().unwrap();
    keep_versions(store, Versioning::Suspended).await;
    // The version null was behind: it is replaced and comes to the front.
    let null = put(store, "key", "newer null").await;
    assert_eq!(null.version_id(), Some(VersionId::Null));
    let sizes = |all: Vec<(String, Option<u64>, bool)>| -> Vec<_> {
        all.into_iter().map(|(_, size, _)| size).collect()
    };
    assert_eq!(sizes(all(store).await), [Some(10), Some(4)]);
    put(store, "key", "newest").await;
    assert_eq!(sizes(all(store).await), [Some(6), Some(4)]);
    let deleted = store.delete_version(&name("key"), None).await.unwrap();
    assert_eq!(deleted.marker, Some(VersionId::Null));
    assert_eq!(sizes(all(store).await), [None, Some(4)]);
    assert!(is_missing(store, "key").await);
    put(store, "key", "back").await;
    assert_eq!(sizes(all(store).await), [Some(4), Some(4)]);
    store
        .delete_version(&name("key"), Some(VersionId::Null))
        .await
        .unwrap();
    assert_eq!(content(store, "key").await, "kept");
    assert_eq!(of_version(store, "key", kept).await, "kept");
    assert_eq!(store.named_but_missing().await, 0);
}

async fn a_bucket_with_versions_is_not_empty(Fixture { store, .. }: &Fixture) {
    enable(store).await;
    let id = put(store, "key", "content").await.version_id().unwrap();
    let marker = store
        .delete_version(&name("key"), None)
        .await
        .unwrap()
        .marker
        .unwrap();
    for id in [id, marker] {
        let refused = store.delete_bucket(BUCKET).await;
        assert!(matches!(refused, Err(StoreError::BucketNotEmpty(_))));
        store.delete_version(&name("key"), Some(id)).await.unwrap();
    }
    store.delete_bucket(BUCKET).await.unwrap();
}

/// Stores what the tests of lists have: markers, older versions, folders.
async fn fill(store: &Store) -> usize {
    put(store, "a", "null").await;
    enable(store).await;
    for key in ["a", "b/1", "b/1", "b/2", "c", "d/1", "e"] {
        put(store, key, key).await;
    }
    for key in ["a", "b/2", "e"] {
        store.delete_version(&name(key), None).await.unwrap();
    }
    put(store, "e", "again").await;
    12
}

async fn a_list_goes_from_new_to_old(Fixture { store, .. }: &Fixture) {
    let count = fill(store).await;
    let all = all(store).await;
    assert_eq!(all.len(), count);
    let expected = [
        ("a", None, true),
        ("a", Some(1), false),
        ("a", Some(4), false),
        ("b/1", Some(3), true),
        ("b/1", Some(3), false),
        ("b/2", None, true),
        ("b/2", Some(3), false),
        ("c", Some(1), true),
        ("d/1", Some(3), true),
        ("e", Some(5), true),
        ("e", None, false),
        ("e", Some(1), false),
    ];
    let expected = expected.map(|(key, size, is_latest)| (key.to_owned(), size, is_latest));
    assert_eq!(all, expected);
}

async fn a_list_is_cut_anywhere(Fixture { store, .. }: &Fixture) {
    let count = fill(store).await;
    for delimiter in ["", "/"] {
        let query = |max_keys| VersionQuery {
            keys: ListQuery {
                delimiter: delimiter.to_owned(),
                max_keys,
                ..ListQuery::default()
            },
            version_marker: None,
        };
        let whole = store.list_versions(BUCKET, &query(1000)).await.unwrap();
        assert_eq!(whole.next, None);
        let folders: &[&str] = if delimiter.is_empty() {
            &[]
        } else {
            &["b/", "d/"]
        };
        assert_eq!(whole.common_prefixes, folders);
        if delimiter.is_empty() {
            assert_eq!(whole.versions.len(), count);
        }
        for size in 1..=count {
            let mut query = query(u32::try_from(size).unwrap());
            let (mut versions, mut prefixes) = (Vec::new(), Vec::new());
            loop {
                let page = store.list_versions(BUCKET, &query).await.unwrap();
                assert!(page.versions.len() + page.common_prefixes.len() <= size);
                versions.extend(page.versions);
                prefixes.extend(page.common_prefixes);
                let Some((key, version)) = page.next else {
                    break;
                };
                query.keys.marker = key;
                query.version_marker = version;
            }
            assert_eq!(versions, whole.versions, "{delimiter:?} {size}");
            assert_eq!(prefixes, whole.common_prefixes, "{delimiter:?} {size}");
        }
    }
    // Behind the version null, and behind a key.
    let behind = async |key: &str, version_marker| {
        let keys = ListQuery {
            marker: key.to_owned(),
            max_keys: 1,
            ..ListQuery::default()
        };
        let query = VersionQuery {
            keys,
            version_marker,
        };
        listed(store, &query).await.remove(0).0.key
    };
    assert_eq!(behind("a", Some(VersionId::Null)).await, "b/1");
    assert_eq!(behind("a", Some(VersionId::Number(i64::MIN))).await, "a");
    assert_eq!(behind("a", None).await, "b/1");
    assert_eq!(behind("c", Some(VersionId::Null)).await, "d/1");
}

async fn versions_do_not_make_a_list_of_objects_longer(Fixture { store, .. }: &Fixture) {
    fill(store).await;
    let query = ListQuery {
        max_keys: 1000,
        ..ListQuery::default()
    };
    let listing = store.list_objects(BUCKET, &query).await.unwrap();
    let keys: Vec<_> = listing.objects.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["b/1", "c", "d/1", "e"]);
}

async fn copies_share_content_until_the_last_is_gone(Fixture { store, .. }: &Fixture) {
    for text in ["short".to_owned(), long("long")] {
        let source = put(store, "from", &text).await;
        let copy = store
            .copy_object(&source, &name("to"), self::text(), Overwrite::Allow)
            .await
            .unwrap();
        assert_eq!((&copy.etag, copy.crc64), (&source.etag, source.crc64));
        store.delete_object(&name("from")).await.unwrap();
        assert_eq!(content(store, "to").await, text);
        let copy = store.head_object(&name("to")).await.unwrap();
        // Onto itself.
        store
            .copy_object(&copy, &name("to"), self::text(), Overwrite::Allow)
            .await
            .unwrap();
        assert_eq!(content(store, "to").await, text);
        store.delete_object(&name("to")).await.unwrap();
        // A note that is taken back is not waited for.
        store.settle().await;
        assert_eq!(store.inline_contents().await, 0);
        assert_eq!(store.collect_garbage().await.unwrap(), 0);
    }
}

async fn a_copy_is_of_what_was_read(Fixture { store, .. }: &Fixture) {
    let read = put(store, "from", "old").await;
    let copy = async |source: &Object, overwrite| {
        store
            .copy_object(source, &name("to"), text(), overwrite)
            .await
    };
    put(store, "from", "new").await;
    let changed = copy(&read, Overwrite::Allow).await;
    assert!(
        matches!(changed, Err(StoreError::ObjectChanged(_))),
        "{changed:?}"
    );
    store.delete_object(&name("from")).await.unwrap();
    let gone = copy(&read, Overwrite::Allow).await;
    assert!(
        matches!(gone, Err(StoreError::ObjectChanged(_))),
        "{gone:?}"
    );
    // A version that is still there is as it was.
    enable(store).await;
    let version = put(store, "from", "version").await;
    put(store, "from", "newer").await;
    copy(&version, Overwrite::Allow).await.unwrap();
    assert_eq!(content(store, "to").await, "version");
    let nowhere = ObjectName::new("other-1250000000", "to");
    let refused = store
        .copy_object(&version, &nowhere, text(), Overwrite::Allow)
        .await;
    assert!(matches!(refused, Err(StoreError::NoSuchBucket(_))));
}

async fn a_move_leaves_versions_behind(Fixture { store, .. }: &Fixture) {
    enable(store).await;
    let id = put(store, "from", "content").await.version_id().unwrap();
    put(store, "to", "in the way").await;
    move_object(store, &name("from"), &name("to"))
        .await
        .unwrap();
    assert!(is_missing(store, "from").await);
    assert_eq!(of_version(store, "from", id).await, "content");
    assert_eq!(content(store, "to").await, "content");
    let expected = [
        ("from", None, true),
        ("from", Some(7), false),
        ("to", Some(7), true),
        ("to", Some(10), false),
    ];
    let expected = expected.map(|(key, size, is_latest)| (key.to_owned(), size, is_latest));
    assert_eq!(all(store).await, expected);
}

async fn a_name_is_taken_or_free(Fixture { store, .. }: &Fixture) {
    put(store, "from", "content").await;
    put(store, "taken", "in the way").await;
    let rename = async |from: &str, to: &str, overwrite| {
        store.rename_object(&name(from), &name(to), overwrite).await
    };
    let refused = rename("from", "taken", Overwrite::Forbid).await;
    assert!(matches!(refused, Err(StoreError::ObjectExists(_))));
    rename("from", "free", Overwrite::Forbid).await.unwrap();
    assert!(is_missing(store, "from").await);
    rename("free", "taken", Overwrite::Allow).await.unwrap();
    assert_eq!(content(store, "taken").await, "content");
    let missing = rename("from", "taken", Overwrite::Forbid).await;
    assert!(
        matches!(missing, Err(StoreError::NoSuchObject(_))),
        "{missing:?}"
    );
    // Where versions are kept, nothing is lost.
    enable(store).await;
    let blob = store.upload_bytes("second".into()).await.unwrap();
    store
        .put_object(&name("taken"), blob, &text(), Overwrite::Forbid)
        .await
        .unwrap();
    assert_eq!(of_version(store, "taken", VersionId::Null).await, "content");
}

async fn an_object_that_is_moved_onto_itself_stays(Fixture { store, .. }: &Fixture) {
    for versioning in [
        Versioning::Never,
        Versioning::Enabled,
        Versioning::Suspended,
    ] {
        keep_versions(store, versioning).await;
        for text in ["short".to_owned(), long("long")] {
            put(store, "key", &text).await;
            store
                .rename_object(&name("key"), &name("key"), Overwrite::Allow)
                .await
                .unwrap();
            assert_eq!(content(store, "key").await, text, "{versioning:?}");
            assert_eq!(store.named_but_missing().await, 0);
        }
    }
}

async fn the_list_of_who_may_use_a_version_is_its_own(Fixture { store, .. }: &Fixture) {
    enable(store).await;
    let old = put(store, "key", "old").await.version_id();
    put(store, "key", "new").await;
    store
        .set_object_acl(&name("key"), old, &Acl::PublicRead)
        .await
        .unwrap();
    let acl = async |id| {
        let version = store.head_version(&name("key"), id).await.unwrap();
        version.attributes.acl
    };
    assert_eq!(acl(old).await, Acl::PublicRead);
    assert_eq!(acl(None).await, Acl::Default);
}
