//! Writes that come at the same time share one commit, or none of them counts.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_util::task::AbortOnDropHandle;

use super::fixture::{BUCKET, Fixture, LEASE, claim, job, name, put, submit, success};
use crate::clock::SystemClock;
use crate::store::database::Database;
use crate::store::sql::sql;
use crate::store::sqlite::Writer;
use crate::store::{Acl, JobClass, JobFilter, JobState, NewJob, Store, StoreError};

fn writer(store: &Store) -> &Writer {
    #[cfg_attr(
        not(feature = "postgres"),
        expect(irrefutable_let_patterns, reason = "there is one database")
    )]
    let Database::Sqlite(sqlite) = &store.inner.database else {
        panic!("SQLite alone has batches");
    };
    &sqlite.writer
}

async fn fail_next_commit(store: &Store) {
    writer(store).fail_next_commit().await;
}

/// What becomes of `writes` in one batch: a turn is held until all of them wait for theirs.
async fn in_one_batch<F: Future>(store: &Store, writes: Vec<F>) -> Vec<F::Output> {
    let held = store.write().await.unwrap();
    let count = writes.len();
    let release = async {
        while writer(store).waiting() < count {
            tokio::task::yield_now().await;
        }
        held.end(Ok(())).await
    };
    tokio::join!(release, join_all(writes)).1
}

/// Stops the time that a claim waits for company. Time that is paused goes on by itself when there is
/// nothing to do, so there is.
fn stop_time() -> AbortOnDropHandle<()> {
    tokio::time::pause();
    AbortOnDropHandle::new(tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    }))
}

async fn jobs(store: &Store) -> usize {
    let all = JobFilter {
        size: 1000,
        ..JobFilter::default()
    };
    store.list_jobs(&all).await.unwrap().jobs.len()
}

fn is_not_durable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotDurable(_)))
}

#[tokio::test]
async fn a_failed_commit_fails_for_the_whole_batch_and_for_no_other() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    let before = submit(store, job()).await;
    fail_next_commit(store).await;
    let new: Vec<_> = (0..20).map(|_| job()).collect();
    let writes = new.iter().map(|job| store.submit_job(job)).collect();
    let submitted = in_one_batch(store, writes).await;
    assert!(submitted.iter().all(is_not_durable), "{submitted:?}");
    assert_eq!(jobs(store).await, 1);
    // The next batch is another one, and the ids are free.
    let submitted = join_all(new.iter().map(|job| store.submit_job(job))).await;
    assert!(submitted.iter().all(Result::is_ok), "{submitted:?}");
    assert_eq!(jobs(store).await, 21);
    assert!(store.job(&before).await.is_ok());
}

#[tokio::test]
async fn a_refusal_counts_only_with_what_it_has_seen() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    fail_next_commit(store).await;
    let create = || store.create_bucket("other-1250000000", "ap-chongqing", Acl::Private);
    let created = in_one_batch(store, vec![create(), create()]).await;
    // The second has seen the bucket of the first, which does not exist in the end.
    assert!(created.iter().all(is_not_durable), "{created:?}");
    assert!(create().await.is_ok());
    assert!(matches!(create().await, Err(StoreError::BucketExists(_))));
}

#[tokio::test]
async fn a_refusal_undoes_its_own_writes_alone() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    submit(store, job()).await;
    let claimed = claim(store).await;
    put(store, "a", "a").await;
    let effects = [
        crate::store::Effect::DeleteObject {
            name: name("a"),
            if_etag: None,
        },
        crate::store::Effect::MoveObject {
            from: name("missing"),
            to: name("b"),
            if_etag: None,
        },
    ];
    let (new, outcome) = (job(), success());
    let (refused, submitted) = tokio::join!(
        store.finish_job(&claimed, &outcome, &effects),
        store.submit_job(&new),
    );
    assert!(matches!(refused, Err(StoreError::NoSuchObject(_))));
    assert!(submitted.is_ok());
    assert!(store.head_object(&name("a")).await.is_ok());
    assert_eq!(jobs(store).await, 2);
}

#[tokio::test]
async fn a_claim_of_a_failed_batch_is_no_claim() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    let id = submit(store, job()).await;
    let _stopped = stop_time();
    fail_next_commit(store).await;
    let lost = store.claim_job(JobClass::Picture, "lost", LEASE).await;
    let lost = lost.unwrap().unwrap();
    // In the same batch, so it learns of it.
    let next = store.write().await.unwrap().end(Ok(())).await;
    assert!(is_not_durable(&next));
    let held = claim(store).await;
    assert_eq!((&held.job.id, held.job.attempt), (&id, 1));
    let late = store.finish_job(&lost, &success(), &[]).await;
    assert!(matches!(late, Err(StoreError::StaleClaim { .. })));
    store.finish_job(&held, &success(), &[]).await.unwrap();
}

