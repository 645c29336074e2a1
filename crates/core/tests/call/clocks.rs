//! The clocks of a call, by a clock that stands until the test moves it.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{Request, Response};
use tcloud_core::body::Body;
use tcloud_core::call::{CallOptions, Reply};
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::Config;
use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext, StaticProvider,
};
use tcloud_core::environment::{Environment, Manual};
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::Operation;
use tcloud_core::retry::RetryPolicy;
use tcloud_core::timeouts::Timeouts;
use tcloud_core::transport::{ConnectClock, Transport, TransportError};

use crate::fixture::{ANSWER, COPY, CREATE, DESCRIBE, EMPTY, GET, PUT, RESPONSE, whole};

const START: i64 = 1_700_000_000_000;

type Answer = Result<Response<Body>, TransportError>;

/// A transport that a test plays.
#[derive(Clone)]
struct Played(Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Answer> + Send + Sync>);

impl Played {
    fn by<F>(play: impl Fn(Request<Body>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(play(request))))
    }
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Played")
    }
}

impl Transport for Played {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Answer> {
        (self.0)(request)
    }
}

/// What a test and its transport or stream share: chunks to come, or silence until there are some.
#[derive(Clone, Default)]
struct Chunks(Arc<Mutex<Vec<&'static [u8]>>>);

impl Chunks {
    fn put(&self, chunk: &'static [u8]) {
        self.0.lock().unwrap().insert(0, chunk);
    }

    fn body(&self, length: u64) -> Body {
        Body::from_stream(self.clone(), Some(length))
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.lock().unwrap().pop() {
            Some(chunk) => Poll::Ready(Some(Ok(Bytes::from_static(chunk)))),
            None => Poll::Pending,
        }
    }
}

/// A body that goes up, into the hands of the test.
type Taken = Arc<Mutex<Option<Body>>>;

/// A transport that puts the request's body into the hands of the test and answers nothing.
fn taking() -> (Played, Taken) {
    let taken = Taken::default();
    let seen = Arc::clone(&taken);
    let transport = Played::by(move |request| {
        *seen.lock().unwrap() = Some(request.into_body());
        std::future::pending()
    });
    (transport, taken)
}

/// What the transport gets when it asks for more of the body.
fn ask(taken: &Taken) -> Poll<Option<usize>> {
    let mut body = taken.lock().unwrap();
    Pin::new(body.as_mut().unwrap())
        .poll_next(&mut Context::from_waker(Waker::noop()))
        .map(|chunk| chunk.map(|chunk| chunk.unwrap().len()))
}

fn client_of(
    transport: impl Transport + 'static,
    clock: &Manual,
    credentials: impl CredentialsProvider + 'static,
) -> Client {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials_provider(credentials)
        .transport(transport)
        .environment(clock.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

async fn send(
    transport: impl Transport + 'static,
    clock: &Manual,
    operation: &'static Operation,
    body: Body,
    options: CallOptions,
) -> Result<Body, Error> {
    let credentials = StaticProvider::new(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"));
    let client = client_of(transport, clock, credentials);
    let request = match operation.request.fields() {
        [] => Document::new(&EMPTY),
        _ => whole(),
    };
    let mut output = Document::new(&RESPONSE);
    let reply = client.execute(operation, &request, body, &options, &mut output);
    reply.await.map(Reply::into_body)
}

fn once() -> CallOptions {
    CallOptions::new().retry(RetryPolicy::never())
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Whether `future` waits, as often as it is polled.
fn waits<F: Future + ?Sized>(mut future: Pin<&mut F>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..4).all(|_| future.as_mut().poll(&mut context).is_pending())
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_told_apart() {
    let clock = Manual::standing(START);
    let transport = Played::by(|request| async move {
        request.extensions().get::<ConnectClock>().unwrap().start();
        std::future::pending().await
    });
    let mut call = pin!(send(transport, &clock, &CREATE, Body::empty(), once()));
    assert!(waits(call.as_mut()));
    clock.advance(Duration::from_millis(9_999));
    assert!(waits(call.as_mut()));
    clock.advance(Duration::from_millis(1));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout);
    assert!(error.is_timeout() && !error.is_stalled());
    assert!(!error.was_ever_sent() && error.is_retryable());
    let shown = "CreateJob: no connection to b-1250000000.ci.ap-chongqing.myqcloud.com within 10 s";
    assert!(error.to_string().starts_with(shown), "{error}");
}

#[tokio::test]
async fn the_attempt_clock_starts_when_the_connection_is_there() {
    let clock = Manual::standing(START);
    let connect = Arc::new(Mutex::new(None));
    let given = Arc::clone(&connect);
    let transport = Played::by(move |request| {
        let clock = request.extensions().get::<ConnectClock>().cloned();
        clock.as_ref().unwrap().start();
        *given.lock().unwrap() = clock;
        std::future::pending()
    });
    let mut call = pin!(send(transport, &clock, &CREATE, Body::empty(), once()));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(9));
    let connect: ConnectClock = connect.lock().unwrap().take().unwrap();
    connect.stop();
    assert!(waits(call.as_mut()));
    clock.advance(seconds(29));
    assert!(waits(call.as_mut()), "30 s from the connection on");
    clock.advance(seconds(1));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
    assert!(error.was_ever_sent() && !error.is_retryable());
    let shown = error.to_string();
    assert!(shown.contains("began no answer within 30 s"), "{shown}");
    assert!(shown.contains("look before it is sent again"), "{shown}");
}

#[tokio::test]
async fn an_upload_that_moves_lives_and_its_answer_has_the_attempt_clock() {
    let clock = Manual::standing(START);
    let (transport, taken) = taking();
    let body = vec![0; 160 * 1024];
    let mut call = pin!(send(transport, &clock, &PUT, body.into(), once()));
    for _ in 0..10 {
        assert!(waits(call.as_mut()));
        assert_eq!(ask(&taken), Poll::Ready(Some(16 * 1024)));
        clock.advance(seconds(19));
    }
    assert!(
        waits(call.as_mut()),
        "three minutes, and every byte is sent"
    );
    clock.advance(seconds(10));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(1));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
}

#[tokio::test]
async fn an_upload_that_stops_dies() {
    let clock = Manual::standing(START);
    let (transport, taken) = taking();
    let body = vec![0; 160 * 1024];
    let mut call = pin!(send(transport, &clock, &PUT, body.into(), once()));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(15));
    assert_eq!(ask(&taken), Poll::Ready(Some(16 * 1024)));
    clock.advance(seconds(19));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(1));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stalled);
    assert!(error.is_stalled() && error.is_timeout() && error.was_ever_sent());
    let shown = error.to_string();
    let expected = "stalled after 16384 bytes of 163840: none was taken for 20 s";
    assert!(shown.contains(expected), "{shown}");
}

