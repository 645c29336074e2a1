//! Submitting, listing and cancelling jobs.

use crate::store::job::Session;
use crate::store::{
    JobClass, JobFilter, JobOrder, JobState, NewJob, Service, StoreError, Submission, new_id,
};

use super::fixture::{BUCKET, Fixture, START, claim, job, on_every_store, submit, success};

on_every_store!(
    a_submitted_job_is_recorded,
    an_id_is_used_once,
    a_session_starts_one_job,
    jobs_are_found_by_their_ids,
    lists_are_filtered,
    pages_meet_without_gap_or_overlap,
    only_a_waiting_job_is_cancelled,
);

async fn a_submitted_job_is_recorded(Fixture { store, .. }: &Fixture) {
    let new = NewJob {
        callback_url: Some("http://example.com/".into()),
        callback_format: Some("JSON".into()),
        level: 2,
        ..job()
    };
    let id = submit(store, new.clone()).await;
    let job = store.job(&id).await.unwrap();
    assert_eq!(
        (job.id, job.tag, job.request),
        (new.id, new.tag, new.request)
    );
    assert_eq!(
        (job.service, job.bucket, job.level),
        (Service::Ci, new.bucket, 2)
    );
    assert_eq!(
        (job.callback_url, job.callback_format),
        (new.callback_url, new.callback_format)
    );
    assert_eq!((job.state, job.attempt), (JobState::Submitted, 0));
    assert_eq!(
        (job.created_at, job.started_at, job.ended_at),
        (START, None, None)
    );
    assert_eq!((job.result, job.code, job.message), (None, None, None));
}

async fn an_id_is_used_once(Fixture { store, .. }: &Fixture) {
    let new = job();
    submit(store, new.clone()).await;
    let again = store.submit_job(&new).await;
    assert!(matches!(again, Err(StoreError::JobExists(id)) if id == new.id));
    let lost = NewJob {
        queue_id: Some("p0".into()),
        ..job()
    };
    assert!(matches!(
        store.submit_job(&lost).await,
        Err(StoreError::NoSuchQueue(_))
    ));
    assert_eq!(
        store
            .list_jobs(&JobFilter::default())
            .await
            .unwrap()
            .jobs
            .len(),
        1
    );
}

async fn a_session_starts_one_job(Fixture { store, clock, .. }: &Fixture) {
    let with_session = |service, since| NewJob {
        service,
        session: Some(Session {
            id: "session".into(),
            since,
        }),
        ..job()
    };
    let first = submit(store, with_session(Service::Mps, 0)).await;
    clock.advance(10);
    let repeated = store
        .submit_job(&with_session(Service::Mps, START))
        .await
        .unwrap();
    assert!(matches!(repeated, Submission::Duplicate(job) if job.id == first));
    // Another service, or a time after the first job: no repetition.
    submit(store, with_session(Service::Ci, START)).await;
    submit(store, with_session(Service::Mps, START + 1)).await;
    assert_eq!(
        store
            .list_jobs(&JobFilter::default())
            .await
            .unwrap()
            .jobs
            .len(),
        3
    );
}

async fn jobs_are_found_by_their_ids(Fixture { store, .. }: &Fixture) {
    let first = submit(store, job()).await;
    let second = submit(store, job()).await;
    submit(store, job()).await;
    let found = store
        .jobs(&[second.clone(), new_id("c"), first.clone()])
        .await
        .unwrap();
    assert_eq!(
        found.into_iter().map(|job| job.id).collect::<Vec<_>>(),
        [first, second]
    );
    assert!(matches!(store.job("c0").await, Err(StoreError::NoSuchJob(id)) if id == "c0"));
}

/// The filter for all jobs, narrowed by `change`.
fn only(change: impl FnOnce(&mut JobFilter)) -> JobFilter {
    let mut filter = JobFilter::default();
    change(&mut filter);
    filter
}

