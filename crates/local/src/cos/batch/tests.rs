//! Jobs step by step: broken off and gone on with, paused, given up, failed.

use std::path::Path;
use std::sync::Arc;

use super::running::step;
use super::task::Work;
use super::{MOST, asked};
use crate::Settings;
use crate::cam::Directory;
use crate::clock::ManualClock;
use crate::state::State;
use crate::store::{
    Acl, BatchJob, BatchStatus, BatchSubmission, Listed, NewBatchJob, ObjectAttributes, ObjectName,
    Overwrite, Store, StoreError, VersionQuery, Versioning, new_id,
};

const START: i64 = 1_700_000_000_000;
const REGION: &str = "ap-chongqing";
const FROM: &str = "from-1250000000";
const TO: &str = "to-1250000000";

async fn open(folder: &Path) -> State {
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::in_folder(folder, None, clock, true).await.unwrap();
    State::new(store, Directory::fixture(), Settings::default())
}

async fn ephemeral() -> State {
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::ephemeral_with_clock(clock).await.unwrap();
    State::new(store, Directory::fixture(), Settings::default())
}

/// A bucket, and another one that keeps versions.
async fn buckets(state: &State) {
    for bucket in [FROM, TO] {
        let created = state.store.create_bucket(bucket, REGION, Acl::Private);
        created.await.unwrap();
    }
    let enabled = state.store.set_versioning(TO, Versioning::Enabled).await;
    enabled.unwrap();
}

async fn put(state: &State, key: &str, content: String) -> String {
    let blob = state.store.upload_bytes(content.into()).await.unwrap();
    let (name, attributes) = (ObjectName::new(FROM, key), ObjectAttributes::default());
    let put = state
        .store
        .put_object(&name, blob, &attributes, Overwrite::Allow);
    put.await.unwrap().etag
}

/// A job that copies the objects `keys`.
async fn job(state: &State, keys: &[String], priority: i64, more: &str) -> BatchJob {
    let lines = keys.iter().map(|key| format!("{FROM},{key}\n"));
    let lines = lines.collect::<Vec<_>>().concat();
    let list = new_id("list-");
    let etag = put(state, &list, lines).await;
    let request = format!(
        "<CreateJobRequest>{more}<Manifest><Location><ETag>{etag}</ETag>\
         <ObjectArn>qcs::cos:{REGION}::{FROM}/{list}</ObjectArn></Location><Spec><Fields>\
         <member>Bucket</member><member>Key</member></Fields>\
         <Format>COSBatchOperations_CSV_V1</Format></Spec></Manifest><Operation><COSPutObjectCopy>\
         <TargetResource>qcs::cos:{REGION}::{TO}</TargetResource></COSPutObjectCopy></Operation>\
         <Report><Bucket>qcs::cos:{REGION}::{FROM}</Bucket><Enabled>true</Enabled>\
         <Format>Report_CSV_V1</Format><ReportScope>AllTasks</ReportScope></Report>\
         <RoleArn>qcs::cam::uin/100000000001:roleName/COS_Batch_QcsRole</RoleArn></CreateJobRequest>"
    );
    let job = NewBatchJob {
        id: new_id(""),
        region: REGION.to_owned(),
        token: list,
        request,
        priority,
    };
    match state.store.create_batch_job(&job, MOST).await.unwrap() {
        BatchSubmission::Accepted(job) => job,
        other => panic!("{other:?}"),
    }
}

/// So many objects, and their keys.
async fn objects(state: &State, count: usize) -> Vec<String> {
    let mut keys = Vec::new();
    for number in 0..count {
        let key = format!("k{number:04}");
        put(state, &key, key.clone()).await;
        keys.push(key);
    }
    keys
}

async fn now(state: &State, job: &BatchJob) -> BatchJob {
    state.store.batch_job(REGION, &job.id).await.unwrap()
}

async fn until(state: &State, job: &BatchJob, status: BatchStatus) -> BatchJob {
    while now(state, job).await.status != status {
        assert!(step(state).await.unwrap(), "{:?}", now(state, job).await);
    }
    now(state, job).await
}

/// How many versions there are of the copies.
async fn copies(state: &State) -> usize {
    let mut query = VersionQuery::default();
    query.keys.max_keys = 10_000;
    let listed = state.store.list_versions(TO, &query).await.unwrap();
    listed.versions.len()
}

