//! What becomes of objects by rules: only of what is still as it was.

use super::fixture::{BUCKET, Fixture, content, name, on_every_store, put};
use crate::store::{
    Aged, Aging, ListQuery, STORAGE_CLASS, SettingName, Store, StoreError, VersionQuery, Versioning,
};

on_every_store!(
    what_expires_is_deleted,
    what_expires_is_hidden_where_versions_are_kept,
    what_has_changed_since_stays,
    what_the_rules_do_not_say_any_more_stays,
    a_delete_marker_goes_last,
    what_moves_keeps_all_but_its_class,
);

const RULES: &str = "<LifecycleConfiguration/>";

fn setting() -> SettingName {
    SettingName {
        bucket: BUCKET.to_owned(),
        kind: "lifecycle",
        id: String::new(),
    }
}

async fn set(store: &Store) {
    let set = store.put_bucket_setting(&setting(), RULES, 1).await;
    assert!(set.unwrap());
}

/// All versions of all keys.
async fn versions(store: &Store) -> Vec<Aged> {
    let query = VersionQuery {
        keys: ListQuery {
            max_keys: 1000,
            ..ListQuery::default()
        },
        version_marker: None,
    };
    let listed = store.list_versions(BUCKET, &query).await.unwrap();
    let aged = |(object, is_latest)| Aged { object, is_latest };
    listed.versions.into_iter().map(aged).collect()
}

async fn age(store: &Store, aged: &Aged, aging: &Aging) -> bool {
    store.age(aged, aging, &setting(), RULES).await.unwrap()
}

async fn remove(store: &Store, aged: &Aged) -> bool {
    age(store, aged, &Aging::Removed).await
}

async fn what_expires_is_deleted(Fixture { store, .. }: &Fixture) {
    set(store).await;
    put(store, "a", "content").await;
    put(store, "b", "content").await;
    let all = versions(store).await;
    assert!(remove(store, &all[0]).await);
    assert!(!remove(store, &all[0]).await, "it is gone");
    assert_eq!(versions(store).await, all[1..]);
}

async fn what_expires_is_hidden_where_versions_are_kept(Fixture { store, .. }: &Fixture) {
    set(store).await;
    let enabled = store.set_versioning(BUCKET, Versioning::Enabled).await;
    enabled.unwrap();
    put(store, "a", "old").await;
    put(store, "a", "new").await;
    let all = versions(store).await;
    assert_eq!(
        all.iter().map(|it| it.is_latest).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(remove(store, &all[0]).await);
    let hidden = store.head_object(&name("a")).await;
    assert!(matches!(hidden, Err(StoreError::NoSuchObject(_))));
    let left = versions(store).await;
    assert_eq!(left.len(), 3);
    assert!(left[0].object.is_marker && left[0].is_latest);
    // The old one was not the latest before, and is not now.
    assert!(remove(store, &left[2]).await);
    assert_eq!(versions(store).await, left[..2]);
}

async fn what_has_changed_since_stays(Fixture { store, .. }: &Fixture) {
    set(store).await;
    put(store, "a", "old").await;
    put(store, "tagged", "content").await;
    let all = versions(store).await;
    put(store, "a", "new").await;
    let tags = [("keep".to_owned(), "yes".to_owned())].into();
    let tagged = store.set_object_tags(&name("tagged"), None, &tags).await;
    tagged.unwrap();
    for aged in &all {
        assert!(!remove(store, aged).await, "{aged:?}");
        assert!(!age(store, aged, &Aging::Moved("ARCHIVE".into())).await);
    }
    assert_eq!(content(store, "a").await, "new");
    // A version that is the latest again.
    let enabled = store.set_versioning(BUCKET, Versioning::Enabled).await;
    enabled.unwrap();
    put(store, "a", "newer").await;
    let all = versions(store).await;
    let newest = all[0].object.version_id();
    store.delete_version(&name("a"), newest).await.unwrap();
    assert!(!all[1].is_latest);
    assert!(!remove(store, &all[1]).await);
    assert_eq!(content(store, "a").await, "new");
}

async fn what_the_rules_do_not_say_any_more_stays(Fixture { store, .. }: &Fixture) {
    put(store, "a", "content").await;
    let all = versions(store).await;
    assert!(!remove(store, &all[0]).await, "nothing is set");
    set(store).await;
    let other = store.put_bucket_setting(&setting(), "<Other/>", 1).await;
    assert!(other.unwrap());
    assert!(!remove(store, &all[0]).await, "something else is set");
    set(store).await;
    assert!(remove(store, &all[0]).await);
}

async fn a_delete_marker_goes_last(Fixture { store, .. }: &Fixture) {
    set(store).await;
    let enabled = store.set_versioning(BUCKET, Versioning::Enabled).await;
    enabled.unwrap();
    put(store, "a", "content").await;
    store.delete_object(&name("a")).await.unwrap();
    let all = versions(store).await;
    assert!(all[0].object.is_marker);
    assert!(!remove(store, &all[0]).await, "something is behind it");
    assert!(remove(store, &all[1]).await);
    assert!(remove(store, &all[0]).await);
    assert!(versions(store).await.is_empty());
}

async fn what_moves_keeps_all_but_its_class(Fixture { store, .. }: &Fixture) {
    set(store).await;
    put(store, "a", "content").await;
    let before = versions(store).await.remove(0);
    assert!(age(store, &before, &Aging::Moved("ARCHIVE".into())).await);
    assert!(
        !age(store, &before, &Aging::Moved("ARCHIVE".into())).await,
        "it has another class"
    );
    let mut after = versions(store).await.remove(0);
    assert_eq!(after.object.storage_class(), Some("ARCHIVE"));
    let archived = store.get_object(&name("a"), None).await;
    assert!(matches!(archived, Err(StoreError::Archived { .. })));
    after.object.attributes.headers.remove(STORAGE_CLASS);
    assert_eq!(after, before);
}
