//! Objects that are locked.

use std::sync::Arc;

use super::fixture::{
    BUCKET, Fixture, REGION, START, content, move_object, name, on_every_store, put, text,
};
use crate::clock::ManualClock;
use crate::store::{Acl, Overwrite, SettingName, Store, StoreError, Versioning};

on_every_store!(
    no_way_leads_past_a_lock,
    of_several_the_free_ones_are_deleted,
    a_lock_that_is_refused_changes_nothing,
);

/// A day.
const DAY: i64 = 24 * 60 * 60 * 1000;

fn setting() -> SettingName {
    SettingName {
        bucket: BUCKET.to_owned(),
        kind: "object-lock",
        id: String::new(),
    }
}

async fn lock_for(store: &Store, days: i64) {
    store
        .put_object_lock(&setting(), "<a/>", days)
        .await
        .unwrap();
}

fn locked<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::ObjectLocked { until, .. }) if *until == START + DAY)
}

async fn no_way_leads_past_a_lock(fixture: &Fixture) {
    let store = &fixture.store;
    lock_for(store, 1).await;
    assert_eq!(store.bucket(BUCKET).await.unwrap().retention, Some(1));
    let object = put(store, "key", "content").await;
    assert_eq!(object.locked_until, Some(START + DAY));
    put(store, "other", "other").await;
    let blob = store.upload_bytes("new".into()).await.unwrap();
    let (key, other, new) = (name("key"), name("other"), name("new"));
    let attributes = text();
    let replaced = store.put_object(&key, blob, &attributes, Overwrite::Allow);
    assert!(locked(&replaced.await));
    assert!(locked(&store.delete_object(&name("key")).await));
    let moved = store.rename_object(&key, &new, Overwrite::Allow);
    assert!(locked(&moved.await));
    let moved = store.rename_object(&other, &key, Overwrite::Allow);
    assert!(locked(&moved.await));
    let other = store.head_object(&other).await.unwrap();
    let copied = store.copy_object(&other, &key, text(), Overwrite::Allow);
    assert!(locked(&copied.await));
    assert!(locked(&move_object(store, &key, &new).await));
    assert_eq!(content(store, "key").await, "content");
    assert_eq!(store.findings().await, []);
    fixture.clock.set(START + DAY);
    store.delete_object(&name("key")).await.unwrap();
}

async fn of_several_the_free_ones_are_deleted(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, "free", "free").await;
    lock_for(store, 1).await;
    put(store, "key", "content").await;
    let all = ["key", "free"].map(|key| (name(key), None));
    let deleted = store.delete_versions(&all).await.unwrap();
    let told: Vec<_> = deleted
        .iter()
        .map(|it| (it.existed, it.locked_until))
        .collect();
    assert_eq!(told, [(false, Some(START + DAY)), (true, None)]);
    assert_eq!(content(store, "key").await, "content");
    assert!(store.head_object(&name("free")).await.is_err());
    // Of versions each has its own.
    store
        .set_versioning(BUCKET, Versioning::Enabled)
        .await
        .unwrap();
    let old = store
        .head_object(&name("key"))
        .await
        .unwrap()
        .version_id()
        .unwrap();
    put(store, "key", "newer").await;
    store.delete_object(&name("key")).await.unwrap();
    assert!(locked(&store.delete_version(&name("key"), Some(old)).await));
}

async fn a_lock_that_is_refused_changes_nothing(fixture: &Fixture) {
    let store = &fixture.store;
    lock_for(store, 0).await;
    put(store, "key", "content").await;
    let lock = async |until| store.lock_object(&name("key"), None, until).await;
    let refused = |result| matches!(result, Err(StoreError::LockNotLonger(_)));
    assert!(refused(lock(START).await));
    assert!(refused(lock(START - 1).await));
    lock(START + 10).await.unwrap();
    assert!(refused(lock(START + 9).await));
    let found = store.head_object(&name("key")).await.unwrap();
    assert_eq!(found.locked_until, Some(START + 10));
    let none = store.lock_object(&name("none"), None, START + 10).await;
    assert!(matches!(none, Err(StoreError::NoSuchObject(_))));
}

/// The setting and what acts by it are one transaction: a client that hangs up halfway leaves both or
/// none.
#[tokio::test]
async fn a_rule_dropped_halfway_is_set_and_acts_or_neither() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(START));
    let mut days = 0;
    // The last one does not hang up: how far the others come is up to the machine.
    for turns in (0..40_usize).chain([usize::MAX]) {
        let store = Store::in_folder(folder.path(), None, clock.clone(), true)
            .await
            .unwrap();
        if turns == 0 {
            store
                .create_bucket(BUCKET, REGION, Acl::Private)
                .await
                .unwrap();
        }
        let wanted = i64::try_from(turns.min(40)).unwrap() + 1;
        let document = format!("<Days>{wanted}</Days>");
        tokio::select! {
            biased;
            put = async { store.put_object_lock(&setting(), &document, wanted).await } => put.unwrap(),
            () = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
        store.close().await;
        let store = Store::in_folder(folder.path(), None, clock.clone(), true)
            .await
            .unwrap();
        let kept = store.bucket_setting(&setting()).await.unwrap();
        let kept = kept.map(|kept| kept.document);
        let acts = store.bucket(BUCKET).await.unwrap().retention;
        assert_eq!(
            kept,
            acts.map(|days| format!("<Days>{days}</Days>")),
            "{turns}"
        );
        days = acts.unwrap_or(days);
        store.close().await;
    }
    assert_eq!(days, 41, "the last one has set it");
}