/// The lines of the report of `job`.
async fn report(state: &State, job: &BatchJob) -> Vec<String> {
    let name = ObjectName::new(FROM, format!("job-{}/manifest.json", job.id));
    let manifest = state.store.get_object(&name, None).await.unwrap();
    let manifest = manifest.bytes().await.unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let mut lines = Vec::new();
    for result in manifest["Results"].as_array().unwrap() {
        let name = ObjectName::new(FROM, result["Key"].as_str().unwrap());
        let content = state.store.get_object(&name, None).await.unwrap();
        let content = content.bytes().await.unwrap();
        let text = String::from_utf8(content.to_vec()).unwrap();
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}

#[tokio::test]
async fn a_job_that_a_crash_broke_off_is_gone_on_with_and_nothing_is_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    buckets(&state).await;
    let keys = objects(&state, 40).await;
    let job = job(&state, &keys, 1, "").await;
    // Broken off while its list is read.
    let preparing = until(&state, &job, BatchStatus::Preparing).await;
    assert!(step(&state).await.unwrap());
    let ready = now(&state, &job).await;
    assert_eq!((ready.status, ready.total), (BatchStatus::Ready, 40));
    let late = state.store.add_batch_tasks(&preparing, 40, &[]).await;
    assert!(matches!(late, Err(StoreError::StaleClaim { .. })));
    // Broken off in the middle of its tasks.
    let active = until(&state, &job, BatchStatus::Active).await;
    assert!(step(&state).await.unwrap());
    let asked = asked(&active).unwrap();
    let work = Work::new(&state, REGION, &asked).unwrap();
    let left = state.store.batch_tasks_left(&active, 4).await.unwrap();
    for task in left.iter().take(3) {
        let tasked = work.plan(task).await.unwrap();
        let (store, number) = (&state.store, task.number);
        store
            .end_batch_task(&active, number, &tasked)
            .await
            .unwrap();
        // Once more comes to nothing.
        let again = store.end_batch_task(&active, number, &tasked).await;
        assert!(matches!(again, Err(StoreError::StaleClaim { .. })));
    }
    let planned = work.plan(left.last().unwrap()).await.unwrap();
    drop((work, planned));
    state.store.settle().await;
    drop(state);

    let state = open(folder.path()).await;
    let broken_off = now(&state, &job).await;
    assert_eq!(
        (broken_off.status, broken_off.succeeded),
        (BatchStatus::Active, 19)
    );
    let ended = until(&state, &job, BatchStatus::Complete).await;
    assert_eq!((ended.succeeded, ended.failed), (40, 0));
    assert_eq!(copies(&state).await, 40);
    assert_eq!(report(&state, &job).await.len(), 40);
    assert!(!step(&state).await.unwrap());
}

/// Whoever has read its list does not keep a job from others.
#[tokio::test]
async fn a_job_that_waits_is_nobodys() {
    let state = ephemeral().await;
    buckets(&state).await;
    let job = job(&state, &[], 1, "").await;
    let ready = until(&state, &job, BatchStatus::Ready).await;
    let begun = state.store.begin_batch_job(&ready).await;
    assert!(matches!(begun, Err(StoreError::StaleClaim { .. })));
    state.store.next_batch_job().await.unwrap();
    state.store.begin_batch_job(&ready).await.unwrap();
}

#[tokio::test]
async fn a_list_that_was_half_read_is_read_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    buckets(&state).await;
    let keys = objects(&state, 3).await;
    let job = job(&state, &keys, 1, "").await;
    let preparing = until(&state, &job, BatchStatus::Preparing).await;
    // As far as a process comes that dies in between.
    state.store.next_batch_job().await.unwrap();
    let listed = Listed {
        bucket: FROM.to_owned(),
        key: keys[0].clone(),
        version: String::new(),
    };
    let added = state.store.add_batch_tasks(&preparing, 0, &[listed]).await;
    added.unwrap();
    state.store.settle().await;
    drop(state);

    let state = open(folder.path()).await;
    let ended = until(&state, &job, BatchStatus::Complete).await;
    assert_eq!((ended.total, ended.succeeded), (3, 3));
    assert_eq!(copies(&state).await, 3);
}

#[tokio::test]
async fn a_job_of_a_higher_priority_is_run_instead() {
    let state = ephemeral().await;
    buckets(&state).await;
    let keys = objects(&state, 40).await;
    let first = job(&state, &keys, 1, "").await;
    until(&state, &first, BatchStatus::Active).await;
    let second = job(&state, &keys, 2, "").await;
    until(&state, &second, BatchStatus::Active).await;
    assert_eq!(now(&state, &first).await.status, BatchStatus::Paused);
    // The other way round, once its priority says so.
    let set = state.store.set_batch_priority(REGION, &first.id, 3).await;
    assert!(set.unwrap());
    until(&state, &first, BatchStatus::Complete).await;
    assert_eq!(now(&state, &second).await.status, BatchStatus::Paused);
    until(&state, &second, BatchStatus::Complete).await;
    assert_eq!(copies(&state).await, 80);
}

