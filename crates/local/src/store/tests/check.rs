//! Damage is found, said, and repaired as far as that loses nothing more.

use std::fs;
use std::path::Path;

use bytes::Bytes;

use super::fixture::{BUCKET, REGION, name, put, text};
use crate::store::{Acl, Finding, Overwrite, Store, StoreError};

/// More than is kept with the rows.
const LONG: usize = 100_000;

async fn store(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    match store.create_bucket(BUCKET, REGION, Acl::Private).await {
        Ok(_) | Err(StoreError::BucketExists(_)) => store,
        Err(error) => panic!("{error}"),
    }
}

/// Stores content that lies beside the database, and returns the name of its file.
async fn put_long(store: &Store, key: &str) -> String {
    let content = Bytes::from(key.repeat(LONG));
    let blob = store.upload_bytes(content).await.unwrap();
    let (at, attributes) = (name(key), text());
    let put = store.put_object(&at, blob, &attributes, Overwrite::Allow);
    put.await.unwrap().blob
}

async fn findings(store: &Store) -> Vec<Finding> {
    let mut all = Vec::new();
    let checked = store.check(&mut |finding| all.push(finding)).await.unwrap();
    assert_eq!(checked.findings, all.len() as u64);
    all
}

#[tokio::test]
async fn a_whole_state_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    put(&store, "short", "content").await;
    put(&store, "empty", "").await;
    put_long(&store, "a").await;
    put_long(&store, "a").await;
    // On its way, so no object names it yet.
    let upload = store.upload_bytes(vec![7; LONG].into()).await.unwrap();
    assert_eq!(findings(&store).await, []);
    drop(upload);
    let mut ignored = |_| {};
    let checked = store.check(&mut ignored).await.unwrap();
    assert_eq!((checked.objects, checked.bytes), (3, 7 + LONG as u64));
}

#[tokio::test]
async fn each_kind_of_damage_is_told_and_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let blobs = folder.path().join("blobs");
    let keys = ["changed", "short", "gone", "whole"];
    let mut files = Vec::new();
    for key in keys {
        files.push(put_long(&store, key).await);
    }
    let [changed, short, gone, _] = files.try_into().unwrap();
    let mut content = fs::read(blobs.join(&changed)).unwrap();
    content[LONG / 2] ^= 1;
    fs::write(blobs.join(&changed), content).unwrap();
    fs::write(blobs.join(&short), "short").unwrap();
    fs::remove_file(blobs.join(&gone)).unwrap();
    let unnamed = "0".repeat(32);
    let partial = format!("{}#1", "1".repeat(32));
    fs::write(blobs.join(&unnamed), "abc").unwrap();
    fs::write(blobs.join(&partial), "abcd").unwrap();
    fs::write(blobs.join("notes.txt"), "not ours").unwrap();

    let found = findings(&store).await;
    let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
    let of = |key: &str| shown.iter().filter(|it| it.contains(key)).count();
    assert_eq!(shown.len(), 5, "{shown:?}");
    assert!(shown[0].contains("changed: the content") && shown[0].contains("CRC-64"));
    assert_eq!(
        shown[1],
        format!("missing: {BUCKET}/gone: there is no content {gone}")
    );
    assert!(
        shown[2].ends_with("has 5 bytes instead of 500000"),
        "{}",
        shown[2]
    );
    assert_eq!((of(&unnamed), of(&partial)), (1, 1));
    assert_eq!(findings(&store).await, found, "a check changes nothing");

    let mut repaired = 0;
    for finding in &found {
        let done = store.repair(finding).await.unwrap();
        assert_eq!(done, finding.remedy().is_some(), "{finding}");
        repaired += u32::from(done);
    }
    assert_eq!(repaired, 3);
    let left = findings(&store).await;
    assert!(left.iter().all(|it| matches!(it, Finding::Damaged { .. })));
    assert_eq!(left.len(), 2);
    let gone = store.head_object(&name("gone")).await;
    assert!(matches!(gone, Err(StoreError::NoSuchObject(_))));
    store.get_object(&name("whole"), None).await.unwrap();
    assert!(blobs.join("notes.txt").exists());
    // What was stored again is whole.
    put_long(&store, "changed").await;
    store.delete_object(&name("short")).await.unwrap();
    assert_eq!(findings(&store).await, []);
}

#[tokio::test]
async fn a_repair_leaves_alone_what_has_changed_since() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let file = put_long(&store, "a").await;
    fs::remove_file(folder.path().join("blobs").join(file)).unwrap();
    let found = findings(&store).await;
    put_long(&store, "a").await;
    assert!(!store.repair(&found[0]).await.unwrap());
    assert_eq!(findings(&store).await, []);
}

#[tokio::test]
async fn damage_of_the_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let opened = store(folder.path()).await;
    put(&opened, "short", "content").await;
    opened.close().await;
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("tcloud.db"));
    let database = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("UPDATE contents SET content = CAST('c0ntent' AS BLOB)")
        .execute(&database)
        .await
        .unwrap();
    sqlx::query("INSERT INTO contents VALUES ('0', CAST('abc' AS BLOB))")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    let store = store(folder.path()).await;
    let found = findings(&store).await;
    assert!(matches!(&found[0], Finding::Damaged { wrong, .. } if wrong.contains("CRC-64")));
    let content = "0".to_owned();
    assert_eq!(found[1], Finding::Unnamed { content, bytes: 3 });
    assert!(store.repair(&found[1]).await.unwrap());
    assert_eq!(findings(&store).await.len(), 1);
}
