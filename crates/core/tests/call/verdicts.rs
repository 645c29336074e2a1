//! Errors whose verdict is overruled, hidden or a place to ask instead, and rates that follow a
//! service.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Response;
use tcloud_core::classify::{FailedAttempt, Verdict};
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::{Environment, Manual};
use tcloud_core::operation::Operation;
use tcloud_core::rate::AdaptiveRate;
use tcloud_core::retry::RetryPolicy;
use tcloud_core::transport::Memory;

use crate::fixture::{ANSWER, COPY, CREATE, DESCRIBE, EMPTY, call, clock, whole};

fn error(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>m</Message></Error>")
}

fn config(transport: Memory, clock: &Manual) -> ConfigBuilder {
    Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("ID", "KEY"))
        .transport(transport)
        .environment(clock.clone())
}

/// Refuses once.
fn refusing(status: u16, code: &'static str) -> Memory {
    Memory::answering([(status, error(code)), (200, ANSWER.to_owned())])
}

#[tokio::test]
async fn a_verdict_can_be_overruled() {
    for (operation, status, code, verdict, attempts) in [
        (&CREATE, 503, "ServiceUnavailable", Verdict::Usual, 1),
        (&CREATE, 503, "ServiceUnavailable", Verdict::Retry, 2),
        (&DESCRIBE, 404, "JobNotReady", Verdict::Usual, 1),
        (&DESCRIBE, 404, "JobNotReady", Verdict::Retry, 2),
        (&DESCRIBE, 503, "SlowDown", Verdict::Usual, 2),
        (&DESCRIBE, 503, "SlowDown", Verdict::DoNotRetry, 1),
    ] {
        let transport = refusing(status, code);
        let classify = move |failed: &FailedAttempt<'_>| {
            assert_eq!(failed.attempt, 1);
            assert_eq!(failed.operation.name, operation.name);
            assert_eq!(failed.error.code(), Some(code));
            verdict
        };
        let config = config(transport.clone(), &clock()).classify(classify);
        let client = Client::new(&config.build().unwrap());
        let outcome = call(&client, operation, &whole()).await;
        assert_eq!(transport.requests().len(), attempts, "{code} {verdict:?}");
        match outcome {
            Ok(_) => assert_eq!(attempts, 2),
            Err(error) => assert!(!error.is_retryable(), "as it was decided"),
        }
    }
}

#[tokio::test]
async fn no_verdict_passes_the_policy() {
    let answers = (0..9).map(|_| (500, error("InternalError")));
    let transport = Memory::answering(answers);
    let config = config(transport.clone(), &clock())
        .retry(RetryPolicy::default().attempts(4))
        .classify(|_: &FailedAttempt<'_>| Verdict::Retry);
    let client = Client::new(&config.build().unwrap());
    call(&client, &CREATE, &whole()).await.unwrap_err();
    assert_eq!(transport.requests().len(), 4);
}

/// As completing an upload in parts: done twice, it is done once.
static COMPLETE: Operation = Operation::new(
    COPY.service,
    "Complete",
    "POST",
    "/",
    COPY.host,
    &EMPTY,
    COPY.response,
)
.response_body(COPY.response_body)
.quiet(true)
.idempotent(true);

#[tokio::test]
async fn an_error_behind_a_status_of_success_is_retried_as_it_says() {
    for (operation, code, attempts) in [
        (&COMPLETE, "InternalError", 2),
        (&COMPLETE, "ServiceUnavailable", 2),
        (&COMPLETE, "SlowDown", 2),
        (&COMPLETE, "NoSuchUpload", 1),
        // It may have been done.
        (&COPY, "InternalError", 1),
        (&COPY, "SlowDown", 2),
        (&COPY, "NoSuchKey", 1),
    ] {
        let transport = refusing(200, code);
        let client = Client::new(&config(transport.clone(), &clock()).build().unwrap());
        let outcome = call(&client, operation, &Document::new(&EMPTY)).await;
        assert_eq!(transport.requests().len(), attempts, "{code}");
        match outcome {
            Ok(_) => assert_eq!(attempts, 2),
            Err(error) => assert_eq!(error.code(), Some(code)),
        }
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_region() {
    for (status, header, value) in [
        (301, "x-cos-bucket-region", "ap-guangzhou"),
        (
            307,
            "location",
            "https://b-1.cos.ap-guangzhou.myqcloud.com/a",
        ),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        let transport = Memory::new(move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
            let answer = Response::builder().status(status).header(header, value);
            Ok(answer.body(error("PermanentRedirect").into()).unwrap())
        });
        let client = Client::new(&config(transport, &clock()).build().unwrap());
        let error = call(&client, &DESCRIBE, &whole()).await.unwrap_err();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
        let shown = error.to_string();
        assert!(shown.contains("in the region ap-guangzhou"), "{shown}");
        assert!(shown.contains("CallOptions::region"), "{shown}");
    }
}

#[tokio::test]
async fn calls_keep_the_rate_that_a_service_allows() {
    let clock = clock();
    let answers = (0..20).map(|number| match number {
        8 => (503, error("SlowDown")),
        _ => (200, ANSWER.to_owned()),
    });
    let paced = config(Memory::answering(answers), &clock)
        .retry(RetryPolicy::never())
        .adaptive_rate(AdaptiveRate::default().decrease(0.5).increase(0.0));
    let client = Client::new(&paced.build().unwrap());
    for _ in 0..8 {
        call(&client, &DESCRIBE, &whole()).await.unwrap();
    }
    assert_eq!(clock.monotonic(), Duration::ZERO);
    call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    // Nine were begun in a second; half of that is 4.5 a second.
    for number in 1..=9 {
        call(&client, &DESCRIBE, &whole()).await.unwrap();
        let due = Duration::from_secs_f64(f64::from(number) / 4.5);
        assert!(
            clock.monotonic().abs_diff(due) < Duration::from_millis(1),
            "{number}: {:?}",
            clock.monotonic()
        );
    }
}
