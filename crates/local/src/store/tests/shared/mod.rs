//! Several processes on one store.

mod outages;
mod schemas;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::cluster::{connect, schema};
use super::fixture::{
    BUCKET, LEASE, REGION, START, claim, content, job, long, name, process, put, submit, success,
    text,
};
use crate::clock::{ManualClock, SystemClock};
use crate::database_url::DatabaseUrl;
use crate::store::blobs::Blobs;
use crate::store::sql::sql;
use crate::store::{
    Acl, Effect, JobClass, JobState, NewCallback, NewJob, Object, Overwrite, StagedBlob, Store,
    StoreError, UnderWay,
};

/// How long a signal is waited for, so that one that never comes fails the test.
const PATIENCE: Duration = Duration::from_mins(5);

/// Two processes with a bucket.
struct Two {
    first: Store,
    second: Store,
    clock: Arc<ManualClock>,
    url: DatabaseUrl,
    blobs: Blobs,
}

impl Two {
    async fn start() -> Self {
        Self::with(Blobs::in_memory(u64::MAX)).await
    }

    async fn with(blobs: Blobs) -> Self {
        let url = schema().await;
        let clock = Arc::new(ManualClock::new(START));
        // Together, as machines that are switched on.
        let (first, second) = tokio::join!(
            process(&url, blobs.clone(), clock.clone()),
            process(&url, blobs.clone(), clock.clone()),
        );
        let bucket = first.create_bucket(BUCKET, REGION, Acl::Private).await;
        bucket.unwrap();
        Self {
            first,
            second,
            clock,
            url,
            blobs,
        }
    }

    async fn third(&self) -> Store {
        process(&self.url, self.blobs.clone(), self.clock.clone()).await
    }
}

/// Makes the object `key` of `blob`.
async fn put_blob(
    store: &Store,
    key: &str,
    blob: StagedBlob,
    overwrite: Overwrite,
) -> Result<Object, StoreError> {
    store.put_object(&name(key), blob, &text(), overwrite).await
}

#[tokio::test]
async fn opening_takes_nothing_from_a_living_process() {
    let two = Two::start().await;
    submit(&two.first, job()).await;
    let claimed = claim(&two.first).await;
    let staged = two.first.upload_bytes(long("held").into()).await.unwrap();
    two.clock.advance(LEASE - 1);
    let third = two.third().await;
    assert_eq!(third.release_expired_claims().await.unwrap(), 0);
    assert_eq!(third.take_over_dead_processes().await.unwrap(), 0);
    third.collect_garbage().await.unwrap();
    let put = put_blob(&two.first, "a", staged, Overwrite::Allow);
    put.await.unwrap();
    assert_eq!(content(&third, "a").await, long("held"));
    let finished = two.first.finish_job(&claimed, &success(), &[]).await;
    assert_eq!(finished.unwrap().state, JobState::Success);
}

#[tokio::test]
async fn what_a_dead_process_had_is_taken_over_once() {
    let two = Two::start().await;
    let id = submit(&two.first, job()).await;
    let lost = claim(&two.first).await;
    let staged = two.first.upload_bytes(long("lost").into()).await.unwrap();
    two.clock.advance(LEASE);
    two.second.beat().await.unwrap();
    let (mine, theirs) = (two.third().await, &two.second);
    let released = join_all([
        mine.release_expired_claims(),
        theirs.release_expired_claims(),
    ])
    .await;
    let released: u64 = released.into_iter().map(Result::unwrap).sum();
    assert_eq!(released, 1);
    assert_eq!(
        theirs.take_over_dead_processes().await.unwrap(),
        0,
        "joining did it"
    );
    let held = claim(theirs).await;
    assert_eq!((&held.job.id, held.job.attempt), (&id, 2));
    // It was not dead, only silent.
    let late = two.first.finish_job(&lost, &success(), &[]).await;
    assert!(matches!(late, Err(StoreError::StaleClaim { .. })));
    let late = put_blob(&two.first, "a", staged, Overwrite::Allow);
    assert!(matches!(late.await, Err(StoreError::StaleUpload)));
    theirs.finish_job(&held, &success(), &[]).await.unwrap();
    // Saying so makes it one of them again.
    two.first.beat().await.unwrap();
    put(&two.first, "a", &long("new")).await;
    assert_eq!(content(theirs, "a").await, long("new"));
    assert_eq!(theirs.collect_garbage().await.unwrap(), 1);
}

