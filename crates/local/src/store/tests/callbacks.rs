//! Callbacks and their deliveries.

use crate::store::callback::CallbackState;
use crate::store::{Callback, Delivery, Effect, NewCallback, Store, StoreError, UnderWay};

use super::fixture::{Fixture, LEASE, START, claim, job, on_every_store, submit, success};

on_every_store!(
    an_accepted_callback_is_done,
    a_failed_attempt_is_repeated_later,
    an_attempt_cut_off_is_repeated_and_cannot_report_later,
    a_callback_given_up_is_not_sent_again,
    waiting_ends_when_a_callback_is_queued,
    what_is_under_way_is_left_alone,
    a_callback_waits_for_a_minute_at_most_when_the_clock_is_set_back,
);

/// Queues a callback to `url` and returns the id of its job.
async fn queue(store: &Store, url: &str) -> String {
    let id = submit(store, job()).await;
    let callback = NewCallback {
        url: url.into(),
        content_type: "application/json".into(),
        body: b"{\"n\":1}\0\xff".to_vec(),
    };
    let claimed = claim(store).await;
    store
        .finish_job(&claimed, &success(), &[Effect::Callback(callback)])
        .await
        .unwrap();
    id
}

async fn due(store: &Store) -> Callback {
    store
        .claim_callback(LEASE, &UnderWay::default())
        .await
        .unwrap()
        .expect("a callback is due")
}

async fn only(store: &Store) -> Callback {
    let mut all = store.callbacks().await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn an_accepted_callback_is_done(Fixture { store, .. }: &Fixture) {
    let job_id = queue(store, "http://example.com/").await;
    let attempt = due(store).await;
    assert_eq!(
        (attempt.job_id.as_str(), attempt.attempts),
        (job_id.as_str(), 1)
    );
    assert_eq!(attempt.url, "http://example.com/");
    assert_eq!(attempt.content_type, "application/json");
    assert_eq!(attempt.body, b"{\"n\":1}\0\xff");
    assert_eq!(
        store
            .claim_callback(LEASE, &UnderWay::default())
            .await
            .unwrap(),
        None
    );
    store
        .record_delivery(&attempt, Delivery::Accepted { status: 204 })
        .await
        .unwrap();
    let done = only(store).await;
    assert_eq!(
        (done.state, done.last_status),
        (CallbackState::Delivered, Some(204))
    );
    assert_eq!(done.last_attempt_at, Some(START));
}

async fn a_failed_attempt_is_repeated_later(Fixture { store, clock, .. }: &Fixture) {
    queue(store, "http://example.com/").await;
    let attempt = due(store).await;
    let retry = Delivery::Retry {
        status: Some(503),
        error: "busy".into(),
        at: START + 50,
    };
    store.record_delivery(&attempt, retry).await.unwrap();
    let waiting = only(store).await;
    assert_eq!(
        (waiting.state, waiting.next_attempt_at),
        (CallbackState::Pending, START + 50)
    );
    assert_eq!(
        (waiting.last_status, waiting.last_error.as_deref()),
        (Some(503), Some("busy"))
    );
    clock.advance(49);
    assert_eq!(
        store
            .claim_callback(LEASE, &UnderWay::default())
            .await
            .unwrap(),
        None
    );
    clock.advance(1);
    assert_eq!(due(store).await.attempts, 2);
}

async fn an_attempt_cut_off_is_repeated_and_cannot_report_later(fixture: &Fixture) {
    let Fixture { store, clock, .. } = fixture;
    queue(store, "http://example.com/").await;
    let first = due(store).await;
    clock.advance(LEASE);
    let second = due(store).await;
    assert_eq!((second.id, second.attempts), (first.id, 2));
    let late = store
        .record_delivery(&first, Delivery::Accepted { status: 200 })
        .await;
    assert!(matches!(
        late,
        Err(StoreError::StaleDelivery { attempt: 1, .. })
    ));
    store
        .record_delivery(&second, Delivery::Accepted { status: 200 })
        .await
        .unwrap();
    let twice = store
        .record_delivery(&second, Delivery::Accepted { status: 200 })
        .await;
    assert!(matches!(
        twice,
        Err(StoreError::StaleDelivery { attempt: 2, .. })
    ));
}

async fn a_callback_given_up_is_not_sent_again(Fixture { store, .. }: &Fixture) {
    queue(store, "http://example.com/").await;
    let attempt = due(store).await;
    let given_up = Delivery::GivenUp {
        status: None,
        error: "connection refused".into(),
    };
    store.record_delivery(&attempt, given_up).await.unwrap();
    assert_eq!(only(store).await.state, CallbackState::Failed);
    assert_eq!(
        store
            .claim_callback(LEASE, &UnderWay::default())
            .await
            .unwrap(),
        None
    );
}

async fn waiting_ends_when_a_callback_is_queued(Fixture { store, .. }: &Fixture) {
    let waiting = tokio::spawn({
        let store = store.clone();
        async move {
            loop {
                if let Some(callback) = store
                    .claim_callback(LEASE, &UnderWay::default())
                    .await
                    .unwrap()
                {
                    return callback;
                }
                store.wait_for_callbacks().await;
            }
        }
    });
    let job_id = queue(store, "http://example.com/").await;
    assert_eq!(waiting.await.unwrap().job_id, job_id);
}

async fn what_is_under_way_is_left_alone(Fixture { store, clock, .. }: &Fixture) {
    for url in [
        "http://slow.example/1",
        "http://SLOW.example:80/2",
        "http://example.com/",
    ] {
        queue(store, url).await;
    }
    let first = due(store).await;
    assert_eq!(first.destination, "slow.example:80");
    let under_way = UnderWay {
        callbacks: vec![first.id],
        destinations: vec![first.destination],
    };
    let next = store.claim_callback(LEASE, &under_way).await.unwrap();
    assert_eq!(next.unwrap().url, "http://example.com/");
    assert_eq!(store.claim_callback(LEASE, &under_way).await.unwrap(), None);
    // The destination has room again; the attempt is still under way, whatever its lease says.
    clock.advance(2 * LEASE);
    let under_way = UnderWay {
        destinations: Vec::new(),
        ..under_way
    };
    let next = store.claim_callback(LEASE, &under_way).await.unwrap();
    assert_eq!(next.unwrap().url, "http://SLOW.example:80/2");
}

async fn a_callback_waits_for_a_minute_at_most_when_the_clock_is_set_back(fixture: &Fixture) {
    const HOUR: i64 = 3_600_000;
    let Fixture { store, clock, .. } = fixture;
    queue(store, "http://example.com/").await;
    clock.set(START - HOUR);
    let attempt = due(store).await;
    let retry = Delivery::Retry {
        status: None,
        error: "refused".into(),
        at: i64::MAX,
    };
    store.record_delivery(&attempt, retry).await.unwrap();
    clock.advance(59_999);
    let none = store.claim_callback(LEASE, &UnderWay::default()).await;
    assert_eq!(none.unwrap(), None);
    clock.set(START - 2 * HOUR);
    assert_eq!(due(store).await.attempts, 2);
}
