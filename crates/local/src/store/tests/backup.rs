//! Backups of folders in use.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::fixture::{BUCKET, FAR_FUTURE, REGION, name, put, text};
use crate::clock::ManualClock;
use crate::store::{self, Acl, Overwrite, Store, StoreError};

const KEYS: usize = 40;

/// Content of a version of an object: short ones lie with the rows, long ones beside them.
fn version(key: usize, number: u32) -> Bytes {
    let times = if key.is_multiple_of(2) { 1 } else { 20_000 };
    format!("{key} {number};").repeat(times).into()
}

async fn put_version(store: &Store, key: usize, number: u32) {
    let blob = store.upload_bytes(version(key, number)).await.unwrap();
    let (at, attributes) = (name(&key.to_string()), text());
    let put = store.put_object(&at, blob, &attributes, Overwrite::Allow);
    put.await.unwrap();
}

async fn made(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    let made = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    made.unwrap();
    store
}

async fn assert_clean(store: &Store) {
    let mut all = Vec::new();
    let checked = store.check(&mut |finding| all.push(finding)).await;
    checked.unwrap();
    assert_eq!(all, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_has_all_that_was_acknowledged_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path()).await;
    let mut before = BTreeMap::new();
    for key in 0..KEYS {
        put_version(&store, key, 0).await;
        before.insert(key, 0);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (store, stop) = (store.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    for key in (writer..KEYS).step_by(4) {
                        put_version(&store, key, number).await;
                    }
                }
                number
            })
        })
        .collect();
    let place = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let to = place.path().join(if round % 2 == 0 {
            format!("{round}")
        } else {
            format!("{round}.tar")
        });
        let done = store::back_up(folder.path(), None, &to).await.unwrap();
        assert_eq!(done.objects, KEYS as u64);
        let restored = place.path().join(format!("restored-{round}"));
        let done = store::restore(&to, &restored, None).await.unwrap();
        assert_eq!(done.objects, KEYS as u64);
        let copy = Store::open(&restored).await.unwrap();
        assert_clean(&copy).await;
        for (key, least) in &mut before {
            let reader = copy.get_object(&name(&key.to_string()), None).await;
            let content = reader.unwrap().bytes().await.unwrap();
            let text = String::from_utf8(content.to_vec()).unwrap();
            let number = text.split([' ', ';']).nth(1).unwrap().parse().unwrap();
            assert_eq!(content, version(*key, number));
            assert!(number >= *least, "{key}: {number} is older than {least}");
            *least = number;
        }
        copy.close().await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut rounds = 0;
    for writer in writers {
        rounds += writer.await.unwrap();
    }
    assert!(rounds > 0, "nothing was written meanwhile");
    assert_clean(&store).await;
}

/// The log of a killed process must be there at the next start.
#[tokio::test]
async fn a_backup_of_a_killed_state_leaves_it_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path()).await;
    put(&store, "key", "content").await;
    let killed = tempfile::tempdir().unwrap();
    for file in ["tcloud.db", "tcloud.db-wal", "in-use"] {
        fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
    }
    fs::create_dir(killed.path().join("blobs")).unwrap();
    let id = "blobs/store-id";
    fs::copy(folder.path().join(id), killed.path().join(id)).unwrap();
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("backup");
    let done = store::back_up(killed.path(), None, &to).await.unwrap();
    assert_eq!(done.objects, 1);
    assert!(killed.path().join("tcloud.db-wal").exists());
    for state in [killed.path(), &to] {
        let copy = Store::open(state).await.unwrap();
        assert_eq!(copy.head_object(&name("key")).await.unwrap().size, 7);
        copy.close().await;
    }
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_is_made_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path()).await;
    put_version(&store, 1, 0).await;
    store.close().await;
    let place = tempfile::tempdir().unwrap();
    let (one, tar) = (place.path().join("one"), place.path().join("one.tar"));
    store::back_up(folder.path(), None, &one).await.unwrap();
    store::back_up(folder.path(), None, &tar).await.unwrap();
    for to in [&one, &tar] {
        let again = store::back_up(folder.path(), None, to).await;
        assert!(matches!(again, Err(StoreError::NotEmpty { .. })));
    }
    let onto = store::restore(&one, folder.path(), None).await;
    assert!(matches!(onto, Err(StoreError::NotEmpty { .. })));
    let none = place.path().join("none");
    let nothing = store::back_up(&none, None, &place.path().join("two")).await;
    assert!(matches!(nothing, Err(StoreError::NoState { .. })));
    let nothing = store::restore(&none, &place.path().join("three"), None).await;
    assert!(matches!(nothing, Err(StoreError::NoState { .. })));
    assert!(!none.exists());
    let names = fs::read_dir(place.path()).unwrap().count();
    assert_eq!(names, 2, "an unfinished backup is left behind");
}

#[tokio::test]
async fn a_backup_outlives_what_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path()).await;
    put_version(&store, 1, 0).await;
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("backup");
    store::back_up(folder.path(), None, &to).await.unwrap();
    store.delete_object(&name("1")).await.unwrap();
    store.close().await;
    let clock = Arc::new(ManualClock::new(FAR_FUTURE));
    let old = Store::in_folder(folder.path(), None, clock, true)
        .await
        .unwrap();
    old.collect_garbage().await.unwrap();
    drop(folder);
    let restored = place.path().join("restored");
    store::restore(&to, &restored, None).await.unwrap();
    let copy = Store::open(&restored).await.unwrap();
    assert_clean(&copy).await;
    let reader = copy.get_object(&name("1"), None).await.unwrap();
    assert_eq!(reader.bytes().await.unwrap(), version(1, 0));
}

#[cfg(feature = "s3")]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_in_a_bucket_is_backed_up_and_restored_into_another() {
    let server = crate::store::blobs::tests::s3::Server::start().await;
    let (first, second) = (
        server.bucket("s3://content/first"),
        server.bucket("s3://content/second"),
    );
    let folder = tempfile::tempdir().unwrap();
    let clock = || Arc::new(ManualClock::new(FAR_FUTURE));
    let store = Store::in_folder(folder.path(), Some(&first), clock(), true);
    let store = store.await.unwrap();
    let made = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    made.unwrap();
    put_version(&store, 0, 0).await;
    put_version(&store, 1, 0).await;
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("backup.tar");
    store::back_up(folder.path(), Some(&first), &to)
        .await
        .unwrap();
    assert_clean(&store).await;
    store.close().await;

    let other = place.path().join("other");
    let taken = store::restore(&to, &other, Some(&first)).await;
    assert!(matches!(taken, Err(StoreError::NotEmpty { .. })));
    store::restore(&to, &other, Some(&second)).await.unwrap();
    let copy = Store::in_folder(&other, Some(&second), clock(), true).await;
    let copy = copy.unwrap();
    assert_clean(&copy).await;
    let reader = copy.get_object(&name("1"), None).await.unwrap();
    assert_eq!(reader.bytes().await.unwrap(), version(1, 0));
    copy.close().await;
    // Content of another store, or none, is not taken for it.
    for wrong in [None, Some(server.bucket("s3://content/third"))] {
        let mixed = Store::in_folder(&other, wrong.as_ref(), clock(), true).await;
        assert!(matches!(mixed, Err(StoreError::Mismatch { .. })));
    }
}
