use super::*;
use crate::fetch::receiver::{answering, ok, status};
use crate::store::{
    CallbackFilter, CallbackState, Effect, ManualClock, NewCallback, NewJob, Outcome, new_id,
};

const START: i64 = 1_700_000_000_000;

/// A store with one callback to `url`.
async fn queued(clock: &Arc<ManualClock>, url: &str) -> Store {
    let store = Store::ephemeral_with_clock(clock.clone()).await.unwrap();
    let job = NewJob {
        id: new_id("c"),
        service: crate::store::Service::Ci,
        tag: "ImageInspect".into(),
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
    let claim = store.claim_job("worker", 1).await.unwrap().unwrap();
    let callback = Effect::Callback(NewCallback {
        url: url.to_owned(),
        content_type: "application/xml".to_owned(),
        body: b"<Response/>".to_vec(),
    });
    let outcome = Outcome::Success {
        result: String::new(),
    };
    store
        .finish_job(&claim, outcome, vec![callback])
        .await
        .unwrap();
    store
}

async fn recorded(store: &Store) -> Callback {
    store
        .callbacks(&CallbackFilter::default())
        .await
        .unwrap()
        .remove(0)
}

#[tokio::test]
async fn an_accepted_callback_is_sent_once() {
    let (address, asked) = answering(ok("")).await;
    let store = queued(
        &Arc::new(ManualClock::new(START)),
        &format!("http://{address}/"),
    )
    .await;
    let fetch = Fetch::new(true).unwrap();
    assert!(deliver_next(&store, &fetch).await.unwrap());
    assert!(asked.await.unwrap().ends_with("<Response/>"));
    let callback = recorded(&store).await;
    assert_eq!(callback.state, CallbackState::Delivered);
    assert_eq!(callback.last_status, Some(200));
    assert!(!deliver_next(&store, &fetch).await.unwrap());
}

#[tokio::test]
async fn a_refused_callback_is_tried_three_times_at_growing_intervals() {
    let (address, _) = answering(status(500)).await;
    let clock = Arc::new(ManualClock::new(START));
    let store = queued(&clock, &format!("http://{address}/")).await;
    let fetch = Fetch::new(true).unwrap();

    assert!(deliver_next(&store, &fetch).await.unwrap());
    let callback = recorded(&store).await;
    assert_eq!(callback.state, CallbackState::Pending);
    assert_eq!(callback.last_status, Some(500));
    assert_eq!(callback.next_attempt_at, START + 5_000);
    clock.advance(4_999);
    assert!(!deliver_next(&store, &fetch).await.unwrap());

    // Nobody listens any more.
    clock.advance(1);
    assert!(deliver_next(&store, &fetch).await.unwrap());
    let callback = recorded(&store).await;
    assert_eq!(
        (callback.state, callback.last_status),
        (CallbackState::Pending, None)
    );
    assert_eq!(callback.next_attempt_at, START + 35_000);

    clock.advance(30_000);
    assert!(deliver_next(&store, &fetch).await.unwrap());
    let callback = recorded(&store).await;
    assert_eq!(
        (callback.state, callback.attempts),
        (CallbackState::Failed, 3)
    );
    assert!(callback.last_error.is_some());
    clock.advance(1_000_000);
    assert!(!deliver_next(&store, &fetch).await.unwrap());
}

#[tokio::test]
async fn a_forbidden_address_is_not_tried_again() {
    let store = queued(
        &Arc::new(ManualClock::new(START)),
        "http://169.254.0.23/hook",
    )
    .await;
    assert!(
        deliver_next(&store, &Fetch::new(true).unwrap())
            .await
            .unwrap()
    );
    let callback = recorded(&store).await;
    assert_eq!(
        (callback.state, callback.attempts),
        (CallbackState::Failed, 1)
    );
    assert!(callback.last_error.unwrap().contains("may not be used"));
}
