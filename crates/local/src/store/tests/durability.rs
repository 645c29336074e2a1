//! What survives the end of the process, however it comes.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::clock::{Clock, ManualClock, SystemClock};
use crate::store::{
    Acl, Effect, JobClass, JobFilter, JobOrder, JobState, NewCallback, Overwrite, Processing,
    Store, StoreError, Submission,
};

use super::fixture::{
    BUCKET, FAR_FUTURE, LEASE, REGION, START, claim, content, job, long, move_object, name, put,
    submit, success, text,
};

/// Names the folder to the process that is going to be killed.
const FOLDER: &str = "TCLOUD_STORE_TO_KILL";

async fn open(folder: &Path) -> Store {
    open_at(folder, Arc::new(SystemClock)).await
}

async fn open_at(folder: &Path, clock: Arc<dyn Clock>) -> Store {
    let store = Store::in_folder(folder, None, clock, true).await.unwrap();
    match store.create_bucket(BUCKET, REGION, Acl::Private).await {
        Ok(_) | Err(StoreError::BucketExists(_)) => store,
        Err(error) => panic!("{error}"),
    }
}

fn blob_files(folder: &Path) -> usize {
    let blobs = fs::read_dir(folder.join("blobs")).unwrap();
    blobs
        .filter(|entry| entry.as_ref().unwrap().file_name() != "store-id")
        .count()
}

#[tokio::test]
async fn a_folder_is_opened_once_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let second = Store::open(folder.path()).await;
    assert!(matches!(second, Err(StoreError::InUse { path }) if path == folder.path()));
    store.close().await;
    Store::open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_closed_folder_is_the_next_ones_though_somebody_still_has_a_handle() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let late = store.clone();
    store.close().await;
    let next = open(folder.path()).await;
    assert!(late.submit_job(&job()).await.is_err());
    drop(late);
    assert!(folder.path().join("in-use").exists());
    let second = Store::open(folder.path()).await;
    assert!(matches!(second, Err(StoreError::InUse { .. })));
    submit(&next, job()).await;
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let object = put(&store, "key", "content").await;
    let (pic, _) = store
        .create_process_bucket(Processing::Picture, BUCKET)
        .await
        .unwrap();
    let id = submit(&store, job()).await;
    let job = store.job(&id).await.unwrap();
    drop(store);

    let store = open(folder.path()).await;
    assert_eq!(store.head_object(&name("key")).await.unwrap(), object);
    assert_eq!(content(&store, "key").await, "content");
    assert_eq!(
        store
            .create_process_bucket(Processing::Picture, BUCKET)
            .await
            .unwrap(),
        (pic, false)
    );
    assert_eq!(store.job(&id).await.unwrap(), job);
}

#[tokio::test]
async fn a_running_job_waits_again_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    submit(&store, job()).await;
    let lost = claim(&store).await;
    drop(store);

    let store = open(folder.path()).await;
    assert_eq!(
        store.job(&lost.job.id).await.unwrap().state,
        JobState::Submitted
    );
    let held = claim(&store).await;
    assert_eq!((&held.job.id, held.job.attempt), (&lost.job.id, 2));
    let late = store.finish_job(&lost, &success(), &[]).await;
    assert!(matches!(
        late,
        Err(StoreError::StaleClaim { attempt: 1, .. })
    ));
    store.finish_job(&held, &success(), &[]).await.unwrap();
}

#[tokio::test]
async fn replaced_content_is_removed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let [old, new] = ["old", "new"].map(long);
    put(&store, "key", &old).await;
    put(&store, "key", &new).await;
    assert_eq!(blob_files(folder.path()), 1);
    move_object(&store, &name("key"), &name("moved"))
        .await
        .unwrap();
    assert_eq!(blob_files(folder.path()), 1);
    assert_eq!(content(&store, "moved").await, new);
    // What is short is kept elsewhere, and goes with its row.
    put(&store, "moved", "short").await;
    assert_eq!(blob_files(folder.path()), 0);
    assert_eq!(store.inline_contents().await, 1);
    put(&store, "moved", "shorter").await;
    move_object(&store, &name("moved"), &name("key"))
        .await
        .unwrap();
    assert_eq!(store.inline_contents().await, 1);
    assert_eq!(content(&store, "key").await, "shorter");
    store.delete_object(&name("key")).await.unwrap();
    assert_eq!(store.inline_contents().await, 0);
}

