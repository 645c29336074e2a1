//! Versions that are to be copied: noted with the version, struck with the copy.

use super::fixture::{BUCKET, Fixture, REGION, START, long, name, on_every_store, put};
use crate::store::{
    Acl, ObjectName, REPLICATION_STATUS, ReplicaTarget, Replicated, Replication, SettingName,
    Store, StoreError, Versioning,
};

on_every_store!(
    a_version_is_copied_once,
    copies_come_in_the_order_of_their_versions,
    what_cannot_be_copied_is_marked,
    nothing_is_noted_without_rules_and_versions,
    a_copy_is_locked_as_its_own_bucket_says,
);

const TARGET: &str = "copies-1250000000";

async fn open(store: &Store) {
    let target = store.create_bucket(TARGET, REGION, Acl::Private).await;
    target.unwrap();
    for bucket in [BUCKET, TARGET] {
        let set = store.set_versioning(bucket, Versioning::Enabled).await;
        set.unwrap();
    }
    let setting = SettingName {
        bucket: BUCKET.to_owned(),
        kind: "replication",
        id: String::new(),
    };
    store.put_bucket_setting(&setting, "<a/>", 1).await.unwrap();
}

fn target() -> [ReplicaTarget; 1] {
    [ReplicaTarget {
        bucket: TARGET.to_owned(),
        class: None,
    }]
}

async fn noted(store: &Store) -> Vec<Replication> {
    store.replications(100).await.unwrap()
}

async fn content(store: &Store, key: &str) -> String {
    let copy = ObjectName::new(TARGET, key);
    let copy = store.get_object(&copy, None).await.unwrap();
    String::from_utf8(copy.bytes().await.unwrap().to_vec()).unwrap()
}

async fn a_version_is_copied_once(Fixture { store, .. }: &Fixture) {
    open(store).await;
    let original = put(store, "k", &long("content")).await;
    let all = noted(store).await;
    assert_eq!(all.len(), 1);
    let replicate = async || store.replicate(&all[0], &target()).await.unwrap();
    assert_eq!(replicate().await, Replicated::Done);
    assert_eq!(replicate().await, Replicated::Nothing, "it is struck");
    assert!(noted(store).await.is_empty());
    let copy = store.head_object(&ObjectName::new(TARGET, "k")).await;
    let copy = copy.unwrap();
    assert_eq!(copy.version_id(), original.version_id());
    assert_eq!(copy.attributes.headers[REPLICATION_STATUS], "REPLICA");
    let original = store.head_object(&name("k")).await.unwrap();
    assert_eq!(original.attributes.headers[REPLICATION_STATUS], "COMPLETED");
    // Both name the content, and it stays for as long as one does.
    let id = original.version_id();
    store.delete_version(&name("k"), id).await.unwrap();
    assert_eq!(content(store, "k").await, long("content"));
}

async fn copies_come_in_the_order_of_their_versions(Fixture { store, .. }: &Fixture) {
    open(store).await;
    put(store, "k", "old").await;
    put(store, "k", "new").await;
    store.delete_object(&name("k")).await.unwrap();
    let mut all = noted(store).await;
    assert_eq!(all.len(), 3);
    // Of one key the oldest comes first; here it comes last, as by a process that was slow.
    all.rotate_left(1);
    for replication in &all {
        let done = store.replicate(replication, &target()).await.unwrap();
        assert_eq!(done, Replicated::Done);
    }
    let copy = ObjectName::new(TARGET, "k");
    let hidden = store.head_object(&copy).await;
    assert!(matches!(hidden, Err(StoreError::NoSuchObject(_))));
    let marker = store.delete_marker(&copy).await.unwrap();
    assert_eq!(marker, store.delete_marker(&name("k")).await.unwrap());
    store.delete_version(&copy, marker).await.unwrap();
    assert_eq!(content(store, "k").await, "new");
}

async fn what_cannot_be_copied_is_marked(Fixture { store, .. }: &Fixture) {
    open(store).await;
    put(store, "k", "content").await;
    let suspended = store.set_versioning(TARGET, Versioning::Suspended).await;
    suspended.unwrap();
    let all = noted(store).await;
    let failed = store.replicate(&all[0], &target()).await.unwrap();
    assert_eq!(failed, Replicated::Failed);
    let original = store.head_object(&name("k")).await.unwrap();
    assert_eq!(original.attributes.headers[REPLICATION_STATUS], "FAILED");
    assert!(noted(store).await.is_empty());
    let copy = store.head_object(&ObjectName::new(TARGET, "k")).await;
    assert!(matches!(copy, Err(StoreError::NoSuchObject(_))));
}

async fn a_copy_is_locked_as_its_own_bucket_says(Fixture { store, .. }: &Fixture) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    open(store).await;
    let lock = async |bucket: &str, days| {
        let setting = SettingName {
            bucket: bucket.to_owned(),
            kind: "object-lock",
            id: String::new(),
        };
        let set = store.put_object_lock(&setting, "<a/>", days).await;
        set.unwrap();
    };
    let copied = async |key: &str| {
        put(store, key, "content").await;
        let all = noted(store).await;
        let done = store.replicate(&all[0], &target()).await.unwrap();
        assert_eq!(done, Replicated::Done);
        let copy = store.head_object(&ObjectName::new(TARGET, key)).await;
        copy.unwrap().locked_until
    };
    lock(BUCKET, 3).await;
    assert_eq!(copied("free").await, None);
    lock(TARGET, 1).await;
    assert_eq!(copied("locked").await, Some(START + DAY));
    let original = store.head_object(&name("locked")).await.unwrap();
    assert_eq!(original.locked_until, Some(START + 3 * DAY));
}

async fn nothing_is_noted_without_rules_and_versions(Fixture { store, .. }: &Fixture) {
    open(store).await;
    let elsewhere = ObjectName::new(TARGET, "k");
    store.delete_object(&elsewhere).await.unwrap();
    let suspended = store.set_versioning(BUCKET, Versioning::Suspended).await;
    suspended.unwrap();
    put(store, "k", "content").await;
    assert!(noted(store).await.is_empty());
}
