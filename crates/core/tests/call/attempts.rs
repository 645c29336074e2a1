//! Retries, clocks and deadlines.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::codec::{self, Document};
use tcloud_core::error::ErrorKind;
use tcloud_core::retry::RetryPolicy;
use tcloud_core::transport::{Memory, Transport, TransportError};

use crate::fixture::{
    ANSWER, CREATE, DESCRIBE, EMPTY, NEW_REQUEST, PUT, PUT_NEW, RESPONSE, call, client, clock,
    whole,
};

/// Answers the first `failures` requests by `fail`, then well.
fn failing(
    failures: usize,
    fail: impl Fn() -> Result<Response<Body>, TransportError> + Send + Sync + 'static,
) -> (Memory, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let transport = Memory::new(move |_| {
        if seen.fetch_add(1, Ordering::SeqCst) < failures {
            fail()
        } else {
            Ok(Response::new(ANSWER.into()))
        }
    });
    (transport, count)
}

fn status(code: u16, error: &'static str) -> impl Fn() -> Result<Response<Body>, TransportError> {
    move || {
        let body = format!("<Error><Code>{error}</Code><Message>m</Message></Error>");
        Ok(Response::builder().status(code).body(body.into()).unwrap())
    }
}

#[tokio::test]
async fn passing_failures_are_tried_again_if_that_is_harmless() {
    for (operation, code, name, attempts) in [
        (&DESCRIBE, 503, "ServiceUnavailable", 3),
        (&CREATE, 503, "ServiceUnavailable", 1),
        (&CREATE, 503, "SlowDown", 3),
        (&CREATE, 429, "SlowDown", 3),
        (&DESCRIBE, 501, "NotImplemented", 1),
        (&DESCRIBE, 404, "NoSuchKey", 1),
    ] {
        let (transport, count) = failing(2, status(code, name));
        let outcome = call(&client(transport, &clock()), operation, &whole()).await;
        assert_eq!(
            count.load(Ordering::SeqCst),
            attempts,
            "{} {name}",
            operation.name
        );
        assert_eq!(outcome.is_ok(), attempts == 3);
    }
}

#[tokio::test]
async fn broken_connections_are_tried_again_if_nothing_was_sent_or_nothing_can_happen_twice() {
    for (operation, sent, attempts) in [
        (&CREATE, false, 3),
        (&CREATE, true, 1),
        (&DESCRIBE, true, 3),
    ] {
        let fail = move || {
            Err(if sent {
                TransportError::new("reset")
            } else {
                TransportError::unsent("refused")
            })
        };
        let (transport, count) = failing(2, fail);
        let _ = call(&client(transport, &clock()), operation, &whole()).await;
        assert_eq!(count.load(Ordering::SeqCst), attempts);
    }
}

/// The answer to the first request is lost, or a 500 whose work was done: the second one would be
/// refused, and the caller told that somebody else was first.
#[tokio::test]
async fn a_request_that_its_own_effect_would_refuse_is_sent_once() {
    for (header, attempts) in [(None, 3), (Some("false"), 3), (Some("true"), 1)] {
        let mut request = Document::new(&NEW_REQUEST);
        if let Some(text) = header {
            codec::set(&mut request, "x-ci-forbid-overwrite", text);
        }
        let lost = || Err(TransportError::new("reset"));
        let (transport, count) = failing(2, lost);
        let outcome = call(&client(transport, &clock()), &PUT_NEW, &request).await;
        assert_eq!(count.load(Ordering::SeqCst), attempts, "{header:?}, lost");
        assert_eq!(outcome.is_ok(), attempts == 3);

        let (transport, count) = failing(2, status(500, "InternalError"));
        let _ = call(&client(transport, &clock()), &PUT_NEW, &request).await;
        assert_eq!(count.load(Ordering::SeqCst), attempts, "{header:?}, 500");

        // What had no effect is sent again all the same.
        let (transport, count) = failing(2, || Err(TransportError::unsent("refused")));
        let _ = call(&client(transport, &clock()), &PUT_NEW, &request).await;
        assert_eq!(count.load(Ordering::SeqCst), 3, "{header:?}, unsent");
    }
}