#[tokio::test]
async fn what_is_given_up_is_reported_as_far_as_it_came() {
    let state = ephemeral().await;
    buckets(&state).await;
    let keys = objects(&state, 40).await;
    let job = job(&state, &keys, 1, "").await;
    let active = until(&state, &job, BatchStatus::Active).await;
    assert!(step(&state).await.unwrap());
    let store = &state.store;
    let asked = asked(&active).unwrap();
    let work = Work::new(&state, REGION, &asked).unwrap();
    let left = store.batch_tasks_left(&active, 1).await.unwrap();
    let planned = work.plan(&left[0]).await.unwrap();
    let given_up = store.change_batch_job(REGION, &job.id, true, Some("wrong list"));
    let given_up = given_up.await.unwrap().unwrap();
    assert_eq!(given_up.status, BatchStatus::Cancelling);
    // Whoever is at it does nothing any more.
    let late = store
        .end_batch_task(&active, left[0].number, &planned)
        .await;
    assert!(matches!(late, Err(StoreError::StaleClaim { .. })));
    let ended = until(&state, &job, BatchStatus::Cancelled).await;
    assert_eq!(
        (ended.succeeded, ended.reason.as_deref()),
        (16, Some("wrong list"))
    );
    assert_eq!(copies(&state).await, 16);
    assert_eq!(report(&state, &job).await.len(), 16);
    // That is its end.
    for gives_up in [true, false] {
        let changed = store
            .change_batch_job(REGION, &job.id, gives_up, None)
            .await;
        assert_eq!(changed.unwrap(), None);
    }
}

#[tokio::test]
async fn a_job_fails_of_which_more_than_half_fails() {
    let state = ephemeral().await;
    buckets(&state).await;
    let keys: Vec<_> = (0..1100).map(|number| format!("gone{number}")).collect();
    let job = job(&state, &keys, 1, "").await;
    let ended = until(&state, &job, BatchStatus::Failed).await;
    assert_eq!(ended.code.as_deref(), Some("JobFailed"));
    assert!((1000..1100).contains(&ended.failed), "{}", ended.failed);
    let lines = report(&state, &job).await;
    assert_eq!(i64::try_from(lines.len()).unwrap(), ended.failed);
    assert!(
        lines[0].contains("\"failed\",\"NoSuchKey\",\"404\""),
        "{}",
        lines[0]
    );
}

#[tokio::test]
async fn a_report_that_cannot_be_written_fails_the_job() {
    let state = ephemeral().await;
    buckets(&state).await;
    let keys = objects(&state, 2).await;
    let listed = job(&state, &keys, 1, "").await;
    until(&state, &listed, BatchStatus::Completing).await;
    let mut query = VersionQuery::default();
    query.keys.max_keys = 100;
    for (object, _) in state
        .store
        .list_versions(FROM, &query)
        .await
        .unwrap()
        .versions
    {
        state.store.delete_object(&object.name()).await.unwrap();
    }
    state.store.delete_bucket(FROM).await.unwrap();
    let ended = until(&state, &listed, BatchStatus::Failed).await;
    assert_eq!(
        (ended.succeeded, ended.code.as_deref()),
        (2, Some("NoSuchBucket"))
    );
}

#[tokio::test]
async fn old_jobs_are_forgotten_and_tokens_are_theirs_until_then() {
    let state = ephemeral().await;
    buckets(&state).await;
    let ended = job(&state, &[], 1, "").await;
    until(&state, &ended, BatchStatus::Complete).await;
    let waits = "<ConfirmationRequired>true</ConfirmationRequired>";
    let waiting = job(&state, &[], 1, waits).await;
    until(&state, &waiting, BatchStatus::Suspended).await;
    let store = &state.store;
    assert!(store.has_batch_token(REGION, &ended.token).await.unwrap());
    assert_eq!(store.prune_batch_jobs(START).await.unwrap(), 0);
    assert_eq!(store.prune_batch_jobs(START + 1).await.unwrap(), 1);
    assert!(!store.has_batch_token(REGION, &ended.token).await.unwrap());
    assert_eq!(now(&state, &waiting).await.suspended_at, Some(START));
}
