//! What is set for a bucket, and who may use it, when the process is killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use super::fixture::{BUCKET, REGION};
use crate::store::{Acl, Grant, Grantee, Right, SettingName, Store, StoreError};

/// Names the folder to the process that is going to be killed.
const FOLDER: &str = "TCLOUD_SETTINGS_TO_KILL";

async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    match store.create_bucket(BUCKET, REGION, Acl::Private).await {
        Ok(_) | Err(StoreError::BucketExists(_)) => store,
        Err(error) => panic!("{error}"),
    }
}

/// The list of the turn `turn`, which names the turn.
fn list(turn: u64) -> Acl {
    let grantee = Grantee::Account {
        owner: "100000000001".to_owned(),
        uin: turn.to_string(),
    };
    let right = Right::Read;
    Acl::Grants(vec![Grant { grantee, right }])
}

fn website() -> SettingName {
    SettingName {
        bucket: BUCKET.to_owned(),
        kind: "website",
        id: String::new(),
    }
}

/// The turn whose list and document are kept, which may be one apart.
async fn kept(store: &Store) -> (Option<u64>, Option<u64>) {
    let acl = store.bucket(BUCKET).await.unwrap().acl;
    let listed = match &acl {
        Acl::Private => None,
        Acl::Grants(grants) => match &grants[0].grantee {
            Grantee::Account { uin, .. } => Some(uin.parse().unwrap()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    if let Some(turn) = listed {
        assert_eq!(acl, list(turn));
    }
    let document = store.bucket_setting(&website()).await.unwrap();
    (listed, document.map(|kept| kept.document.parse().unwrap()))
}

#[tokio::test]
async fn grants_and_settings_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.set_bucket_acl(BUCKET, &list(7)).await.unwrap();
    let name = website();
    let set = store.put_bucket_setting(&name, "7", 1);
    assert!(set.await.unwrap());
    store.die();
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(kept(&store).await, (Some(7), Some(7)));
}

#[tokio::test]
async fn killing_the_process_loses_no_list_and_no_setting() {
    if let Some(folder) = env::var_os(FOLDER) {
        work_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for lines in [1, 6, 23] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg(
                "store::tests::kept_settings::\
                 killing_the_process_loses_no_list_and_no_setting",
            )
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut listed, mut set) = (None, None);
        // Reads on after the kill: what was reported before it counts.
        let reported = BufReader::new(child.stderr.take().unwrap());
        for (number, line) in reported.lines().enumerate() {
            let line = line.unwrap();
            match line.split_once(' ') {
                Some(("listed", turn)) => listed = Some(turn.parse::<u64>().unwrap()),
                Some(("set", turn)) => set = Some(turn.parse::<u64>().unwrap()),
                _ => panic!("the child says {line}"),
            }
            if number == lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let store = open(folder.path()).await;
        let (kept_list, kept_document) = kept(&store).await;
        // What was reported, or the turn that was under way.
        for (reported, kept) in [(listed, kept_list), (set, kept_document)] {
            let after = reported.map_or(0, |turn| turn + 1);
            assert!(
                kept == reported || kept == Some(after),
                "{reported:?} {kept:?}"
            );
        }
        store.close().await;
    }
    assert!(fs::exists(folder.path().join("tcloud.db")).unwrap());
}

async fn work_until_killed(folder: &Path) {
    let store = open(folder).await;
    // On from where the last process ended.
    let (listed, _) = kept(&store).await;
    for turn in listed.map_or(0, |turn| turn + 1).. {
        store.set_bucket_acl(BUCKET, &list(turn)).await.unwrap();
        eprintln!("listed {turn}");
        let document = turn.to_string();
        let name = website();
        let set = store.put_bucket_setting(&name, &document, 1);
        assert!(set.await.unwrap());
        eprintln!("set {turn}");
    }
}
