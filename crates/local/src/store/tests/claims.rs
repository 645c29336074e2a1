//! Claims, leases and the effects of finished jobs.

use std::collections::HashSet;

use crate::store::{
    Acl, ClaimedJob, Effect, JobClass, JobState, NewCallback, NewJob, Outcome, Store, StoreError,
};
use bytes::Bytes;

use super::fixture::{
    BUCKET, FAR_FUTURE, Fixture, LEASE, START, claim, content, job, name, on_every_store, put,
    submit, success, text,
};

on_every_store!(
    the_highest_level_runs_first_then_the_oldest,
    a_class_has_jobs_of_its_own,
    a_queue_runs_ten_jobs_at_the_same_time,
    a_job_is_given_to_one_worker,
    an_outcome_is_recorded,
    a_lost_claim_can_do_nothing,
    an_extended_claim_is_kept,
    a_job_given_back_waits_for_its_time,
    effects_are_applied_with_the_outcome,
    a_failed_effect_leaves_the_claim_and_everything_else,
    effects_spare_an_object_that_has_changed,
    a_deletion_of_nothing_succeeds,
    an_own_header_is_set_beside_the_others,
    waiting_ends_when_a_job_is_submitted,
    jobs_run_though_the_clock_was_set_back,
    a_claim_outlasts_a_clock_that_is_set_forward,
);

fn is_stale<T>(result: Result<T, StoreError>, claim: &ClaimedJob) -> bool {
    matches!(result, Err(StoreError::StaleClaim { id, attempt })
        if id == claim.job.id && attempt == claim.job.attempt)
}

async fn put_effect(store: &Store, key: &str, content: &'static str) -> Effect {
    let blob = store
        .upload_bytes(Bytes::from_static(content.as_bytes()))
        .await
        .unwrap();
    Effect::PutObject {
        name: name(key),
        blob,
        attributes: text(),
    }
}

fn callback() -> Effect {
    Effect::Callback(NewCallback {
        url: "http://example.com/".into(),
        content_type: "application/xml".into(),
        body: b"<Response/>".to_vec(),
    })
}

async fn callbacks(store: &Store) -> usize {
    store.callbacks().await.unwrap().len()
}

async fn the_highest_level_runs_first_then_the_oldest(Fixture { store, .. }: &Fixture) {
    let mut ids = Vec::new();
    for level in [0, 2, 1, 2, 0] {
        ids.push(submit(store, NewJob { level, ..job() }).await);
    }
    for expected in [1, 3, 2, 0, 4] {
        assert_eq!(claim(store).await.job.id, ids[expected]);
    }
    assert_eq!(
        store
            .claim_job(JobClass::Picture, "worker", LEASE)
            .await
            .unwrap(),
        None
    );
}

async fn a_class_has_jobs_of_its_own(Fixture { store, .. }: &Fixture) {
    let of = |class| NewJob { class, ..job() };
    let media = submit(store, of(JobClass::Media)).await;
    let picture = submit(store, of(JobClass::Picture)).await;
    let next = async |class| {
        let claim = store.claim_job(class, "worker", LEASE).await.unwrap();
        claim.map(|claim| claim.job.id)
    };
    assert_eq!(next(JobClass::Document).await, None);
    assert_eq!(next(JobClass::Picture).await, Some(picture));
    assert_eq!(next(JobClass::Picture).await, None);
    assert_eq!(next(JobClass::Media).await, Some(media));
}

async fn a_queue_runs_ten_jobs_at_the_same_time(Fixture { store, .. }: &Fixture) {
    let queue = store
        .create_queue(BUCKET, "PicProcess", "queue")
        .await
        .unwrap();
    assert_eq!(queue.max_concurrent, 10);
    let in_queue = || NewJob {
        queue_id: Some(queue.queue_id.clone()),
        level: 2,
        ..job()
    };
    for _ in 0..11 {
        submit(store, in_queue()).await;
    }
    let first = claim(store).await;
    for _ in 1..10 {
        claim(store).await;
    }
    let next = || store.claim_job(JobClass::Picture, "worker", LEASE);
    assert_eq!(next().await.unwrap(), None);
    // What is in no queue, or in another, goes by.
    let elsewhere = submit(store, job()).await;
    assert_eq!(claim(store).await.job.id, elsewhere);
    store.finish_job(&first, &success(), &[]).await.unwrap();
    assert_eq!(claim(store).await.job.level, 2);
    assert_eq!(next().await.unwrap(), None);
}

