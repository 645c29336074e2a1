//! Tags of objects.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{env, io};

use super::fixture::{BUCKET, Fixture, REGION, content, name, on_every_store, put};
use crate::clock::SystemClock;
use crate::store::{Acl, Store, StoreError, VersionId, Versioning};

on_every_store!(tags_are_set_and_stay_with_their_version);

/// Names the folder to the process that is going to be killed.
const FOLDER: &str = "TCLOUD_STORE_OF_TAGS";

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

async fn of(store: &Store, version: Option<VersionId>) -> BTreeMap<String, String> {
    let object = store.head_version(&name("key"), version).await.unwrap();
    object.attributes.tags
}

async fn tags_are_set_and_stay_with_their_version(fixture: &Fixture) {
    let store = &fixture.store;
    let at = name("key");
    let none = store.set_object_tags(&at, None, &tags(&[])).await;
    assert!(matches!(none, Err(StoreError::NoSuchObject(_))));
    store
        .set_versioning(BUCKET, Versioning::Enabled)
        .await
        .unwrap();
    let older = put(store, "key", "older").await.version_id();
    let set = tags(&[("a", "1"), ("\u{e9}", "")]);
    store.set_object_tags(&at, None, &set).await.unwrap();
    assert_eq!(of(store, None).await, set);
    put(store, "key", "newer").await;
    assert_eq!(of(store, None).await, tags(&[]));
    assert_eq!(of(store, older).await, set);
    let other = tags(&[("b", "2")]);
    store.set_object_tags(&at, older, &other).await.unwrap();
    assert_eq!(of(store, older).await, other);
    assert_eq!(of(store, None).await, tags(&[]));
    let unknown = Some(VersionId::Number(-1));
    let set = store.set_object_tags(&at, unknown, &other).await;
    assert!(matches!(set, Err(StoreError::NoSuchVersion(..))));
    // What is hidden has none to be set.
    store.delete_object(&at).await.unwrap();
    let set = store.set_object_tags(&at, None, &other).await;
    assert!(matches!(set, Err(StoreError::NoSuchObject(_))));
    assert_eq!(of(store, older).await, other);
    assert_eq!(content_of(store, older).await, "older");
}

async fn content_of(store: &Store, version: Option<VersionId>) -> String {
    let reader = store.get_version(&name("key"), version, None).await;
    let bytes = reader.unwrap().bytes().await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn open(folder: &Path) -> Store {
    let store = Store::in_folder(folder, None, Arc::new(SystemClock), true).await;
    store.unwrap()
}

/// A process killed while it sets tags: those that it has reported are there, or later ones, and all
/// of one set.
#[tokio::test]
async fn killing_the_process_loses_no_tags_and_mixes_none() {
    if let Some(folder) = env::var_os(FOLDER) {
        work_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let created = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    created.unwrap();
    put(&store, "key", "content").await;
    store.close().await;
    for lines in [1, 7, 20] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg("store::tests::tags::killing_the_process_loses_no_tags_and_mixes_none")
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let reported = io::BufReader::new(child.stderr.take().unwrap());
        let mut last = 0;
        // Reads on after the kill: what was reported before it counts.
        for (number, line) in io::BufRead::lines(reported).enumerate() {
            last = line.unwrap().parse::<u64>().unwrap();
            if number == lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let store = open(folder.path()).await;
        let found = of(&store, None).await;
        let number: u64 = found["first"].parse().unwrap();
        assert!(number >= last, "{number} is older than {last}");
        assert_eq!(found, numbered(number));
        assert_eq!(content(&store, "key").await, "content");
        assert_eq!(store.findings().await, []);
        store.close().await;
    }
}

fn numbered(number: u64) -> BTreeMap<String, String> {
    let number = number.to_string();
    tags(&[("first", &number), ("second", &number)])
}

async fn work_until_killed(folder: &Path) {
    let store = open(folder).await;
    for number in 1.. {
        let tags = numbered(number);
        let set = store.set_object_tags(&name("key"), None, &tags).await;
        set.unwrap();
        eprintln!("{number}");
    }
}
