//! Passes begun, broken off and gone on with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Report, When, run};
use crate::Settings;
use crate::cam::Directory;
use crate::clock::ManualClock;
use crate::cos::bucket::setting::lifecycle::KIND;
use crate::cos::bucket::setting::{inventory, replication, reports};
use crate::state::State;
use crate::store::{
    Acl, Aged, Aging, Begun, ListQuery, ObjectAttributes, ObjectName, Overwrite, SettingName,
    Store, Versioning,
};

/// 2023-11-15T06:13:20 in Beijing.
const START: i64 = 1_700_000_000_000;
const DAY: Duration = Duration::from_hours(24);
const BUCKET: &str = "examplebucket-1250000000";
const RULES: &str = "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>logs/</Prefix></Filter>\
    <Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";

async fn open(folder: &Path) -> State {
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::in_folder(folder, None, clock, true).await.unwrap();
    State::new(store, Directory::fixture(), Settings::default())
}

fn setting() -> SettingName {
    SettingName {
        bucket: BUCKET.to_owned(),
        kind: KIND,
        id: String::new(),
    }
}

async fn put(state: &State, key: &str) {
    let blob = state.store.upload_bytes("content".into()).await.unwrap();
    let (name, attributes) = (ObjectName::new(BUCKET, key), ObjectAttributes::default());
    let put = state
        .store
        .put_object(&name, blob, &attributes, Overwrite::Allow);
    put.await.unwrap();
}

async fn keys(state: &State) -> Vec<String> {
    let all = ListQuery {
        max_keys: 1000,
        ..ListQuery::default()
    };
    let listed = state.store.list_objects(BUCKET, &all).await.unwrap();
    listed.objects.into_iter().map(|it| it.key).collect()
}

/// A bucket with rules, `count` objects that they are about, and one that they are not.
async fn fill(state: &State, count: usize) {
    let store = &state.store;
    let created = store.create_bucket(BUCKET, "ap-chongqing", Acl::Private);
    created.await.unwrap();
    let set = store.put_bucket_setting(&setting(), RULES, 1).await;
    assert!(set.unwrap());
    for number in 0..count {
        put(state, &format!("logs/{number:04}")).await;
    }
    put(state, "other").await;
}

async fn removed(state: &State, when: When) -> u64 {
    run(state, when).await.unwrap().lifecycle.removed
}

#[tokio::test]
async fn a_pass_that_a_crash_broke_off_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    fill(&state, 5).await;
    state.store.advance_clock(DAY * 2).await.unwrap();
    // As far as a process comes that dies in between.
    let begun = state.store.begin_pass(&setting(), START, false).await;
    let Begun::Mine(pass) = begun.unwrap() else {
        panic!("nobody else is there")
    };
    let aged = Aged {
        object: state
            .store
            .head_object(&ObjectName::new(BUCKET, "logs/0000"))
            .await
            .unwrap(),
        is_latest: true,
    };
    let (store, name) = (&state.store, setting());
    let done = store.age(&aged, &Aging::Removed, &name, RULES).await;
    assert!(done.unwrap());
    assert!(store.note_pass(&pass, "logs/0002").await.unwrap());
    store.settle().await;
    drop(state);

    let state = open(folder.path()).await;
    // First what is left of the old pass, then all of the new one.
    assert_eq!(removed(&state, When::Due).await, 4);
    assert_eq!(keys(&state).await, ["other"]);
    assert_eq!(run(&state, When::Due).await.unwrap(), Report::default());
}

#[tokio::test]
async fn a_pass_is_made_once_a_day_and_whenever_somebody_asks() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    fill(&state, 1).await;
    let hours = async |hours| {
        let ahead = Duration::from_hours(hours);
        state.store.advance_clock(ahead).await.unwrap();
    };
    assert_eq!(removed(&state, When::Due).await, 0);
    // Midnight of the next day but one comes after 41 hours and 46 minutes.
    hours(41).await;
    assert_eq!(removed(&state, When::Due).await, 0);
    hours(1).await;
    assert_eq!(removed(&state, When::Due).await, 1);
    put(&state, "logs/late").await;
    hours(1).await;
    assert_eq!(removed(&state, When::Now).await, 0);
    hours(48).await;
    assert_eq!(removed(&state, When::Now).await, 1);
    assert_eq!(keys(&state).await, ["other"]);
}

#[tokio::test]
async fn pages_come_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    fill(&state, 1010).await;
    state.store.advance_clock(DAY * 2).await.unwrap();
    assert_eq!(removed(&state, When::Now).await, 1010);
    assert_eq!(keys(&state).await, ["other"]);
}