#[tokio::test]
async fn a_caller_who_writes_slowly_is_waited_for() {
    let clock = Manual::standing(START);
    let (transport, taken) = taking();
    let chunks = Chunks::default();
    let mut call = pin!(send(transport, &clock, &PUT, chunks.body(6), once()));
    chunks.put(b"abc");
    assert!(waits(call.as_mut()));
    assert_eq!(ask(&taken), Poll::Ready(Some(3)));
    assert_eq!(ask(&taken), Poll::Pending);
    clock.advance(seconds(3600));
    assert!(waits(call.as_mut()), "it is the caller's turn");
    // Now it is the transport's turn: the clock starts anew.
    chunks.put(b"d");
    assert_eq!(ask(&taken), Poll::Ready(Some(1)));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(20));
    let error = call.await.unwrap_err();
    assert!(
        error.to_string().contains("stalled after 4 bytes of 6"),
        "{error}"
    );
}

/// Answers with the head of a body of `length` bytes, and what `chunks` has of it.
fn streaming(chunks: &Chunks, length: u64) -> Played {
    let chunks = chunks.clone();
    Played::by(move |_| {
        let answer = Response::builder()
            .header("x-ci-request-id", "Njx")
            .body(chunks.body(length))
            .unwrap();
        std::future::ready(Ok(answer))
    })
}

#[tokio::test]
async fn a_download_that_moves_lives_and_one_that_stops_dies() {
    let clock = Manual::standing(START);
    let chunks = Chunks::default();
    let transport = streaming(&chunks, 100);
    let mut body = send(transport, &clock, &GET, Body::empty(), once())
        .await
        .unwrap();
    for _ in 0..10 {
        let mut next = pin!(body.chunk());
        assert!(waits(next.as_mut()));
        clock.advance(seconds(19));
        assert!(waits(next.as_mut()));
        chunks.put(b"0123");
        assert_eq!(next.await.unwrap().unwrap(), "0123");
    }
    let error = {
        let mut next = pin!(body.chunk());
        assert!(waits(next.as_mut()));
        clock.advance(seconds(20));
        next.await.unwrap().unwrap_err()
    };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let error = Error::of_body(error);
    assert_eq!(error.kind(), ErrorKind::Stalled);
    assert_eq!(error.operation(), Some("Get"));
    assert_eq!(error.request_id(), Some("Njx"));
    let shown = "Get: the answer stalled after 40 bytes of 100: none came for 20 s (HTTP 200";
    assert!(error.to_string().starts_with(shown), "{error}");
    assert!(body.chunk().await.is_none(), "the connection is dropped");
}

#[tokio::test]
async fn a_caller_who_reads_slowly_is_waited_for() {
    let clock = Manual::standing(START);
    let chunks = Chunks::default();
    let transport = streaming(&chunks, 100);
    let mut body = send(transport, &clock, &GET, Body::empty(), once())
        .await
        .unwrap();
    for _ in 0..3 {
        clock.advance(seconds(3600));
        chunks.put(b"0123");
        assert_eq!(body.chunk().await.unwrap().unwrap(), "0123");
    }
    // Nothing is there after an hour: the clock starts when the caller wants it.
    clock.advance(seconds(3600));
    let mut next = pin!(body.chunk());
    assert!(waits(next.as_mut()));
    clock.advance(seconds(19));
    assert!(waits(next.as_mut()));
}

