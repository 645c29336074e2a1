//! Archived objects, and the cloud's clock.

use std::time::Duration;

use super::fixture::{Fixture, content, name, on_every_store, put, text};
use crate::store::{
    ObjectAttributes, Overwrite, Restored, Restoring, STORAGE_CLASS, Store, StoreError, Tier,
};

on_every_store!(
    an_archived_object_is_read_once_it_is_restored_and_for_its_days,
    what_cannot_be_restored_says_so,
    a_restored_object_is_restored_for_longer,
);

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

fn class(class: &str) -> ObjectAttributes {
    ObjectAttributes {
        headers: [(STORAGE_CLASS.to_owned(), class.to_owned())].into(),
        ..text()
    }
}

async fn archive(store: &Store, key: &str, storage_class: &str) {
    let blob = store.upload_bytes("content".into()).await.unwrap();
    store
        .put_object(&name(key), blob, &class(storage_class), Overwrite::Allow)
        .await
        .unwrap();
}

async fn is_readable(store: &Store, key: &str) -> bool {
    match store.get_object(&name(key), None).await {
        Ok(_) => true,
        Err(StoreError::Archived { class, .. }) => {
            assert!(class.ends_with("ARCHIVE"), "{class}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

async fn an_archived_object_is_read_once_it_is_restored_and_for_its_days(
    Fixture { store, .. }: &Fixture,
) {
    archive(store, "cold", "ARCHIVE").await;
    assert!(!is_readable(store, "cold").await);
    let restoring = store
        .restore_object(&name("cold"), None, 2, Tier::Expedited)
        .await
        .unwrap();
    assert_eq!(restoring, Restoring::Begun);
    assert!(!is_readable(store, "cold").await);
    let restoration = store.head_object(&name("cold")).await.unwrap();
    let restoration = restoration.restoration().unwrap();
    assert_eq!(restoration.at(store.now()), Restored::UnderWay);
    assert_eq!(restoration.tier, Tier::Expedited);

    store.advance_clock(MINUTE * 5).await.unwrap();
    assert!(is_readable(store, "cold").await);
    assert_eq!(content(store, "cold").await, "content");
    store.advance_clock(DAY * 2).await.unwrap();
    assert!(is_readable(store, "cold").await);
    store.advance_clock(DAY).await.unwrap();
    assert!(!is_readable(store, "cold").await);
    // What takes its place is not restored.
    archive(store, "cold", "ARCHIVE").await;
    let again = store.head_object(&name("cold")).await.unwrap();
    assert_eq!(again.restoration(), None);
}

async fn what_cannot_be_restored_says_so(Fixture { store, .. }: &Fixture) {
    let restore = async |key: &str, tier| store.restore_object(&name(key), None, 1, tier).await;
    put(store, "warm", "content").await;
    let warm = restore("warm", Tier::Bulk).await;
    assert!(matches!(warm, Err(StoreError::NotArchived(_))), "{warm:?}");
    archive(store, "deep", "DEEP_ARCHIVE").await;
    let fast = restore("deep", Tier::Expedited).await;
    assert!(matches!(fast, Err(StoreError::NoSuchTier(_))), "{fast:?}");
    assert_eq!(restore("deep", Tier::Bulk).await.unwrap(), Restoring::Begun);
    let twice = restore("deep", Tier::Standard).await;
    assert!(
        matches!(twice, Err(StoreError::RestoreUnderWay(_))),
        "{twice:?}"
    );
    let missing = restore("none", Tier::Bulk).await;
    assert!(matches!(missing, Err(StoreError::NoSuchObject(_))));
}

async fn a_restored_object_is_restored_for_longer(Fixture { store, .. }: &Fixture) {
    archive(store, "cold", "ARCHIVE").await;
    let restore = async |days| {
        store
            .restore_object(&name("cold"), None, days, Tier::Expedited)
            .await
            .unwrap()
    };
    restore(1).await;
    store.advance_clock(MINUTE * 5).await.unwrap();
    let until = async || {
        let object = store.head_object(&name("cold")).await.unwrap();
        object.restoration().unwrap().until
    };
    let first = until().await;
    assert_eq!(restore(3).await, Restoring::Prolonged);
    assert_eq!(until().await - first, 2 * 24 * 60 * 60 * 1000);
    assert!(is_readable(store, "cold").await);
}
