use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::*;
use crate::Settings;
use crate::cam::Directory;
use crate::clock::ManualClock;
use crate::fetch::receiver::{answering, ok, status};
use crate::store::{CallbackState, Effect, JobClass, NewCallback, NewJob, Outcome, new_id};

const START: i64 = 1_700_000_000_000;

/// A store with one callback to `url`.
async fn queued(clock: &Arc<ManualClock>, url: &str) -> Store {
    let store = Store::ephemeral_with_clock(clock.clone()).await.unwrap();
    queue(&store, url).await;
    store
}

/// Queues one callback to `url`.
async fn queue(store: &Store, url: &str) {
    let job = NewJob {
        id: new_id("c"),
        service: crate::store::Service::Ci,
        tag: "ImageInspect".into(),
        class: JobClass::Picture,
        bucket: None,
        region: "ap-chongqing".into(),
        queue_id: None,
        level: 0,
        request: String::new(),
        session: None,
        callback_url: None,
        callback_format: None,
    };
    store.submit_job(&job).await.unwrap();
    let claim = store
        .claim_job(JobClass::Picture, "worker", 1)
        .await
        .unwrap()
        .unwrap();
    let callback = Effect::Callback(NewCallback {
        url: url.to_owned(),
        content_type: "application/xml".to_owned(),
        body: b"<Response/>".to_vec(),
    });
    let outcome = Outcome::Success {
        result: String::new(),
    };
    store
        .finish_job(&claim, &outcome, &[callback])
        .await
        .unwrap();
}

fn state(store: &Store) -> Arc<State> {
    let settings = Settings::default()
        .allow_private_addresses(true)
        .shutdown_grace(Duration::ZERO);
    Arc::new(State::new(store.clone(), Directory::fixture(), settings))
}

/// Makes one attempt and returns whether a callback was due.
async fn deliver_next(store: &Store) -> bool {
    let mut deliveries = Deliveries::new(state(store));
    let begun = deliveries.begin_next().await.unwrap();
    assert_eq!(deliveries.settle().await, begun);
    begun
}

async fn recorded(store: &Store) -> Callback {
    store.callbacks().await.unwrap().remove(0)
}

#[tokio::test]
async fn an_accepted_callback_is_sent_once() {
    let (address, asked) = answering(ok("")).await;
    let store = queued(
        &Arc::new(ManualClock::new(START)),
        &format!("http://{address}/"),
    )
    .await;
    assert!(deliver_next(&store).await);
    assert!(asked.await.unwrap().ends_with("<Response/>"));
    let callback = recorded(&store).await;
    assert_eq!(callback.state, CallbackState::Delivered);
    assert_eq!(callback.last_status, Some(200));
    assert!(!deliver_next(&store).await);
}

#[tokio::test]
async fn a_refused_callback_is_tried_three_times_at_growing_intervals() {
    let (address, _) = answering(status(500)).await;
    let clock = Arc::new(ManualClock::new(START));
    let store = queued(&clock, &format!("http://{address}/")).await;

    assert!(deliver_next(&store).await);
    let callback = recorded(&store).await;
    assert_eq!(callback.state, CallbackState::Pending);
    assert_eq!(callback.last_status, Some(500));
    assert_eq!(callback.next_attempt_at, START + 5_000);
    clock.advance(4_999);
    assert!(!deliver_next(&store).await);

    // From now on nobody answers.
    clock.advance(1);
    assert!(deliver_next(&store).await);
    let callback = recorded(&store).await;
    assert_eq!(
        (callback.state, callback.last_status),
        (CallbackState::Pending, None)
    );
    assert_eq!(callback.next_attempt_at, START + 35_000);

    clock.advance(30_000);
    assert!(deliver_next(&store).await);
    let callback = recorded(&store).await;
    assert_eq!(
        (callback.state, callback.attempts),
        (CallbackState::Failed, 3)
    );
    assert!(callback.last_error.is_some());
    clock.advance(1_000_000);
    assert!(!deliver_next(&store).await);
}

#[tokio::test]
async fn a_forbidden_address_is_not_tried_again() {
    let store = queued(
        &Arc::new(ManualClock::new(START)),
        "http://169.254.0.23/hook",
    )
    .await;
    assert!(deliver_next(&store).await);
    let callback = recorded(&store).await;
    assert_eq!(
        (callback.state, callback.attempts),
        (CallbackState::Failed, 1)
    );
    assert!(callback.last_error.unwrap().contains("may not be used"));
}

/// Accepts connections and never answers.
async fn tarpit() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test]
async fn receivers_that_never_answer_delay_no_others() {
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::ephemeral_with_clock(clock.clone()).await.unwrap();
    let (_one, url) = tarpit().await;
    for _ in 0..2 * LIMIT {
        queue(&store, &url).await;
    }
    let mut tarpits = Vec::new();
    for _ in 0..8 {
        let (listener, url) = tarpit().await;
        queue(&store, &url).await;
        tarpits.push(listener);
    }
    let (address, asked) = answering(ok("")).await;
    queue(&store, &format!("http://{address}/")).await;

    let shutdown = CancellationToken::new();
    let running = tokio::spawn(run(state(&store), shutdown.clone()));
    asked.await.unwrap();
    // Nobody has been given up to make room for it, and no receiver was flooded.
    let all = store.callbacks().await.unwrap();
    assert!(all.iter().all(|callback| callback.last_error.is_none()));
    let begun = |it: &&Callback| it.attempts > 0 && format!("http://{}/", it.destination) == url;
    assert_eq!(all.iter().filter(begun).count(), LIMIT_PER_DESTINATION);
    // Those under way are not waited for.
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn an_attempt_under_way_is_not_made_twice_when_the_clock_is_set() {
    let (_tarpit, url) = tarpit().await;
    let clock = Arc::new(ManualClock::new(START));
    let store = queued(&clock, &url).await;
    let mut deliveries = Deliveries::new(state(&store));
    assert!(deliveries.begin_next().await.unwrap());
    for set_to in [START - 3_600_000, START + 3_600_000] {
        clock.set(set_to);
        assert!(!deliveries.begin_next().await.unwrap());
    }
}

#[tokio::test]
async fn a_callback_is_delivered_though_the_clock_was_set_back() {
    let (address, _asked) = answering(status(500)).await;
    let clock = Arc::new(ManualClock::new(START));
    let store = queued(&clock, &format!("http://{address}/")).await;
    clock.set(START - 3_600_000);
    assert!(
        deliver_next(&store).await,
        "the first attempt waits for nothing"
    );
    clock.set(START - 7_200_000);
    assert!(
        deliver_next(&store).await,
        "the second does not wait for an hour"
    );
}
