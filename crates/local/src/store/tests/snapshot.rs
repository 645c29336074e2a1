//! A store as one file, and back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::emptying::{fill, rows};
use super::fixture::{
    BUCKET, Fixture, LEASE, START, claim, content, job, long, name, on_every_store, put, submit,
    success,
};
use crate::clock::ManualClock;
use crate::store::dialect::Dialect;
use crate::store::emptying::EMPTIED;
use crate::store::{JobClass, JobState, Store, StoreError};

on_every_store!(
    everything_is_there_again,
    another_store_is_made_of_it,
    what_runs_waits_again,
    what_is_none_changes_nothing,
);

/// A snapshot of `store`, unless it is one that others copy.
async fn saved(store: &Store) -> Option<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.tar");
    let saved = store.save(&file).await;
    let is_own = store.connect().await.unwrap().dialect() == Dialect::Sqlite;
    if !is_own {
        assert!(matches!(saved, Err(StoreError::CopiedByOthers)));
        let loaded = store.load(&file).await;
        assert!(matches!(loaded, Err(StoreError::CopiedByOthers)));
        return None;
    }
    saved.unwrap();
    Some(folder)
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("a.tar")
}

async fn counts(store: &Store) -> Vec<(&'static str, i64)> {
    let mut all = Vec::new();
    for table in EMPTIED {
        // Short content lies where the store has it.
        if table != "contents" {
            all.push((table, rows(store, table).await));
        }
    }
    all
}

async fn everything_is_there_again(Fixture { store, .. }: &Fixture) {
    fill(store).await;
    store.advance_clock(Duration::from_hours(24)).await.unwrap();
    let Some(folder) = saved(store).await else {
        return;
    };
    let secret = store.secret().await.unwrap();
    let bytes = fs::read(file(&folder)).unwrap();
    assert!(
        !bytes.windows(32).any(|it| it == secret),
        "the secret is in it"
    );
    let (before, pieces) = (counts(store).await, store.pieces().await);

    put(store, "long", &long("changed")).await;
    put(store, "more", &long("more")).await;
    store.advance_clock(Duration::from_hours(24)).await.unwrap();
    let mut changes = store.changes();
    // The second time, too, although the content has been here.
    for _ in 0..2 {
        let loaded = store.load(&file(&folder)).await.unwrap();
        assert_eq!(loaded.objects, 5);
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        assert_eq!(counts(store).await, before);
        store.settle().await;
        assert_eq!(
            (store.pieces().await, rows(store, "garbage").await),
            (pieces, 0)
        );
        assert_eq!(content(store, "long").await, long("newer"));
        let parts = content(store, "parts").await;
        assert_eq!(parts.len(), 1024 * 1024 + "the last".len());
        assert_eq!(store.now(), START + 24 * 60 * 60 * 1000);
        assert_eq!(store.secret().await.unwrap(), secret);
        assert_eq!(store.findings().await, []);
    }
    put(store, "more", "more").await;
    assert_eq!(content(store, "more").await, "more");
}

async fn another_store_is_made_of_it(Fixture { store, .. }: &Fixture) {
    fill(store).await;
    let Some(folder) = saved(store).await else {
        return;
    };
    let before = counts(store).await;
    for other in [Fixture::in_memory().await, Fixture::on_disk().await] {
        put(&other.store, "other", &long("other")).await;
        other.store.load(&file(&folder)).await.unwrap();
        assert_eq!(counts(&other.store).await, before);
        assert_eq!(other.store.findings().await, []);
        assert_eq!(content(&other.store, "long").await, long("newer"));
        // It goes on from there.
        let saved = saved(&other.store).await.unwrap();
        store.load(&file(&saved)).await.unwrap();
        assert_eq!(counts(store).await, before);
    }
    let made = tempfile::tempdir().unwrap();
    let restored = crate::store::restore(&file(&folder), made.path(), None).await;
    assert_eq!(restored.unwrap().objects, 5);
    let made = Store::open(made.path()).await.unwrap();
    assert_eq!(counts(&made).await, before);
    assert_eq!(content(&made, "long").await, long("newer"));
}

async fn what_runs_waits_again(Fixture { store, .. }: &Fixture) {
    let id = submit(store, job()).await;
    let claimed = claim(store).await;
    let Some(folder) = saved(store).await else {
        return;
    };
    store.load(&file(&folder)).await.unwrap();
    assert_eq!(store.job(&id).await.unwrap().state, JobState::Submitted);
    let finished = store.finish_job(&claimed, &success(), &[]).await;
    assert!(matches!(finished, Err(StoreError::StaleClaim { .. })));
    let again = store.claim_job(JobClass::Picture, "worker", LEASE).await;
    let again = again.unwrap().unwrap();
    assert_eq!((again.job.id.as_str(), again.job.attempt), (id.as_str(), 2));
    let finished = store.finish_job(&again, &success(), &[]).await.unwrap();
    assert_eq!(finished.state, JobState::Success);
    let later = submit(store, job()).await;
    assert!(store.job(&later).await.unwrap().seq > finished.seq);
}

/// An archive of the files `parts`.
fn archive(to: &Path, parts: &[(&str, &[u8])]) {
    let mut archive = tar::Builder::new(fs::File::create(to).unwrap());
    for (name, content) in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len().try_into().unwrap());
        header.set_mode(0o600);
        archive.append_data(&mut header, name, *content).unwrap();
    }
    archive.finish().unwrap();
}

async fn what_is_none_changes_nothing(Fixture { store, .. }: &Fixture) {
    put(store, "kept", "kept").await;
    let Some(folder) = saved(store).await else {
        return;
    };
    let path = folder.path().join("b.tar");
    let refused = async |named: &str| {
        let error = store.load(&path).await.unwrap_err();
        assert!(matches!(error, StoreError::NoSnapshot { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
        assert_eq!(content(store, "kept").await, "kept");
    };
    fs::write(
        &path,
        "no archive at all, but longer than a block of one".repeat(40),
    )
    .unwrap();
    refused("this is no snapshot").await;
    archive(&path, &[]);
    refused("it has no file tcloud.db").await;
    archive(&path, &[("blobs/store-id", b"a"), ("etc/passwd", b"a")]);
    refused("etc/passwd is no part of a backup").await;
    archive(
        &path,
        &[("blobs/store-id", b"a"), ("tcloud.db", b"no database")],
    );
    refused("this is no snapshot").await;
    archive(&path, &[("blobs/store-id", b"a"), ("tcloud.db", b"")]);
    refused("has no state").await;
    fs::remove_file(&path).unwrap();
    refused("this is no snapshot").await;
}

#[tokio::test]
async fn a_store_without_room_stays_as_it_is() {
    let large = Fixture::on_disk().await;
    put(&large.store, "a", &long("a")).await;
    put(&large.store, "b", &long("b")).await;
    let folder = saved(&large.store).await.unwrap();
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::in_memory(clock, 100_000).await.unwrap();
    store
        .make_buckets(&[BUCKET.to_owned()], "ap-beijing")
        .await
        .unwrap();
    put(&store, "kept", "kept").await;
    let error = store.load(&file(&folder)).await.unwrap_err();
    assert!(matches!(error, StoreError::MemoryFull { .. }), "{error}");
    assert_eq!(content(&store, "kept").await, "kept");
    // What there was no room for takes none.
    put(&store, "more", &long("more")).await;
    let missing = store.head_object(&name("a")).await;
    assert!(matches!(missing, Err(StoreError::NoSuchObject(_))));
}