#[tokio::test]
async fn a_streamed_answer_has_a_total_time_if_the_call_asks_for_one() {
    let clock = Manual::standing(START);
    let chunks = Chunks::default();
    let options = once().timeouts(Timeouts::new().total(seconds(30)));
    let transport = streaming(&chunks, 100);
    let mut body = send(transport, &clock, &GET, Body::empty(), options)
        .await
        .unwrap();
    clock.advance(seconds(15));
    let mut next = pin!(body.chunk());
    assert!(waits(next.as_mut()));
    clock.advance(seconds(15));
    let error = Error::of_body(next.await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let shown = error.to_string();
    assert!(
        shown.contains("the call's 30 s were over after 0 bytes of 100"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_stall_within_a_document_is_tried_again_if_that_is_harmless() {
    for (operation, attempts) in [(&DESCRIBE, 2), (&CREATE, 1)] {
        let clock = Manual::standing(START);
        let count = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&count);
        let transport = Played::by(move |_| {
            let mut count = counted.lock().unwrap();
            *count += 1;
            let stops = Chunks::default();
            stops.put(b"<Response>");
            let body = match *count {
                1 => stops.body(50),
                _ => ANSWER.into(),
            };
            std::future::ready(Ok(Response::new(body)))
        });
        let mut call = pin!(send(
            transport,
            &clock,
            operation,
            Body::empty(),
            CallOptions::new()
        ));
        assert!(waits(call.as_mut()));
        clock.advance(seconds(20));
        if attempts == 1 {
            let error = call.await.unwrap_err();
            assert!(
                error.to_string().contains("stalled after 10 bytes of 50"),
                "{error}"
            );
        } else {
            assert!(
                waits(call.as_mut()),
                "for the pause before the next attempt"
            );
            clock.advance(clock.next().unwrap());
            call.await.unwrap();
        }
        assert_eq!(*count.lock().unwrap(), attempts);
    }
}

#[tokio::test]
async fn silent_attempts_are_tried_again_within_the_total_time() {
    let clock = Manual::standing(START);
    let (transport, _) = taking();
    let mut call = pin!(send(
        transport,
        &clock,
        &DESCRIBE,
        Body::empty(),
        CallOptions::new()
    ));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(30));
    assert!(
        waits(call.as_mut()),
        "for the pause before the next attempt"
    );
    clock.advance(clock.next().unwrap());
    assert!(waits(call.as_mut()));
    let rest = clock.next().unwrap();
    assert!(
        rest < seconds(30),
        "the call ends before the attempt: {rest:?}"
    );
    clock.advance(rest);
    let error = call.await.unwrap_err();
    assert_eq!(clock.monotonic(), seconds(60));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let shown = error.to_string();
    assert!(shown.contains("no success within 60 s"), "{shown}");
    assert!(shown.contains("began no answer within 30 s"), "{shown}");
}

#[tokio::test]
async fn a_pause_longer_than_what_is_left_is_not_waited_for() {
    let clock = Manual::standing(START);
    let transport = Played::by(|_| {
        let answer = Response::builder().status(503).header("retry-after", "19");
        std::future::ready(Ok(answer.body("".into()).unwrap()))
    });
    let options = CallOptions::new().timeouts(Timeouts::new().total(seconds(15)));
    let error = send(transport, &clock, &DESCRIBE, Body::empty(), options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.status().map(|it| it.as_u16()), Some(503));
    assert_eq!(clock.monotonic(), Duration::ZERO);
}

#[tokio::test]
async fn a_quiet_operation_may_be_silent_for_longer() {
    let clock = Manual::standing(START);
    let (transport, _) = taking();
    let mut call = pin!(send(transport, &clock, &COPY, Body::empty(), once()));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(599));
    assert!(waits(call.as_mut()));
    clock.advance(seconds(1));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn credentials_that_never_come_end_the_call() {
    #[derive(Debug)]
    struct Never;
    impl CredentialsProvider for Never {
        fn credentials<'a>(
            &'a self,
            _: &'a ProviderContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            Box::pin(std::future::pending())
        }
    }
    let clock = Manual::standing(START);
    let (transport, _) = taking();
    let client = client_of(transport, &clock, Never);
    // The cache of credentials gives a provider 30 s; the call has less.
    let limits = Timeouts::new().total(seconds(20));
    let (request, options) = (whole(), CallOptions::new().timeouts(limits));
    let mut output = Document::new(&RESPONSE);
    let mut call = client.execute(&CREATE, &request, Body::empty(), &options, &mut output);
    assert!(waits(call.as_mut()));
    clock.advance(seconds(20));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.was_ever_sent());
}

#[tokio::test]
async fn a_call_that_waits_sleeps_once() {
    let clock = Manual::standing(START);
    let (transport, _) = taking();
    let mut call = pin!(send(transport, &clock, &CREATE, Body::empty(), once()));
    assert!(waits(call.as_mut()));
    clock.asleep(1).await;
    assert_eq!(clock.next(), Some(seconds(30)));
    assert!(waits(pin!(clock.asleep(2))));
}