#[tokio::test]
async fn each_job_has_one_effect_whoever_runs_it() {
    const JOBS: usize = 60;
    let two = Two::start().await;
    let mut ids = BTreeSet::new();
    for _ in 0..JOBS {
        ids.insert(submit(&two.first, job()).await);
    }
    let work = async |store: &Store, owner: &str| {
        let mut done = Vec::new();
        while let Some(claimed) = store
            .claim_job(JobClass::Picture, owner, LEASE)
            .await
            .unwrap()
        {
            let effect = Effect::Callback(NewCallback {
                url: "http://example.com/".into(),
                content_type: String::new(),
                body: Vec::new(),
            });
            store
                .finish_job(&claimed, &success(), &[effect])
                .await
                .unwrap();
            done.push(claimed.job.id);
        }
        done
    };
    let (a, b, c, d) = tokio::join!(
        work(&two.first, "a"),
        work(&two.first, "b"),
        work(&two.second, "c"),
        work(&two.second, "d"),
    );
    let done: Vec<_> = [a, b, c, d].concat();
    assert_eq!(done.len(), JOBS);
    assert_eq!(done.into_iter().collect::<BTreeSet<_>>(), ids);
    let callbacks = two.second.callbacks().await.unwrap();
    let told: BTreeSet<_> = callbacks.iter().map(|it| it.job_id.clone()).collect();
    assert_eq!((callbacks.len(), told), (JOBS, ids));
    // And each is delivered by one of them.
    let mut delivering = BTreeSet::new();
    for turn in 0..JOBS {
        let store = if turn % 2 == 0 {
            &two.first
        } else {
            &two.second
        };
        let due = store.claim_callback(LEASE, &UnderWay::default()).await;
        delivering.insert(due.unwrap().unwrap().id);
    }
    assert_eq!(delivering.len(), JOBS);
    let more = two.first.claim_callback(LEASE, &UnderWay::default()).await;
    assert_eq!(more.unwrap(), None);
}

#[tokio::test]
async fn a_queue_has_as_many_places_for_all_processes_together() {
    let two = Two::start().await;
    let queue = two
        .first
        .create_queue(BUCKET, "PicProcess", "q")
        .await
        .unwrap();
    for _ in 0..30 {
        let queue_id = Some(queue.queue_id.clone());
        submit(&two.first, NewJob { queue_id, ..job() }).await;
    }
    let claims = (0..30).map(|turn| {
        let store = if turn % 2 == 0 {
            &two.first
        } else {
            &two.second
        };
        async move {
            store
                .claim_job(JobClass::Picture, "worker", LEASE)
                .await
                .unwrap()
        }
    });
    let claimed = join_all(claims).await.into_iter().flatten().count();
    assert_eq!(claimed, 10);
}

#[tokio::test]
async fn names_and_sessions_are_taken_once() {
    let two = Two::start().await;
    let stores = [&two.first, &two.second];
    let both = |turn: usize| stores[turn % 2];
    let uploads = (0..10).map(|turn| async move {
        let text_of = format!("{turn}").repeat(turn * 20_000 + 1);
        let blob = both(turn).upload_bytes(text_of.into()).await.unwrap();
        let put = put_blob(both(turn), "a", blob, Overwrite::Forbid);
        put.await
    });
    let ended = join_all(uploads).await;
    assert_eq!(ended.iter().filter(|it| it.is_ok()).count(), 1, "{ended:?}");
    let taken = |it: &&Result<_, _>| matches!(it, Err(StoreError::ObjectExists(_)));
    assert_eq!(ended.iter().filter(taken).count(), 9, "{ended:?}");

    let repeated = (0..10).map(|turn| {
        let session = Some(crate::store::job::Session {
            id: "once".into(),
            since: 0,
        });
        let new = NewJob { session, ..job() };
        async move { both(turn).submit_job(&new).await.unwrap() }
    });
    let accepted = join_all(repeated).await;
    let accepted = accepted
        .iter()
        .filter(|it| matches!(it, crate::store::Submission::Accepted(_)));
    assert_eq!(accepted.count(), 1);

    // Replacing at the same time leaves one object and no content of another.
    join_all((0..10).map(|turn| async move { put(both(turn), "b", &long("b")).await })).await;
    let objects: i64 = sql("SELECT count(*) FROM objects")
        .scalar(&mut two.first.connect().await.unwrap())
        .await
        .unwrap();
    assert_eq!(objects, 2);
    let noted: i64 = sql("SELECT count(*) FROM garbage")
        .scalar(&mut two.first.connect().await.unwrap())
        .await
        .unwrap();
    assert_eq!(noted, 0);
}