#[tokio::test]
async fn an_inventory_that_a_crash_broke_off_is_whole_in_the_end() {
    const INVENTORY: &str = "<InventoryConfiguration><Id>all</Id><IsEnabled>true</IsEnabled>\
        <IncludedObjectVersions>Current</IncludedObjectVersions>\
        <Schedule><Frequency>Daily</Frequency></Schedule><Destination><COSBucketDestination>\
        <Bucket>qcs::cos:ap-chongqing::examplebucket-1250000000</Bucket><Format>CSV</Format>\
        <Prefix>reports</Prefix></COSBucketDestination></Destination></InventoryConfiguration>";
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    fill(&state, 3).await;
    let name = SettingName {
        bucket: BUCKET.to_owned(),
        kind: inventory::KIND,
        id: "all".to_owned(),
    };
    let set = state.store.put_bucket_setting(&name, INVENTORY, 1000).await;
    assert!(set.unwrap());
    state.store.advance_clock(DAY).await.unwrap();
    let due = crate::cos::midnight::last(state.store.now());
    let Begun::Mine(pass) = state.store.begin_pass(&name, due, false).await.unwrap() else {
        panic!("nobody else is there")
    };
    // One file has been written, with all up to this key.
    let place = r#"{"key":"logs/0001","version":null,"files":[{"key":"first","size":1,"md5Checksum":"x"}],"totals":{"listed":2,"listed_size":14,"reported":2,"reported_size":14}}"#;
    assert!(state.store.note_pass(&pass, place).await.unwrap());
    state.store.settle().await;
    drop(state);

    let state = open(folder.path()).await;
    assert_eq!(run(&state, When::Due).await.unwrap().inventories, 1);
    let day = "reports/1250000000/examplebucket/all/20231116";
    let manifest = ObjectName::new(BUCKET, format!("{day}/manifest.json"));
    let manifest = state.store.get_object(&manifest, None).await.unwrap();
    let manifest = manifest.bytes().await.unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["files"].as_array().unwrap().len(), 2);
    assert_eq!(manifest["files"][0]["key"], "first");
    // What was left, and nothing twice: one of the logs, and the other object.
    assert_eq!(manifest["listObjectCount"], 4);
    assert_eq!(run(&state, When::Due).await.unwrap().inventories, 0);
}

#[tokio::test]
async fn what_is_to_be_copied_is_copied_after_a_crash() {
    const COPIES: &str = "copies-1250000000";
    const RULES: &str = "<ReplicationConfiguration><Role>qcs::cam::uin/1:uin/1</Role><Rule><ID>a</ID>\
        <Status>Enabled</Status><Prefix/><Destination>\
        <Bucket>qcs::cos:ap-chongqing::copies-1250000000</Bucket></Destination></Rule>\
        </ReplicationConfiguration>";
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    for bucket in [BUCKET, COPIES] {
        let created = state
            .store
            .create_bucket(bucket, "ap-chongqing", Acl::Private);
        created.await.unwrap();
        let set = state.store.set_versioning(bucket, Versioning::Enabled);
        set.await.unwrap();
    }
    let name = SettingName {
        kind: replication::KIND,
        ..setting()
    };
    state
        .store
        .put_bucket_setting(&name, RULES, 1)
        .await
        .unwrap();
    put(&state, "k").await;
    drop(state);

    let state = open(folder.path()).await;
    assert_eq!(run(&state, When::Due).await.unwrap().replicated, 1);
    let copy = ObjectName::new(COPIES, "k");
    state.store.head_object(&copy).await.unwrap();
    assert_eq!(run(&state, When::Due).await.unwrap().replicated, 0);
}

/// Accesses are kept by their process, and go with it; nothing of them is delivered by halves.
#[tokio::test]
async fn a_crash_loses_accesses_that_were_not_delivered_and_no_others() {
    const LOGGING: &str = "<BucketLoggingStatus><LoggingEnabled>\
        <TargetBucket>examplebucket-1250000000</TargetBucket><TargetPrefix>accesses/</TargetPrefix>\
        </LoggingEnabled></BucketLoggingStatus>";
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    fill(&state, 0).await;
    let name = SettingName {
        kind: reports::LOGGING,
        ..setting()
    };
    let set = state.store.put_bucket_setting(&name, LOGGING, 1).await;
    assert!(set.unwrap());
    let delivered = async |state: &State| run(state, When::Now).await.unwrap().access_logs;
    state.access_log.push(BUCKET, "first\n", state.store.now());
    assert_eq!(delivered(&state).await, 1);
    state.access_log.push(BUCKET, "lost\n", state.store.now());
    // As far as a process comes that dies while it delivers.
    let lost = state.store.upload_bytes("lost\n".into()).await.unwrap();
    state.store.settle().await;
    drop((lost, state));

    let state = open(folder.path()).await;
    assert_eq!(delivered(&state).await, 0);
    state.access_log.push(BUCKET, "last\n", state.store.now());
    assert_eq!(delivered(&state).await, 1);
    let mut logged = Vec::new();
    for key in keys(&state).await {
        if key.starts_with("accesses/") {
            let name = ObjectName::new(BUCKET, key);
            let object = state.store.get_object(&name, None);
            logged.push(object.await.unwrap().bytes().await.unwrap());
        }
    }
    logged.sort();
    assert_eq!(logged, ["first\n", "last\n"]);
}
