//! Uploads in parts outlive their process, their clients, and damage.

use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::Poll;
use std::{env, io};

use super::{begin, copy, large, upload};
use crate::clock::ManualClock;
use crate::store::tests::fixture::{BUCKET, FAR_FUTURE, REGION, content, name, put};
use crate::store::{Acl, ListQuery, Store, StoreError, UploadQuery};

/// Names the folder to the process that is going to be killed.
const FOLDER: &str = "TCLOUD_PARTS_TO_KILL";

async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    match store.create_bucket(BUCKET, REGION, Acl::Private).await {
        Ok(_) | Err(StoreError::BucketExists(_)) => store,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn parts_survive_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let id = begin(&store, "key").await;
    let mut listed = vec![upload(&store, "key", &id, 1, &large('a')).await];
    let on_its_way = store.upload_bytes(large('x').into()).await.unwrap();
    store.die();
    on_its_way.abandon();
    drop(store);

    let store = open(folder.path()).await;
    assert_eq!(
        store.collect_garbage().await.unwrap(),
        1,
        "the one on its way"
    );
    listed.push(upload(&store, "key", &id, 2, "end").await);
    assert_eq!(store.findings().await, []);
    store
        .complete_multipart(&name("key"), &id, &listed)
        .await
        .unwrap();
    assert_eq!(content(&store, "key").await, format!("{}end", large('a')));
}

#[tokio::test]
async fn damaged_parts_are_reported_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let id = begin(&store, "key").await;
    for (number, letter) in [(1, 'a'), (2, 'b'), (3, 'c')] {
        upload(&store, "key", &id, number, &large(letter)).await;
    }
    let mut files = std::fs::read_dir(folder.path().join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != "store-id"))
        .collect::<Vec<_>>();
    files.sort();
    std::fs::write(&files[0], "short").unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let found = store.findings().await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{texts:?}");
    assert!(
        texts
            .iter()
            .any(|it| it.ends_with("has 5 bytes instead of 1048576"))
    );
    assert!(texts.iter().any(|it| it.ends_with("does not exist")));
    for finding in &found {
        assert!(store.repair(finding).await.unwrap());
        assert!(!store.repair(finding).await.unwrap());
    }
    assert_eq!(store.findings().await, []);
    let left = store.list_parts(&name("key"), &id, 0, 9).await.unwrap().1;
    assert_eq!(left.len(), 1);
}

/// A client that hangs up drops its request anywhere, also between a commit and its report.
#[tokio::test]
async fn what_is_dropped_halfway_is_done_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (mut ended, mut part_there) = (0, 0);
    for turns in 0..120 {
        let key = format!("key-{turns}");
        let id = begin(&store, &key).await;
        let listed = [upload(&store, &key, &id, 1, &turns.to_string()).await];
        let late = store.upload_bytes(large('a').into()).await.unwrap();
        let at = name(&key);
        until_dropped(turns, store.put_part(&at, &id, 2, late)).await;
        until_dropped(turns, store.complete_multipart(&at, &id, &listed)).await;
        store.come_to_rest().await;
        if let Ok((_, parts, _)) = store.list_parts(&at, &id, 0, 9).await {
            part_there += usize::from(parts.len() == 2);
            store.complete_multipart(&at, &id, &listed).await.unwrap();
        } else {
            ended += 1;
        }
        assert_eq!(content(&store, &key).await, turns.to_string());
    }
    assert!(ended > 0, "no request came to its end");
    assert!(ended < 120, "no request was dropped");
    assert!(part_there < 120);
    store.come_to_rest().await;
    store.close().await;
    let clock = Arc::new(ManualClock::new(FAR_FUTURE));
    let store = Store::in_folder(folder.path(), None, clock, true)
        .await
        .unwrap();
    store.collect_garbage().await.unwrap();
    assert_eq!(store.pieces().await, 120);
    assert_eq!(store.findings().await, []);
}

/// Drops `work` when it has been asked so often whether it is done, and it may have gone on a bit.
/// The later turns ask more often than any work needs, however slow the disk is.
async fn until_dropped<T>(turn: u32, work: impl Future<Output = Result<T, StoreError>>) {
    let mut work = pin!(work);
    for _ in 0..=turn {
        let asked = poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = asked.await {
            done.map(drop).unwrap();
            return;
        }
        // Asks again when it has been woken.
        let mut is_woken = false;
        let woken = poll_fn(|_| {
            if std::mem::replace(&mut is_woken, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        woken.await;
    }
    for _ in 0..turn {
        tokio::task::yield_now().await;
    }
}

/// A process killed while parts are uploaded, and between the commit of an object and its report.
#[tokio::test]
async fn killing_the_process_loses_no_part_and_makes_no_half_object() {
    if let Some(folder) = env::var_os(FOLDER) {
        work_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for lines in [3, 8, 14, 21, 40] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg(
                "store::tests::multipart::survival::\
                 killing_the_process_loses_no_part_and_makes_no_half_object",
            )
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let reported = io::BufReader::new(child.stderr.take().unwrap());
        // Reads on after the kill: what was reported before it counts.
        for (number, line) in io::BufRead::lines(reported).enumerate() {
            said.push(line.unwrap());
            if number == lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }

    let store = open(folder.path()).await;
    assert_eq!(store.findings().await, []);
    let mut completed = 0;
    for line in &said {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["part", key, id, number] => {
                let number: u32 = number.parse().unwrap();
                let at = name(key);
                match store.list_parts(&at, id, number - 1, 1).await {
                    Ok((_, parts, _)) => assert_eq!(parts[0].number, number, "{line}"),
                    // It has become an object, reported or not.
                    Err(StoreError::NoSuchUpload { .. }) => {
                        store.head_object(&at).await.unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            ["completed", key] => {
                completed += 1;
                let whole = format!("{}{}{key}", large('a'), large('b'));
                assert_eq!(content(&store, key).await, whole);
            }
            _ => panic!("the child says {line}"),
        }
    }
    assert!(completed > 5, "{said:?}");
    let query = UploadQuery {
        keys: ListQuery {
            max_keys: 1000,
            ..ListQuery::default()
        },
        ..UploadQuery::default()
    };
    let page = store.list_multiparts(BUCKET, &query).await.unwrap();
    assert!(page.uploads.len() <= 5, "one of each process at most");
    for upload in page.uploads {
        store
            .abort_multipart(&name(&upload.key), &upload.id)
            .await
            .unwrap();
    }
    store.collect_garbage().await.unwrap();
    let all = ListQuery {
        max_keys: 1000,
        ..ListQuery::default()
    };
    let objects = store.list_objects(BUCKET, &all).await.unwrap().objects;
    assert_eq!(store.pieces().await, 3 * (objects.len() - 1) + 1);
}

async fn work_until_killed(folder: &Path) {
    let store = open(folder).await;
    put(&store, "from", &large('b')).await;
    loop {
        let key = crate::store::new_id("key-");
        let id = begin(&store, &key).await;
        let mut listed = Vec::new();
        for number in 1..=3 {
            listed.push(match number {
                1 => upload(&store, &key, &id, number, &large('a')).await,
                2 => copy(&store, (&key, &id, number), "from", None).await,
                _ => upload(&store, &key, &id, number, &key).await,
            });
            eprintln!("part {key} {id} {number}");
        }
        store
            .complete_multipart(&name(&key), &id, &listed)
            .await
            .unwrap();
        eprintln!("completed {key}");
    }
}