#[tokio::test]
async fn waits_grow_and_are_bounded() {
    let environment = clock();
    let (transport, _) = failing(9, status(503, "SlowDown"));
    let client = client(transport, &environment);
    let options = CallOptions::new()
        .retry(RetryPolicy::default().attempts(10))
        .timeout(Duration::from_secs(600));
    let mut output = Document::new(&RESPONSE);
    client
        .execute(&CREATE, &whole(), Body::empty(), &options, &mut output)
        .await
        .unwrap();
    let slept = environment.slept();
    assert_eq!(slept.len(), 9);
    for (index, pause) in slept.iter().enumerate() {
        let most = Duration::from_millis(200 << index).min(Duration::from_secs(20));
        assert!(*pause <= most, "{pause:?} > {most:?}");
    }
}

#[tokio::test]
async fn a_client_gives_up_retrying_when_all_its_calls_fail() {
    let (transport, count) = failing(usize::MAX, status(503, "SlowDown"));
    let client = client(transport, &clock());
    for _ in 0..200 {
        call(&client, &CREATE, &whole()).await.unwrap_err();
    }
    // 200 first attempts, and what the bucket pays for.
    assert_eq!(count.load(Ordering::SeqCst), 300);
}

#[tokio::test]
async fn a_streamed_body_is_sent_once() {
    let (transport, count) = failing(1, status(503, "SlowDown"));
    let chunks = tokio_stream(vec!["a", "b"]);
    let mut output = Document::new(&RESPONSE);
    let client = client(transport, &clock());
    let outcome = client
        .execute(
            &PUT,
            &Document::new(&EMPTY),
            Body::from_stream(chunks, Some(2)),
            &CallOptions::new(),
            &mut output,
        )
        .await;
    assert!(outcome.unwrap_err().is_retryable());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

fn tokio_stream(
    chunks: Vec<&'static str>,
) -> impl futures_core::Stream<Item = std::io::Result<bytes::Bytes>> + Send {
    struct Chunks(std::vec::IntoIter<&'static str>);
    impl futures_core::Stream for Chunks {
        type Item = std::io::Result<bytes::Bytes>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(
                self.0
                    .next()
                    .map(|chunk| Ok(bytes::Bytes::from_static(chunk.as_bytes()))),
            )
        }
    }
    Chunks(chunks.into_iter())
}

#[tokio::test]
async fn a_wrong_clock_is_healed_once_from_the_date_header() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let transport = Memory::new(move |request| {
        seen.fetch_add(1, Ordering::SeqCst);
        let signed = request.headers["authorization"].to_str().unwrap();
        if signed.contains("q-sign-time=1799999940;") {
            return Ok(Response::new(ANSWER.into()));
        }
        Ok(Response::builder()
            .status(403)
            .header("date", tcloud_core::time::format_http_date(1_800_000_000))
            .body("<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>".into())
            .unwrap())
    });
    let client = client(transport, &clock());
    call(&client, &CREATE, &whole()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    call(&client, &CREATE, &whole()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 3, "the lesson is remembered");
}

#[tokio::test]
async fn the_deadline_holds() {
    #[derive(Debug)]
    struct Silent;
    impl Transport for Silent {
        fn send(
            &self,
            _: http::Request<Body>,
        ) -> tcloud_core::credentials::BoxFuture<'_, Result<Response<Body>, TransportError>>
        {
            Box::pin(std::future::pending())
        }
    }
    let error = call(&client(Silent, &clock()), &CREATE, &whole())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.was_ever_sent());
    assert!(
        error
            .to_string()
            .starts_with("CreateJob: no answer within 60 s"),
        "{error}"
    );
}