async fn a_job_is_given_to_one_worker(Fixture { store, .. }: &Fixture) {
    let mut ids = HashSet::new();
    for _ in 0..20 {
        ids.insert(submit(store, job()).await);
    }
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                while let Some(claim) = store
                    .claim_job(JobClass::Picture, &worker.to_string(), LEASE)
                    .await
                    .unwrap()
                {
                    claimed.push(claim.job.id);
                }
                claimed
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.unwrap());
    }
    assert_eq!(claimed.len(), ids.len());
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), ids);
}

async fn an_outcome_is_recorded(Fixture { store, clock, .. }: &Fixture) {
    let id = submit(store, job()).await;
    clock.advance(1);
    let claimed = claim(store).await;
    assert_eq!(
        (claimed.job.state, claimed.job.attempt),
        (JobState::Running, 1)
    );
    assert_eq!(store.job(&id).await.unwrap(), claimed.job);
    clock.advance(1);
    let ended = store.finish_job(&claimed, &success(), &[]).await.unwrap();
    assert_eq!(
        (ended.state, ended.result.as_deref()),
        (JobState::Success, Some("done"))
    );
    assert_eq!(
        (ended.started_at, ended.ended_at),
        (Some(START + 1), Some(START + 2))
    );
    assert_eq!(store.job(&id).await.unwrap(), ended);

    submit(store, job()).await;
    let [code, message] = ["BadImage", "Not an image."].map(ToOwned::to_owned);
    let failure = Outcome::Failed {
        code,
        message,
        result: None,
    };
    let ended = store
        .finish_job(&claim(store).await, &failure, &[])
        .await
        .unwrap();
    assert_eq!((ended.state, ended.result), (JobState::Failed, None));
    assert_eq!(ended.code.as_deref(), Some("BadImage"));
    assert_eq!(ended.message.as_deref(), Some("Not an image."));
}

async fn a_lost_claim_can_do_nothing(Fixture { store, clock, .. }: &Fixture) {
    submit(store, job()).await;
    let lost = claim(store).await;
    clock.advance(LEASE - 1);
    assert_eq!(store.release_expired_claims().await.unwrap(), 0);
    clock.advance(1);
    assert_eq!(store.release_expired_claims().await.unwrap(), 1);
    assert!(is_stale(store.extend_claim(&lost, LEASE).await, &lost));

    // The same worker's later attempt does not revive the first one.
    let held = claim(store).await;
    assert_eq!((&held.job.id, held.job.attempt), (&lost.job.id, 2));
    let effects = vec![
        put_effect(store, "made", "by the lost claim").await,
        callback(),
    ];
    assert!(is_stale(
        store.finish_job(&lost, &success(), &effects).await,
        &lost
    ));
    assert!(is_stale(store.retry_job(&lost, START).await, &lost));
    assert!(matches!(
        store.head_object(&name("made")).await,
        Err(StoreError::NoSuchObject(_))
    ));
    assert_eq!(callbacks(store).await, 0);

    let effects = vec![
        put_effect(store, "made", "by the held claim").await,
        callback(),
    ];
    store.finish_job(&held, &success(), &effects).await.unwrap();
    let again = vec![put_effect(store, "made", "a second time").await, callback()];
    assert!(is_stale(
        store.finish_job(&held, &success(), &again).await,
        &held
    ));
    assert_eq!(content(store, "made").await, "by the held claim");
    assert_eq!(callbacks(store).await, 1);
}

async fn an_extended_claim_is_kept(Fixture { store, clock, .. }: &Fixture) {
    submit(store, job()).await;
    let claimed = claim(store).await;
    clock.advance(LEASE - 1);
    store.extend_claim(&claimed, LEASE).await.unwrap();
    clock.advance(LEASE - 1);
    assert_eq!(store.release_expired_claims().await.unwrap(), 0);
    store.finish_job(&claimed, &success(), &[]).await.unwrap();
}