/// Nobody waits for a claim, so it waits for company; but not for ever.
#[tokio::test]
async fn a_claim_is_committed_with_the_end_of_its_job_or_after_a_while() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    let (first, second) = (submit(store, job()).await, submit(store, job()).await);
    let state = async |id| store.job(id).await.unwrap().state;
    let _stopped = stop_time();
    let before = commits(store).await;
    let claim = async || {
        let claimed = store.claim_job(JobClass::Picture, "worker", LEASE).await;
        claimed.unwrap().unwrap()
    };
    let claimed = claim().await;
    assert_eq!(
        state(&first).await,
        JobState::Submitted,
        "it is not seen yet"
    );
    store.finish_job(&claimed, &success(), &[]).await.unwrap();
    assert_eq!(state(&first).await, JobState::Success);
    assert_eq!(commits(store).await, before + 1);

    let claimed = claim().await;
    assert_eq!(claimed.job.id, second);
    tokio::time::advance(Duration::from_secs(1)).await;
    while state(&second).await != JobState::Running {
        tokio::task::yield_now().await;
    }
    assert_eq!(commits(store).await, before + 2);
    store.finish_job(&claimed, &success(), &[]).await.unwrap();
}

#[tokio::test]
async fn what_is_dropped_anywhere_leaves_a_whole_write_or_none() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    let mut attempted = Vec::new();
    for turns in 0..60 {
        let (dropped, whole) = (job(), job());
        let dropping = async {
            tokio::select! {
                biased;
                _ = store.submit_job(&dropped) => {}
                () = async {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                } => {}
            }
        };
        let ((), submitted) = tokio::join!(dropping, store.submit_job(&whole));
        assert!(submitted.is_ok(), "{turns}: {submitted:?}");
        assert!(store.job(&whole.id).await.is_ok());
        attempted.push(dropped.id);
    }
    store.settle().await;
    for id in attempted {
        match store.job(&id).await {
            Ok(_) | Err(StoreError::NoSuchJob(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// How many commits there were.
async fn commits(store: &Store) -> u64 {
    let counted = store.inner.database.batches().await.unwrap();
    counted.count()
}

#[tokio::test]
async fn who_is_alone_has_a_commit_at_once_and_those_who_wait_share_few() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    let before = commits(store).await;
    for _ in 0..10 {
        submit(store, job()).await;
    }
    assert_eq!(commits(store).await, before + 10);
    join_all((0..64).map(|_| submit(store, job()))).await;
    // The scheduler may let some of them come later.
    let shared = commits(store).await - before - 10;
    assert!((1..=8).contains(&shared), "{shared} commits of 64");
}

/// Whether `future` is ready, having been asked once.
async fn is_ready<F: Future>(future: &mut Pin<Box<F>>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
}

/// Whoever is dropped while it commits takes nobody along.
#[tokio::test]
async fn a_client_that_leaves_while_it_commits_harms_no_other() {
    let Fixture { store, .. } = &Fixture::on_disk().await;
    for polls in (0..2000).step_by(50) {
        let leaving = job();
        let mut submitting = Box::pin(store.submit_job(&leaving));
        for _ in 0..polls {
            if is_ready(&mut submitting).await {
                break;
            }
            tokio::task::yield_now().await;
        }
        let (first, second) = (job(), job());
        let mut others =
            Box::pin(async { tokio::join!(store.submit_job(&first), store.submit_job(&second)) });
        let asked = futures_util::poll!(&mut others);
        drop(submitting);
        let ended = match asked {
            Poll::Ready(ended) => ended,
            Poll::Pending => others.await,
        };
        assert!(ended.0.is_ok() && ended.1.is_ok(), "{polls}: {ended:?}");
    }
}

/// The database may give up a whole transaction because of one statement, as on a full disk.
#[tokio::test]
async fn a_full_database_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path(), None, Arc::new(SystemClock), true)
        .await
        .unwrap();
    let mut tx = store.write().await.unwrap();
    let pages: i64 = sql("PRAGMA page_count").scalar(&mut tx).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + 40);
    let _: i64 = sql(limit).scalar(&mut tx).await.unwrap();
    tx.end(Ok(())).await.unwrap();
    let long = || NewJob {
        request: "a".repeat(20_000),
        bucket: Some(BUCKET.into()),
        ..job()
    };
    let mut accepted = Vec::new();
    let mut refused = 0;
    for _ in 0..10 {
        let new: Vec<_> = (0..5).map(|_| long()).collect();
        let submitted = join_all(new.iter().map(|job| store.submit_job(job))).await;
        for (job, submitted) in new.iter().zip(submitted) {
            match submitted {
                Ok(_) => accepted.push(job.id.clone()),
                Err(StoreError::Database(_) | StoreError::NotDurable(_)) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(!accepted.is_empty() && refused > 0, "{refused} refused");
    assert_eq!(jobs(&store).await, accepted.len());
    store.close().await;
    let store = Store::open(folder.path()).await.unwrap();
    for id in &accepted {
        store.job(id).await.unwrap();
    }
    assert_eq!(jobs(&store).await, accepted.len());
}
