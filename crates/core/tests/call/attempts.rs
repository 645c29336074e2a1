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
use tcloud_core::timeouts::Timeouts;
use tcloud_core::transport::{Memory, Transport, TransportError};

use crate::fixture::{
    ANSWER, CREATE, DESCRIBE, EMPTY, HEAD, NEW_REQUEST, PUT, PUT_NEW, RESPONSE, call, client,
    clock, whole,
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

#[tokio::test]
async fn an_error_says_that_something_was_sent_if_any_attempt_was() {
    for (first, sent) in [(true, true), (false, false)] {
        let attempts = AtomicUsize::new(0);
        let (transport, _) = failing(2, move || {
            Err(if first && attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                TransportError::new("reset")
            } else {
                TransportError::unsent("refused")
            })
        });
        let options = CallOptions::new().retry(RetryPolicy::default().attempts(2));
        let mut output = Document::new(&RESPONSE);
        let error = client(transport, &clock())
            .execute(&DESCRIBE, &whole(), Body::empty(), &options, &mut output)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
        assert_eq!(error.was_ever_sent(), sent);
    }
}

#[tokio::test]
async fn what_is_learnt_takes_one_of_the_attempts() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let transport = Memory::new(move |_| {
        let (status, code) = match seen.fetch_add(1, Ordering::SeqCst) {
            0 => (503, "SlowDown"),
            _ => (403, "RequestTimeTooSkewed"),
        };
        let date = tcloud_core::time::format_http_date(1_800_000_000);
        let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
        let answer = Response::builder().status(status).header("date", date);
        Ok(answer.body(body.into()).unwrap())
    });
    let options = CallOptions::new().retry(RetryPolicy::default().attempts(2));
    let mut output = Document::new(&RESPONSE);
    let error = client(transport, &clock())
        .execute(&CREATE, &whole(), Body::empty(), &options, &mut output)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("RequestTimeTooSkewed"));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// The answer to the first request is lost, or a 500 whose work was done: the second one would be
/// refused, and the caller would learn that somebody else was first.
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
        .timeouts(Timeouts::new().total(Duration::from_secs(600)));
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

/// A pause may be longer than a signature is good for.
#[tokio::test]
async fn each_attempt_is_signed_when_it_is_sent() {
    let (transport, _) = failing(2, || {
        let answer = Response::builder().status(429).header("retry-after", "7");
        let body = "<Error><Code>SlowDown</Code><Message>m</Message></Error>";
        Ok(answer.body(body.into()).unwrap())
    });
    call(&client(transport.clone(), &clock()), &CREATE, &whole())
        .await
        .unwrap();
    let signed: Vec<_> = transport
        .requests()
        .iter()
        .map(|request| {
            let header = request.headers["authorization"].to_str().unwrap();
            let part = |name| header.split_once(name).unwrap().1.split(['&', ';']).next();
            (
                part("q-sign-time=").unwrap().parse::<i64>().unwrap(),
                part("q-signature=").unwrap().to_owned(),
            )
        })
        .collect();
    let [first, second, third] = signed.try_into().unwrap();
    assert_eq!(
        [first.0, second.0, third.0],
        [-60, -53, -46].map(|it| NOW + it)
    );
    assert!(first.1 != second.1 && second.1 != third.1);
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

/// Refuses whatever is not signed at `right`, by a status alone or in words, and dates its answers
/// as `date` says: for each request, the first number of its signature's time.
fn minding_the_clock(
    right: i64,
    body: &'static str,
    date: impl Fn(usize) -> i64 + Send + Sync + 'static,
) -> (Memory, Arc<std::sync::Mutex<Vec<i64>>>) {
    let signed = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&signed);
    let transport = Memory::new(move |request| {
        let header = request
            .headers
            .get("authorization")
            .unwrap()
            .to_str()
            .unwrap();
        let (_, time) = header.split_once("q-sign-time=").unwrap();
        let start: i64 = time.split(';').next().unwrap().parse().unwrap();
        let mut seen = seen.lock().unwrap();
        seen.push(start + 60);
        let date = tcloud_core::time::format_http_date(date(seen.len()));
        let (status, body) = if start + 60 == right {
            (200, if body.is_empty() { "" } else { ANSWER })
        } else {
            (403, body)
        };
        let answer = Response::builder().status(status).header("date", date);
        Ok(answer.body(body.into()).unwrap())
    });
    (transport, signed)
}

const NOW: i64 = 1_700_000_000;
const SKEWED: &str = "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>";

#[tokio::test]
async fn a_head_heals_a_wrong_clock_by_the_date_of_its_answer() {
    let right = NOW + 86_400;
    let (transport, signed) = minding_the_clock(right, "", move |_| right);
    call(&client(transport, &clock()), &HEAD, &whole())
        .await
        .unwrap();
    assert_eq!(*signed.lock().unwrap(), [NOW, right]);
}

#[tokio::test]
async fn a_head_that_is_forbidden_at_the_right_time_is_not_sent_again() {
    // The signature's window is a minute before and a quarter of an hour after.
    for (date, attempts) in [(NOW - 50, 1), (NOW + 890, 1), (NOW - 70, 2), (NOW + 910, 2)] {
        let (transport, signed) = minding_the_clock(0, "", move |_| date);
        let error = call(&client(transport, &clock()), &HEAD, &whole())
            .await
            .unwrap_err();
        assert_eq!(error.status().map(|it| it.as_u16()), Some(403));
        assert_eq!(signed.lock().unwrap().len(), attempts, "{date}");
    }
}