/// A client that hangs up drops its request anywhere, also between a commit and its report.
#[tokio::test]
async fn a_put_dropped_halfway_leaves_a_whole_object_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(START));
    let store = open_at(folder.path(), clock.clone()).await;
    let mut visible = 0;
    for turns in 0..200_usize {
        let key = format!("key-{turns}");
        let blob = store.upload_bytes(text_of(turns).into()).await.unwrap();
        let (at, attributes) = (name(&key), text());
        tokio::select! {
            biased;
            stored = store.put_object(&at, blob, &attributes, Overwrite::Allow) => {
                stored.unwrap();
            }
            () = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    }
    put(&store, "last", "last").await;
    store.come_to_rest().await;
    for turns in 0..200_usize {
        let key = format!("key-{turns}");
        match store.head_object(&name(&key)).await {
            Ok(_) => {
                assert_eq!(content(&store, &key).await, text_of(turns));
                visible += 1;
            }
            Err(StoreError::NoSuchObject(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    clock.set(FAR_FUTURE);
    store.collect_garbage().await.unwrap();
    let kept = blob_files(folder.path()) + store.inline_contents().await;
    assert_eq!(kept, visible + 1);
}

/// Content for the key of this number: short and long by turns.
fn text_of(turns: usize) -> String {
    let key = format!("key-{turns}");
    if turns.is_multiple_of(2) {
        long(&key)
    } else {
        key
    }
}

#[tokio::test]
async fn killing_the_process_loses_no_job_and_repeats_no_effect() {
    if let Ok(folder) = env::var(FOLDER) {
        work_until_killed(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut accepted = BTreeSet::new();
    let mut finished = BTreeSet::new();
    for lines in [1, 20, 47] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg("store::tests::durability::killing_the_process_loses_no_job_and_repeats_no_effect")
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Reads on after the kill: what was reported before it counts.
        for (number, line) in BufReader::new(child.stderr.take().unwrap())
            .lines()
            .enumerate()
        {
            let line = line.unwrap();
            match line.split_once(' ') {
                Some(("accepted", id)) => accepted.insert(id.to_owned()),
                Some(("finished", id)) => finished.insert(id.to_owned()),
                _ => panic!("the child says {line}"),
            };
            if number == lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }

    let store = open(folder.path()).await;
    let everything = || JobFilter {
        size: 100_000,
        order: JobOrder::Ascending,
        ..JobFilter::default()
    };
    let jobs = store.list_jobs(&everything()).await.unwrap().jobs;
    let states: HashMap<_, _> = jobs.into_iter().map(|job| (job.id, job.state)).collect();
    assert!(accepted.len() > 30);
    assert!(accepted.iter().all(|id| states.contains_key(id)));
    assert!(finished.iter().all(|id| states[id] == JobState::Success));
    assert!(
        states
            .values()
            .all(|state| [JobState::Success, JobState::Submitted].contains(state))
    );
    for (id, state) in &states {
        assert_eq!(
            effects(&store, id).await,
            usize::from(*state == JobState::Success)
        );
    }

    while let Some(claimed) = store
        .claim_job(JobClass::Picture, "worker", LEASE)
        .await
        .unwrap()
    {
        finish(&store, &claimed).await;
    }
    for id in states.keys() {
        assert_eq!(store.job(id).await.unwrap().state, JobState::Success);
        assert_eq!(effects(&store, id).await, 1);
    }
    store.close().await;
    let store = open_at(folder.path(), Arc::new(ManualClock::new(FAR_FUTURE))).await;
    store.collect_garbage().await.unwrap();
    let kept = blob_files(folder.path()) + store.inline_contents().await;
    assert_eq!(kept, states.len());
}

/// How often the job `id` took effect, by object and callback alike.
async fn effects(store: &Store, id: &str) -> usize {
    let callbacks = store.callbacks().await.unwrap();
    let callbacks = callbacks.iter().filter(|it| it.job_id == id).count();
    let objects = usize::from(store.head_object(&name(id)).await.is_ok());
    assert_eq!(objects, callbacks);
    callbacks
}

async fn finish(store: &Store, claimed: &crate::store::ClaimedJob) {
    let id = &claimed.job.id;
    // Half of them are too long to be kept with the rows.
    let made = if id.ends_with(char::is_alphabetic) {
        long(id)
    } else {
        id.clone()
    };
    let blob = store.upload_bytes(made.into()).await.unwrap();
    let effects = vec![
        Effect::PutObject {
            name: name(id),
            blob,
            attributes: text(),
        },
        Effect::Callback(NewCallback {
            url: "http://example.com/".into(),
            content_type: "text/plain".into(),
            body: id.clone().into_bytes(),
        }),
    ];
    store
        .finish_job(claimed, &success(), &effects)
        .await
        .unwrap();
}

/// Submits and runs jobs at the same time, reporting each step once it is done.
async fn work_until_killed(folder: &Path) {
    let store = open(folder).await;
    let submitting = async {
        loop {
            let Submission::Accepted(job) = store.submit_job(&job()).await.unwrap() else {
                panic!("a job without a session is no repetition");
            };
            eprintln!("accepted {}", job.id);
        }
    };
    let running = async {
        loop {
            store.wait_for_work(JobClass::Picture).await;
            while let Some(claimed) = store
                .claim_job(JobClass::Picture, "worker", LEASE)
                .await
                .unwrap()
            {
                finish(&store, &claimed).await;
                eprintln!("finished {}", claimed.job.id);
            }
        }
    };
    tokio::join!(submitting, running);
}