async fn a_job_given_back_waits_for_its_time(Fixture { store, clock, .. }: &Fixture) {
    let id = submit(store, job()).await;
    store
        .retry_job(&claim(store).await, START + 100)
        .await
        .unwrap();
    let waiting = store.job(&id).await.unwrap();
    assert_eq!(
        (waiting.state, waiting.started_at),
        (JobState::Submitted, None)
    );
    clock.advance(99);
    assert_eq!(
        store
            .claim_job(JobClass::Picture, "worker", LEASE)
            .await
            .unwrap(),
        None
    );
    clock.advance(1);
    let second = claim(store).await.job;
    assert_eq!(
        (second.id, second.attempt, second.started_at),
        (id, 2, Some(START + 100))
    );
}

async fn effects_are_applied_with_the_outcome(fixture: &Fixture) {
    let Fixture { store, clock, .. } = fixture;
    clock.set(FAR_FUTURE);
    for key in ["moved", "hidden", "deleted", "replaced"] {
        put(store, key, key).await;
    }
    let etag = store.head_object(&name("moved")).await.unwrap().etag;
    let id = submit(store, job()).await;
    let effects = vec![
        put_effect(store, "replaced", "new").await,
        Effect::MoveObject {
            from: name("moved"),
            to: name("abnormal_images_backup/moved"),
            if_etag: Some(etag),
        },
        Effect::SetObjectAcl {
            name: name("hidden"),
            acl: Acl::Private,
            if_etag: None,
        },
        Effect::DeleteObject {
            name: name("deleted"),
            if_etag: None,
        },
        callback(),
    ];
    store
        .finish_job(&claim(store).await, &success(), &effects)
        .await
        .unwrap();

    assert_eq!(content(store, "replaced").await, "new");
    assert_eq!(
        content(store, "abnormal_images_backup/moved").await,
        "moved"
    );
    assert_eq!(
        store
            .head_object(&name("hidden"))
            .await
            .unwrap()
            .attributes
            .acl,
        Acl::Private
    );
    for gone in ["moved", "deleted"] {
        assert!(matches!(
            store.head_object(&name(gone)).await,
            Err(StoreError::NoSuchObject(_))
        ));
    }
    let queued = store.callbacks().await.unwrap();
    assert_eq!(
        queued
            .iter()
            .map(|callback| &callback.job_id)
            .collect::<Vec<_>>(),
        [&id]
    );
    assert_eq!(store.collect_garbage().await.unwrap(), 0);
}

async fn a_failed_effect_leaves_the_claim_and_everything_else(Fixture { store, .. }: &Fixture) {
    put(store, "kept", "kept").await;
    let id = submit(store, job()).await;
    let claimed = claim(store).await;
    let effects = vec![
        put_effect(store, "kept", "replaced").await,
        callback(),
        Effect::MoveObject {
            from: name("missing"),
            to: name("elsewhere"),
            if_etag: None,
        },
    ];
    let failed = store.finish_job(&claimed, &success(), &effects).await;
    assert!(matches!(failed, Err(StoreError::NoSuchObject(at)) if at == name("missing")));
    assert_eq!(store.job(&id).await.unwrap().state, JobState::Running);
    assert_eq!(content(store, "kept").await, "kept");
    assert_eq!(callbacks(store).await, 0);
    store
        .finish_job(&claimed, &success(), &[callback()])
        .await
        .unwrap();
}

