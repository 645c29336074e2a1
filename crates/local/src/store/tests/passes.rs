//! Passes: one process at a time, and none is lost.

use super::fixture::{BUCKET, Fixture, on_every_store};
use crate::store::{Begun, Pass, SettingName, Store};

on_every_store!(
    a_pass_is_done_once_for_its_time,
    a_pass_that_was_given_up_is_gone_on_with,
    there_is_no_pass_for_a_bucket_that_is_gone,
);

fn setting() -> SettingName {
    SettingName {
        bucket: BUCKET.to_owned(),
        kind: "lifecycle",
        id: String::new(),
    }
}

async fn begin(store: &Store, due: i64) -> Begun {
    store.begin_pass(&setting(), due, false).await.unwrap()
}

async fn mine(store: &Store, due: i64) -> Pass {
    match begin(store, due).await {
        Begun::Mine(pass) => pass,
        other => panic!("{other:?}"),
    }
}

async fn a_pass_is_done_once_for_its_time(Fixture { store, .. }: &Fixture) {
    let pass = mine(store, 10).await;
    assert_eq!((pass.due, pass.place.as_str()), (10, ""));
    assert!(store.end_pass(&pass).await.unwrap());
    assert!(!store.end_pass(&pass).await.unwrap(), "it has ended");
    for due in [9, 10] {
        assert_eq!(begin(store, due).await, Begun::Done);
    }
    assert_eq!(mine(store, 11).await.due, 11);
    let pass = mine(store, 11).await;
    store.end_pass(&pass).await.unwrap();
    // Unless somebody insists.
    let again = store.begin_pass(&setting(), 11, true).await.unwrap();
    assert!(matches!(again, Begun::Mine(_)), "{again:?}");
}

async fn a_pass_that_was_given_up_is_gone_on_with(Fixture { store, .. }: &Fixture) {
    let pass = mine(store, 10).await;
    assert!(store.note_pass(&pass, "key").await.unwrap());
    store.leave_pass(&pass).await.unwrap();
    assert!(
        !store.note_pass(&pass, "later").await.unwrap(),
        "it is given up"
    );
    // The new one comes after it.
    let pass = mine(store, 20).await;
    assert_eq!((pass.due, pass.place.as_str()), (10, "key"));
    store.end_pass(&pass).await.unwrap();
    let pass = mine(store, 20).await;
    assert_eq!((pass.due, pass.place.as_str()), (20, ""));
}

async fn there_is_no_pass_for_a_bucket_that_is_gone(Fixture { store, .. }: &Fixture) {
    let pass = mine(store, 10).await;
    store.delete_bucket(BUCKET).await.unwrap();
    assert!(!store.note_pass(&pass, "key").await.unwrap());
    assert_eq!(begin(store, 20).await, Begun::Done);
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_pass_belongs_to_a_process_for_as_long_as_that_lives() {
    use std::sync::Arc;

    use super::cluster::schema;
    use super::fixture::{LEASE, REGION, START, process};
    use crate::clock::ManualClock;
    use crate::store::Acl;
    use crate::store::blobs::Blobs;

    let (url, blobs) = (schema().await, Blobs::in_memory(u64::MAX));
    let clock = Arc::new(ManualClock::new(START));
    let first = process(&url, blobs.clone(), clock.clone()).await;
    let second = process(&url, blobs, clock.clone()).await;
    let bucket = first.create_bucket(BUCKET, REGION, Acl::Private).await;
    bucket.unwrap();
    let pass = mine(&first, 10).await;
    assert!(first.note_pass(&pass, "key").await.unwrap());
    clock.advance(LEASE - 1);
    second.beat().await.unwrap();
    assert_eq!(begin(&second, 10).await, Begun::Busy);
    clock.advance(1);
    let taken = mine(&second, 10).await;
    assert_eq!((taken.due, taken.place.as_str()), (10, "key"));
    // It was not dead, only silent.
    first.beat().await.unwrap();
    assert_eq!(begin(&first, 10).await, Begun::Busy);
    assert!(!first.note_pass(&pass, "later").await.unwrap());
    assert!(!first.end_pass(&pass).await.unwrap());
    assert!(second.end_pass(&taken).await.unwrap());
    assert_eq!(begin(&first, 10).await, Begun::Done);
}
