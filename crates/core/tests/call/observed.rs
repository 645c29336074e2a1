//! What observers are told of calls.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use http::{Request, Response};
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::Config;
use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext,
};
use tcloud_core::future::BoxFuture;
use tcloud_core::observe::{Event, Observer, Outcome};
use tcloud_core::transport::{Memory, Transport, TransportError};

use crate::fixture::{ANSWER, CREATE, DESCRIBE, RESPONSE, call, clock, whole};

/// Keeps a line of each event.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn shown(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Success => "success".to_owned(),
        Outcome::Failed(error) => format!("{:?} {:?}", error.kind(), error.code()),
        _ => "abandoned".to_owned(),
    }
}

impl Observer for Lines {
    fn observe(&self, event: &Event<'_>) {
        let line = match event {
            Event::CallBegun {
                operation,
                bucket,
                region,
                ..
            } => format!("begun {} {bucket:?} {region:?}", operation.name),
            Event::CallEnded {
                attempts, outcome, ..
            } => format!("ended after {attempts}: {}", shown(outcome)),
            Event::AttemptEnded {
                number,
                host,
                status,
                request_id,
                sent,
                received,
                outcome,
                ..
            } => format!(
                "attempt {number} at {host}: {:?} {request_id:?} {sent} up {received} down, {}",
                status.map(|status| status.as_u16()),
                shown(outcome)
            ),
            Event::Retry { number, error, .. } => {
                format!("retry after {number}: {:?}", error.code())
            }
            Event::CredentialsRefreshed { expires_at, .. } => format!("key until {expires_at:?}"),
            Event::CredentialsNotRefreshed { still_valid, .. } => {
                format!("no key, still valid: {still_valid}")
            }
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

fn observed(transport: impl Transport + 'static, lines: &Lines) -> Client {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport)
        .environment(clock())
        .observer(lines.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

const HOST: &str = "b-1250000000.ci.ap-chongqing.myqcloud.com";

#[tokio::test]
async fn a_call_its_attempts_and_its_retry_are_observed() {
    const REFUSAL: &str = "<Error><Code>SlowDown</Code><Message>m</Message></Error>";
    let lines = Lines::default();
    let count = AtomicUsize::new(0);
    let transport = Memory::new(move |_| {
        let (status, body) = match count.fetch_add(1, Ordering::SeqCst) {
            0 => (503, REFUSAL),
            _ => (200, ANSWER),
        };
        let answer = Response::builder().status(status);
        Ok(answer
            .header("x-ci-request-id", "r-1")
            .body(body.into())
            .unwrap())
    });
    let client = observed(transport.clone(), &lines);
    call(&client, &CREATE, &whole()).await.unwrap();
    let up = transport.requests()[0].body.len();
    assert!(up > 0);
    let down = [REFUSAL.len(), ANSWER.len()];
    assert_eq!(
        lines.taken(),
        [
            r#"begun CreateJob Some("b-1250000000") Some("ap-chongqing")"#.to_owned(),
            "key until None".to_owned(),
            format!(
                r#"attempt 1 at {HOST}: Some(503) Some("r-1") {up} up {} down, Service Some("SlowDown")"#,
                down[0]
            ),
            r#"retry after 1: Some("SlowDown")"#.to_owned(),
            format!(
                r#"attempt 2 at {HOST}: Some(200) Some("r-1") {up} up {} down, success"#,
                down[1]
            ),
            "ended after 2: success".to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_call_that_fails_ends_by_its_error() {
    let lines = Lines::default();
    let transport = Memory::new(|_| Err(TransportError::new("reset")));
    let client = observed(transport, &lines);
    call(&client, &CREATE, &whole()).await.unwrap_err();
    let lines = lines.taken();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[2].ends_with("Transport None"), "{}", lines[2]);
    assert_eq!(lines[3], "ended after 1: Transport None");
}

#[tokio::test]
async fn a_request_that_is_not_sent_has_no_attempt() {
    let lines = Lines::default();
    let client = observed(Memory::answering([(200, ANSWER)]), &lines);
    let request = Document::new(CREATE.request);
    call(&client, &CREATE, &request).await.unwrap_err();
    assert_eq!(
        lines.taken(),
        [
            r#"begun CreateJob None Some("ap-chongqing")"#,
            "ended after 0: Request None"
        ]
    );
}

#[derive(Debug)]
struct Silent;

impl Transport for Silent {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(pending())
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_is_abandoned() {
    let lines = Lines::default();
    let client = observed(Silent, &lines);
    let (request, options) = (whole(), CallOptions::new());
    let mut output = Document::new(&RESPONSE);
    let mut call = client.execute(&DESCRIBE, &request, Body::empty(), &options, &mut output);
    let pending = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(pending.is_pending());
    drop(call);
    let lines = lines.taken();
    assert!(lines[2].ends_with("abandoned"), "{lines:?}");
    assert_eq!(lines[3..], ["ended after 1: abandoned"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_had_is_observed() {
    #[derive(Debug)]
    struct Keyless;
    impl CredentialsProvider for Keyless {
        fn credentials<'a>(
            &'a self,
            _: &'a ProviderContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            Box::pin(async { Err(CredentialsError::new("none")) })
        }
    }
    let lines = Lines::default();
    let told = Arc::new(AtomicUsize::new(0));
    let also = Arc::clone(&told);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials_provider(Keyless)
        .on_refresh(move |_| {
            also.fetch_add(1, Ordering::SeqCst);
        })
        .transport(Memory::answering([(200, ANSWER)]))
        .environment(clock())
        .observer(lines.clone())
        .build()
        .unwrap();
    call(&Client::new(&config), &DESCRIBE, &whole())
        .await
        .unwrap_err();
    assert_eq!(
        lines.taken()[1..],
        [
            "no key, still valid: false",
            "ended after 0: Credentials None"
        ]
    );
    assert_eq!(told.load(Ordering::SeqCst), 1);
}
