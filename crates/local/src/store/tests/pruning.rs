//! Which records of jobs are forgotten, and when.

use crate::store::{Delivery, Effect, JobFilter, JobOrder, NewCallback, Store, UnderWay};

use super::fixture::{Fixture, LEASE, START, claim, job, on_every_store, submit, success};

on_every_store!(
    jobs_that_ended_long_ago_are_forgotten,
    the_oldest_go_where_there_are_too_many,
    a_job_is_kept_until_its_callback_has_ended,
);

const NUMBER: u64 = u64::MAX;

async fn ids(store: &Store) -> Vec<String> {
    let filter = JobFilter {
        order: JobOrder::Ascending,
        size: 10_000,
        ..JobFilter::default()
    };
    let page = store.list_jobs(&filter).await.unwrap();
    page.jobs.into_iter().map(|job| job.id).collect()
}

/// Submits a job and ends it.
async fn ended(store: &Store, effects: Vec<Effect>) -> String {
    let id = submit(store, job()).await;
    let claimed = claim(store).await;
    store
        .finish_job(&claimed, &success(), &effects)
        .await
        .unwrap();
    id
}

async fn jobs_that_ended_long_ago_are_forgotten(Fixture { store, clock, .. }: &Fixture) {
    ended(store, vec![]).await;
    let cancelled = submit(store, job()).await;
    store.cancel_job(&cancelled).await.unwrap();
    clock.advance(1);
    let later = ended(store, vec![]).await;
    let waiting = submit(store, job()).await;
    assert_eq!(store.prune_jobs(START, NUMBER).await.unwrap(), 0);
    assert_eq!(store.prune_jobs(START + 1, NUMBER).await.unwrap(), 2);
    assert_eq!(ids(store).await, [later, waiting.clone()]);
    assert_eq!(store.prune_jobs(i64::MAX, NUMBER).await.unwrap(), 1);
    assert_eq!(ids(store).await, [waiting], "what has not ended is kept");
}

async fn the_oldest_go_where_there_are_too_many(Fixture { store, clock, .. }: &Fixture) {
    let mut all = Vec::new();
    for _ in 0..5 {
        clock.advance(1);
        all.push(ended(store, vec![]).await);
    }
    all.push(submit(store, job()).await);
    assert_eq!(store.prune_jobs(0, 5).await.unwrap(), 0);
    assert_eq!(store.prune_jobs(0, 2).await.unwrap(), 3);
    assert_eq!(ids(store).await, all[3..]);
}

async fn a_job_is_kept_until_its_callback_has_ended(Fixture { store, .. }: &Fixture) {
    let callback = Effect::Callback(NewCallback {
        url: "http://example.com/".into(),
        content_type: "text/plain".into(),
        body: Vec::new(),
    });
    let id = ended(store, vec![callback]).await;
    assert_eq!(store.prune_jobs(i64::MAX, 0).await.unwrap(), 0);
    assert_eq!(ids(store).await, [id]);
    let attempt = store.claim_callback(LEASE, &UnderWay::default()).await;
    store
        .record_delivery(
            &attempt.unwrap().unwrap(),
            Delivery::Accepted { status: 200 },
        )
        .await
        .unwrap();
    assert_eq!(store.prune_jobs(i64::MAX, 0).await.unwrap(), 1);
    let callbacks = store.callbacks().await.unwrap();
    assert_eq!(callbacks, [], "the callback goes with its job");
}

/// In memory, where it is not the disk that is tested.
#[tokio::test]
async fn many_jobs_are_forgotten_in_batches() {
    let Fixture { store, .. } = Fixture::in_memory().await;
    for _ in 0..1_203 {
        let id = submit(&store, job()).await;
        store.cancel_job(&id).await.unwrap();
    }
    assert_eq!(store.prune_jobs(0, 1).await.unwrap(), 1_202);
    assert_eq!(ids(&store).await.len(), 1);
}