#[tokio::test]
async fn an_impossible_date_is_not_believed() {
    let date = 4_070_908_800; // 2099
    let (transport, signed) = minding_the_clock(0, SKEWED, move |_| date);
    let client = client(transport, &clock());
    for _ in 0..2 {
        let error = call(&client, &CREATE, &whole()).await.unwrap_err();
        assert_eq!(error.code(), Some("RequestTimeTooSkewed"));
    }
    assert_eq!(*signed.lock().unwrap(), [NOW, NOW]);
}

#[tokio::test]
async fn a_date_that_was_wrong_is_learnt_anew() {
    // First a date that helps nobody, then the right one.
    let (wrong, right) = (NOW + 300_000_000, NOW + 5_000);
    let date = move |answer| if answer == 1 { wrong } else { right };
    let (transport, signed) = minding_the_clock(right, SKEWED, date);
    let client = client(transport, &clock());
    call(&client, &CREATE, &whole()).await.unwrap_err();
    call(&client, &CREATE, &whole()).await.unwrap();
    assert_eq!(*signed.lock().unwrap(), [NOW, wrong, right]);
}

#[tokio::test]
async fn a_date_that_does_not_help_is_forgotten() {
    // The answer to a HEAD is forbidden for another reason, and its proxy's clock is wrong.
    let wrong = NOW + 300_000_000;
    let transport = Memory::new(move |request| {
        let header = request.headers["authorization"].to_str().unwrap();
        let good = header.contains(&format!("q-sign-time={};", NOW - 60));
        let (status, body) = match (request.method.as_str(), good) {
            ("HEAD", _) => (403, ""),
            (_, true) => (200, ANSWER),
            (_, false) => (403, SKEWED),
        };
        let date = tcloud_core::time::format_http_date(wrong);
        let answer = Response::builder().status(status).header("date", date);
        Ok(answer.body(body.into()).unwrap())
    });
    let client = client(transport, &clock());
    call(&client, &HEAD, &whole()).await.unwrap_err();
    call(&client, &CREATE, &whole()).await.unwrap();
}

#[tokio::test]
async fn a_call_that_cannot_be_repeated_still_learns_the_time() {
    let right = NOW + 86_400;
    let (transport, signed) = minding_the_clock(right, SKEWED, move |_| right);
    let client = client(transport, &clock());
    let once = CallOptions::new().retry(RetryPolicy::never());
    let mut output = Document::new(&RESPONSE);
    client
        .execute(&CREATE, &whole(), Body::empty(), &once, &mut output)
        .await
        .unwrap_err();
    call(&client, &CREATE, &whole()).await.unwrap();
    assert_eq!(*signed.lock().unwrap(), [NOW, right]);
}

#[tokio::test]
async fn a_deadline_while_waiting_to_try_again_tells_why_the_last_attempt_failed() {
    let body = "<Error><Code>InternalError</Code><Message>Broken.</Message>\
                <RequestId>Njx</RequestId></Error>";
    let transport = Memory::answering([(500, body)]);
    let config = tcloud_core::config::Config::builder()
        .region("ap-chongqing")
        .credentials(tcloud_core::credentials::Credentials::new("ID", "KEY"))
        .transport(transport)
        .environment(SleepsForEver)
        .timeouts(Timeouts::new().total(Duration::from_millis(1)))
        .build()
        .unwrap();
    let error = call(
        &tcloud_core::client::Client::new(&config),
        &DESCRIBE,
        &whole(),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.status().map(|it| it.as_u16()), Some(500));
    assert_eq!(error.code(), Some("InternalError"));
    assert_eq!(error.request_id(), Some("Njx"));
    let shown = error.to_string();
    assert!(
        shown.contains("Broken") && shown.contains("0.001 s"),
        "{shown}"
    );
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("Broken"), "{cause}");
}

/// A clock by which backoff never ends and deadlines pass at once.
#[derive(Debug)]
struct SleepsForEver;

impl tcloud_core::environment::Environment for SleepsForEver {
    fn now(&self) -> i64 {
        NOW * 1000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, duration: Duration) -> tcloud_core::future::BoxFuture<'static, ()> {
        let deadline = duration == Duration::from_millis(1);
        Box::pin(async move {
            if !deadline {
                std::future::pending::<()>().await;
            }
        })
    }

    fn random(&self) -> u64 {
        150
    }
}

#[tokio::test]
async fn the_deadline_holds() {
    #[derive(Debug)]
    struct Silent;
    impl Transport for Silent {
        fn send(
            &self,
            _: http::Request<Body>,
        ) -> tcloud_core::future::BoxFuture<'_, Result<Response<Body>, TransportError>> {
            Box::pin(std::future::pending())
        }
    }
    let patient = CallOptions::new().timeouts(Timeouts::new().attempt(None));
    let mut output = Document::new(&RESPONSE);
    let error = client(Silent, &clock())
        .execute(&CREATE, &whole(), Body::empty(), &patient, &mut output)
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
