//! Content in memory has a limit.

use std::sync::Arc;

use crate::clock::ManualClock;
use crate::store::{Acl, Overwrite, StagedBlob, Store, StoreError};
use bytes::Bytes;

use super::fixture::{BUCKET, REGION, START, name, text};

const LIMIT: u64 = 1000;

async fn store() -> Store {
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::in_memory(clock, LIMIT).await.unwrap();
    store
        .create_bucket(BUCKET, REGION, Acl::Private)
        .await
        .unwrap();
    store
}

async fn upload(store: &Store, bytes: usize) -> Result<StagedBlob, StoreError> {
    store.upload_bytes(Bytes::from(vec![7; bytes])).await
}

async fn put(store: &Store, key: &str, bytes: usize) -> Result<(), StoreError> {
    let blob = upload(store, bytes).await?;
    store
        .put_object(&name(key), blob, &text(), Overwrite::Allow)
        .await
        .map(drop)
}

fn is_full<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::MemoryFull { limit: LIMIT }))
}

#[tokio::test]
async fn all_objects_together_stay_below_the_limit() {
    let store = store().await;
    put(&store, "a", 400).await.unwrap();
    put(&store, "b", 600).await.unwrap();
    assert!(is_full(&put(&store, "c", 1).await));
    store.delete_object(&name("a")).await.unwrap();
    put(&store, "c", 400).await.unwrap();
}

#[tokio::test]
async fn what_is_replaced_is_free_again() {
    let store = store().await;
    for _ in 0..10 {
        put(&store, "key", 500).await.unwrap();
    }
    // The old and the new one are there at the same time.
    assert!(is_full(&put(&store, "key", 501).await));
    store.come_to_rest().await;
    put(&store, "key", 500).await.unwrap();
}

#[tokio::test]
async fn what_is_still_being_received_counts() {
    let store = store().await;
    let mut first = store.upload();
    first.write(Bytes::from(vec![7; 600])).await.unwrap();
    let handles = Arc::strong_count(&store.inner);
    let mut second = store.upload();
    second.write(Bytes::from(vec![7; 400])).await.unwrap();
    let full = second.write(Bytes::from(vec![7; 1])).await;
    assert!(is_full(&full));
    drop(second);
    store.come_down_to(handles).await;
    first.write(Bytes::from(vec![7; 400])).await.unwrap();
    drop(first.finish().await.unwrap());
    store.come_to_rest().await;
    drop(upload(&store, 1000).await.unwrap());
}