#[tokio::test]
async fn a_deleted_bucket_takes_no_object() {
    let two = Two::start().await;
    for _ in 0..10 {
        let blob = two.second.upload_bytes("a".into()).await.unwrap();
        let at = name("a");
        let attributes = text();
        let (deleted, stored) = tokio::join!(
            two.first.delete_bucket(BUCKET),
            two.second
                .put_object(&at, blob, &attributes, Overwrite::Allow),
        );
        match (&deleted, &stored) {
            (Ok(()), Err(StoreError::NoSuchBucket(_))) => {
                let again = two.first.create_bucket(BUCKET, REGION, Acl::Private).await;
                again.unwrap();
            }
            (Err(StoreError::BucketNotEmpty(_)), Ok(_)) => {
                two.first.delete_object(&name("a")).await.unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn processes_wake_each_other() {
    let two = Two::start().await;
    let waiting = {
        let store = two.second.clone();
        tokio::spawn(async move {
            loop {
                let claimed = store.claim_job(JobClass::Picture, "worker", LEASE).await;
                if let Some(claimed) = claimed.unwrap() {
                    return claimed.job.id;
                }
                store.wait_for_work(JobClass::Picture).await;
            }
        })
    };
    let id = submit(&two.first, job()).await;
    let woken = tokio::time::timeout(PATIENCE, waiting).await;
    assert_eq!(woken.expect("a signal came").unwrap(), id);
}

#[tokio::test]
async fn the_clock_is_put_ahead_for_all_and_leases_do_not_notice() {
    let two = Two::start().await;
    submit(&two.first, job()).await;
    let claimed = claim(&two.first).await;
    two.first
        .advance_clock(Duration::from_secs(10_000))
        .await
        .unwrap();
    assert_eq!(two.first.now(), START + 10_000_000);
    two.second.beat().await.unwrap();
    assert_eq!(two.second.now(), START + 10_000_000);
    assert_eq!(two.third().await.now(), START + 10_000_000);
    assert_eq!(two.second.release_expired_claims().await.unwrap(), 0);
    two.first
        .finish_job(&claimed, &success(), &[])
        .await
        .unwrap();
}

#[tokio::test]
async fn leases_are_measured_by_the_clock_of_the_database() {
    let url = schema().await;
    let store = async || {
        // A machine whose clock is wrong by years.
        let clock = Arc::new(ManualClock::new(START));
        let database = crate::store::postgres::Database::connect(url.expose()).await;
        let lease = Duration::from_mins(2);
        Store::over_postgres(database.unwrap(), Blobs::in_memory(1), 0, lease, clock).await
    };
    let blobs = store().await.unwrap();
    let now = crate::clock::Clock::now(&SystemClock);
    assert!((blobs.now() - now).abs() < 60_000, "{} {now}", blobs.now());
    submit(&blobs, job()).await;
    let long = i64::try_from(Duration::from_hours(1).as_millis()).unwrap();
    let long = blobs.claim_job(JobClass::Picture, "worker", long).await;
    assert!(long.unwrap().is_some());
    assert_eq!(blobs.release_expired_claims().await.unwrap(), 0);
    submit(&blobs, job()).await;
    let short = blobs.claim_job(JobClass::Picture, "worker", 0).await;
    assert!(short.unwrap().is_some());
    assert_eq!(blobs.release_expired_claims().await.unwrap(), 1);
}

#[tokio::test]
async fn content_of_another_store_is_refused() {
    let (url, other) = (schema().await, schema().await);
    let clock = Arc::new(ManualClock::new(START));
    let blobs = Blobs::in_memory(u64::MAX);
    process(&url, blobs.clone(), clock.clone()).await;
    let database = connect(&other).await;
    let lease = Duration::from_mins(1);
    let error = Store::over_postgres(database, blobs, 0, lease, clock)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");
}

#[tokio::test]
async fn a_nul_character_is_refused_by_name() {
    let two = Two::start().await;
    let blob = two.first.upload_bytes("a".into()).await.unwrap();
    let put = two
        .first
        .put_object(&name("a\0b"), blob, &text(), Overwrite::Allow)
        .await;
    assert!(matches!(put, Err(StoreError::NulCharacter)));
    let found = two.first.head_object(&name("a\0b")).await;
    assert!(matches!(found, Err(StoreError::NulCharacter)));
}

/// Whatever others do meanwhile, nobody is broken off.
#[tokio::test]
async fn a_store_is_emptied_beside_those_who_write() {
    let two = Two::start().await;
    let made = [BUCKET.to_owned()];
    let (first, second) = (&two.first, &two.second);
    let writing = async |store: &Store, own: &str| {
        for turn in 0..20 {
            let blob = store.upload_bytes(long(own).into()).await.unwrap();
            let key = format!("{own}{turn}");
            let stored = put_blob(store, &key, blob, Overwrite::Allow).await;
            stored.unwrap();
            submit(store, job()).await;
            if let Some(claimed) = store
                .claim_job(JobClass::Picture, own, LEASE)
                .await
                .unwrap()
            {
                match store.finish_job(&claimed, &success(), &[]).await {
                    Ok(_) | Err(StoreError::StaleClaim { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    let emptying = async {
        for _ in 0..10 {
            first.empty(&made, REGION).await.unwrap();
        }
    };
    tokio::join!(writing(first, "a"), writing(second, "b"), emptying);
    second
        .advance_clock(Duration::from_secs(100))
        .await
        .unwrap();
    first.empty(&made, REGION).await.unwrap();
    second.beat().await.unwrap();
    assert_eq!(second.now(), START);
    assert_eq!(second.buckets().await.unwrap().len(), 1);
    assert_eq!(second.pieces().await, 0);
}

#[tokio::test]
async fn the_others_learn_that_a_store_was_emptied() {
    let two = Two::start().await;
    let mut changes = two.second.changes();
    // What was sent before it listened.
    changes.mark_unchanged();
    two.first.empty(&[], REGION).await.unwrap();
    let told = tokio::time::timeout(PATIENCE, changes.changed()).await;
    told.expect("a signal came").unwrap();
}