async fn lists_are_filtered(Fixture { store, clock, .. }: &Fixture) {
    let queue = store
        .create_queue(BUCKET, "PicProcess", "queue")
        .await
        .unwrap()
        .queue_id;
    let plain = submit(store, job()).await;
    clock.advance(1);
    let queued = submit(
        store,
        NewJob {
            queue_id: Some(queue.clone()),
            ..job()
        },
    )
    .await;
    clock.advance(1);
    let tagged = submit(
        store,
        NewJob {
            tag: "PicProcess".into(),
            ..job()
        },
    )
    .await;
    clock.advance(1);
    let media = NewJob {
        service: Service::Mps,
        bucket: None,
        level: 1,
        ..job()
    };
    let media = submit(store, media).await;
    let claimed = claim(store).await;
    assert_eq!(claimed.job.id, media);
    store.finish_job(&claimed, &success(), &[]).await.unwrap();

    for (filter, expected) in [
        (only(|_| {}), vec![&media, &tagged, &queued, &plain]),
        (
            only(|f| f.order = JobOrder::Ascending),
            vec![&plain, &queued, &tagged, &media],
        ),
        (only(|f| f.service = Some(Service::Mps)), vec![&media]),
        (
            only(|f| f.bucket = Some(BUCKET.into())),
            vec![&tagged, &queued, &plain],
        ),
        (only(|f| f.bucket = Some("other-1250000000".into())), vec![]),
        (only(|f| f.queue_id = Some(queue)), vec![&queued]),
        (only(|f| f.tag = Some("PicProcess".into())), vec![&tagged]),
        (only(|f| f.states = vec![JobState::Success]), vec![&media]),
        (
            only(|f| f.states = vec![JobState::Success, JobState::Running]),
            vec![&media],
        ),
        (only(|f| f.size = 2), vec![&media, &tagged]),
        (
            only(|f| f.created_from = Some(START + 2)),
            vec![&media, &tagged],
        ),
        (
            only(|f| f.created_until = Some(START + 1)),
            vec![&queued, &plain],
        ),
    ] {
        let page = store.list_jobs(&filter).await.unwrap();
        assert_eq!(
            page.jobs.iter().map(|job| &job.id).collect::<Vec<_>>(),
            expected,
            "{filter:?}"
        );
    }
}

async fn pages_meet_without_gap_or_overlap(Fixture { store, .. }: &Fixture) {
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(submit(store, job()).await);
    }
    for (order, size) in [
        (JobOrder::Ascending, 3),
        (JobOrder::Descending, 7),
        (JobOrder::Descending, 2),
    ] {
        let mut filter = JobFilter {
            order,
            size,
            ..JobFilter::default()
        };
        let mut seen = Vec::new();
        loop {
            let page = store.list_jobs(&filter).await.unwrap();
            assert!(!page.jobs.is_empty());
            seen.extend(page.jobs.into_iter().map(|job| job.id));
            filter.token = page.next_token;
            if filter.token.is_none() {
                break;
            }
        }
        if order == JobOrder::Descending {
            seen.reverse();
        }
        assert_eq!(seen, ids);
    }
    let forged = JobFilter {
        token: Some("' OR 1".into()),
        ..JobFilter::default()
    };
    assert!(matches!(
        store.list_jobs(&forged).await,
        Err(StoreError::InvalidPageToken)
    ));
}

async fn only_a_waiting_job_is_cancelled(Fixture { store, clock, .. }: &Fixture) {
    let id = submit(store, job()).await;
    clock.advance(3);
    let cancelled = store.cancel_job(&id).await.unwrap();
    assert_eq!(
        (cancelled.state, cancelled.ended_at),
        (JobState::Cancel, Some(START + 3))
    );
    assert_eq!(
        store
            .claim_job(JobClass::Picture, "worker", 1)
            .await
            .unwrap(),
        None
    );
    let not_in = |state| move |result| matches!(result, Err(StoreError::NotCancellable { state: s, .. }) if s == state);
    assert!(not_in(JobState::Cancel)(store.cancel_job(&id).await));

    let id = submit(store, job()).await;
    let claimed = claim(store).await;
    assert!(not_in(JobState::Running)(store.cancel_job(&id).await));
    store.finish_job(&claimed, &success(), &[]).await.unwrap();
    assert!(not_in(JobState::Success)(store.cancel_job(&id).await));
    assert!(matches!(
        store.cancel_job("c0").await,
        Err(StoreError::NoSuchJob(_))
    ));
}