async fn effects_spare_an_object_that_has_changed(Fixture { store, .. }: &Fixture) {
    let if_etag = Some(put(store, "key", "examined").await.etag);
    submit(store, job()).await;
    let claimed = claim(store).await;
    put(store, "key", "innocent").await;
    let [target, to] = ["key", "elsewhere"].map(name);
    for effect in [
        Effect::MoveObject {
            from: target.clone(),
            to,
            if_etag: if_etag.clone(),
        },
        Effect::SetObjectAcl {
            name: target.clone(),
            acl: Acl::Private,
            if_etag: if_etag.clone(),
        },
        Effect::DeleteObject {
            name: target,
            if_etag,
        },
    ] {
        let refused = store.finish_job(&claimed, &success(), &[effect]).await;
        assert!(matches!(refused, Err(StoreError::ObjectChanged(at)) if at == name("key")));
    }
    assert_eq!(content(store, "key").await, "innocent");
    assert_eq!(
        store
            .head_object(&name("key"))
            .await
            .unwrap()
            .attributes
            .acl,
        Acl::Default
    );
}

async fn an_own_header_is_set_beside_the_others(Fixture { store, .. }: &Fixture) {
    let object = put(store, "a", "content").await;
    let set = |header: &str, etag: &str| Effect::SetObjectMetadata {
        name: name("a"),
        header: header.into(),
        value: "new".into(),
        if_etag: Some(etag.into()),
    };
    submit(store, job()).await;
    let effects = vec![set("one", &object.etag), set("two", &object.etag)];
    let claim_of_both = claim(store).await;
    store
        .finish_job(&claim_of_both, &success(), &effects)
        .await
        .unwrap();
    submit(store, job()).await;
    let claimed = claim(store).await;
    let effects = [set("three", "other")];
    let changed = store.finish_job(&claimed, &success(), &effects).await;
    assert!(matches!(
        changed,
        Err(StoreError::ObjectChanged(object)) if object == name("a")
    ));
    let metadata = store
        .head_object(&name("a"))
        .await
        .unwrap()
        .attributes
        .metadata;
    let headers: Vec<_> = metadata.keys().map(String::as_str).collect();
    assert_eq!(headers, ["one", "two"]);
}

async fn a_deletion_of_nothing_succeeds(Fixture { store, .. }: &Fixture) {
    submit(store, job()).await;
    let effects = [None, Some("0".to_owned())].map(|if_etag| Effect::DeleteObject {
        name: name("missing"),
        if_etag,
    });
    store
        .finish_job(&claim(store).await, &success(), &effects)
        .await
        .unwrap();
}

async fn waiting_ends_when_a_job_is_submitted(Fixture { store, .. }: &Fixture) {
    let waiting = tokio::spawn({
        let store = store.clone();
        async move {
            loop {
                if let Some(claim) = store
                    .claim_job(JobClass::Picture, "worker", LEASE)
                    .await
                    .unwrap()
                {
                    return claim.job.id;
                }
                store.wait_for_work(JobClass::Picture).await;
            }
        }
    });
    let id = submit(store, job()).await;
    assert_eq!(waiting.await.unwrap(), id);
}

async fn jobs_run_though_the_clock_was_set_back(Fixture { store, clock, .. }: &Fixture) {
    const HOUR: i64 = 3_600_000;
    let id = submit(store, job()).await;
    clock.set(START - 1);
    let first = claim(store).await;
    assert_eq!(
        first.job.id, id,
        "a job that was never begun waits for nothing"
    );

    // Given back to wait, for a minute at most.
    store.retry_job(&first, i64::MAX).await.unwrap();
    clock.advance(59_999);
    assert_eq!(
        store
            .claim_job(JobClass::Picture, "worker", LEASE)
            .await
            .unwrap(),
        None
    );
    clock.set(START - HOUR);
    assert_eq!(claim(store).await.job.id, id);
}

async fn a_claim_outlasts_a_clock_that_is_set_forward(Fixture { store, clock, .. }: &Fixture) {
    submit(store, job()).await;
    let claimed = claim(store).await;
    clock.set(START + 100 * LEASE);
    assert_eq!(store.release_expired_claims().await.unwrap(), 0);
    // Nor does a worker that fell silent keep its job for longer when the clock is set back.
    clock.set(START - 100 * LEASE);
    clock.advance(LEASE);
    assert_eq!(store.release_expired_claims().await.unwrap(), 1);
    let late = store.finish_job(&claimed, &success(), &[]).await;
    assert!(is_stale(late, &claimed));
}
