//! Connections over pipes in memory, at a time that passes only while everybody waits.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, Request, Response, StatusCode};
use tcloud_core::body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::arriving::STALL;
use super::{accept, connection};

/// What the pipe of a client holds, in bytes: less than any body here.
const PIPE: usize = 1024;
const SECOND: Duration = Duration::from_secs(1);
/// A pause that may be.
const ALMOST: Duration = STALL.saturating_sub(SECOND);

/// A client with its connection, whose requests are answered by `handle`.
struct Client {
    stream: DuplexStream,
    shutdown: CancellationToken,
    connection: JoinHandle<()>,
}

impl Client {
    fn new<F>(handle: impl Fn(Request<Body>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let (stream, theirs) = duplex(PIPE);
        let shutdown = CancellationToken::new();
        let serving = connection::serve(theirs, handle, Extensions::new(), shutdown.clone());
        Self {
            stream,
            shutdown,
            connection: tokio::spawn(async { drop(serving.await) }),
        }
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// What comes up to and with `end`.
    async fn read_to(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            let byte = self.stream.read_u8().await;
            text.push(
                byte.unwrap_or_else(|error| panic!("{error} after {text}"))
                    .into(),
            );
        }
        text
    }

    /// What comes until the connection is closed.
    async fn read_to_end(&mut self) -> String {
        let mut text = String::new();
        self.stream.read_to_string(&mut text).await.unwrap();
        text
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let length = text.len().into();
    response.headers_mut().insert("content-length", length);
    response
}

/// Refuses what is sent without a look at it; answers what has no body.
async fn refuse(request: Request<Body>) -> Response<Body> {
    if request.body().length() == Some(0) {
        text(StatusCode::OK, "next")
    } else {
        text(StatusCode::FORBIDDEN, "refused")
    }
}

/// Reads what is sent and returns how much it was.
async fn receive(request: Request<Body>) -> Response<Body> {
    match request.into_body().collect(usize::MAX).await {
        Ok(_) => text(StatusCode::OK, "received"),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            text(StatusCode::BAD_REQUEST, "stalled")
        }
        Err(_) => text(StatusCode::BAD_REQUEST, "broken"),
    }
}

fn put(length: usize) -> String {
    format!("PUT / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n")
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_with_a_small_body_leaves_the_connection_usable() {
    let mut client = Client::new(refuse);
    for _ in 0..3 {
        client.send(&put(64 * 1024)).await;
        let answer = client.read_to("refused").await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(!answer.contains("close"), "{answer}");
        client.send(&"x".repeat(64 * 1024)).await;
        client.send("GET / HTTP/1.1\r\n\r\n").await;
        let answer = client.read_to("next").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_with_a_large_body_is_the_last_but_may_be_sent_whole() {
    let mut client = Client::new(refuse);
    client.send(&put(8 << 20)).await;
    client.send(&"x".repeat(8 << 20)).await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("refused"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn so_is_one_in_chunks_whose_end_nobody_knows() {
    let mut client = Client::new(refuse);
    client
        .send("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    for _ in 0..64 {
        client
            .send(&format!("1000\r\n{}\r\n", "x".repeat(0x1000)))
            .await;
    }
    client.send("0\r\n\r\n").await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_refused_body_is_not_waited_for_long() {
    for length in [64 * 1024, 8 << 20] {
        let mut client = Client::new(refuse);
        client.send(&put(length)).await;
        client.read_to("refused").await;
        let started = Instant::now();
        client.connection.await.unwrap();
        assert!(started.elapsed() <= 10 * SECOND, "{:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_drips_the_rest_of_a_refused_body_is_cut_off() {
    let mut client = Client::new(refuse);
    client.send(&put(8 << 20)).await;
    client.read_to("refused").await;
    let started = Instant::now();
    while client.stream.write_all(b"x").await.is_ok() {
        sleep(SECOND).await;
        assert!(started.elapsed() < 60 * SECOND, "it may continue for ever");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_is_asked_for_only_if_it_is_wanted() {
    let head = "PUT / HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    let mut refused = Client::new(refuse);
    refused.send(head).await;
    let answer = refused.read_to_end().await;
    // Whether the client sends the body after all cannot be known: no request can follow.
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");

    let mut received = Client::new(receive);
    received.send(head).await;
    let answer = received.read_to("\r\n\r\n").await;
    assert_eq!(answer, "HTTP/1.1 100 Continue\r\n\r\n");
    received.send("body").await;
    let answer = received.read_to("received").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let mut client = Client::new(receive);
    client.send(&put(10)).await;
    client.send("half.").await;
    let started = Instant::now();
    let answer = client.read_to("stalled").await;
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(started.elapsed(), STALL);
    client.connection.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_that_moves_is_read_to_its_end() {
    let mut client = Client::new(receive);
    client.send(&put(10)).await;
    for _ in 0..10 {
        sleep(ALMOST).await;
        client.send("x").await;
    }
    client.read_to("received").await;
}

#[tokio::test(start_paused = true)]
async fn a_client_is_not_to_blame_for_a_busy_reader() {
    let mut client = Client::new(|request: Request<Body>| async {
        let mut body = request.into_body();
        let first = body.chunk().await;
        assert!(matches!(first, Some(Ok(_))), "{first:?}");
        sleep(10 * STALL).await;
        receive(Request::new(body)).await
    });
    client.send(&put(PIPE * 8)).await;
    client.send(&"x".repeat(PIPE * 8)).await;
    client.read_to("received").await;
}

/// An answer that does not end, with something that is dropped with it.
fn endless(held: &Arc<()>) -> Response<Body> {
    let held = Arc::clone(held);
    let chunks = futures_util::stream::repeat_with(move || {
        let _ = &held;
        Ok(Bytes::from_static(&[b'x'; 4096]))
    });
    Response::new(Body::from_stream(chunks, None))
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_is_given_up() {
    let held = Arc::new(());
    let handed = Arc::clone(&held);
    let mut client = Client::new(move |_| std::future::ready(endless(&handed)));
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    let started = Instant::now();
    client.connection.await.unwrap();
    assert!(started.elapsed() >= STALL, "{:?}", started.elapsed());
    assert_eq!(Arc::strong_count(&held), 1, "the content is still held");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_read_slowly_goes_on() {
    let held = Arc::new(());
    let mut client = Client::new(move |_| std::future::ready(endless(&held)));
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    for _ in 0..20 {
        sleep(ALMOST).await;
        let mut part = [0; PIPE / 2];
        client.stream.read_exact(&mut part).await.unwrap();
    }
    assert!(!client.connection.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_requests_is_closed() {
    let mut silent = Client::new(refuse);
    let started = Instant::now();
    assert_eq!(silent.read_to_end().await, "");
    assert_eq!(started.elapsed(), STALL);

    let mut kept = Client::new(refuse);
    kept.send("GET / HTTP/1.1\r\n\r\n").await;
    kept.read_to("next").await;
    let started = Instant::now();
    assert_eq!(kept.read_to_end().await, "");
    assert_eq!(started.elapsed(), STALL);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_closes_what_is_idle_and_ends_what_is_under_way() {
    let mut idle = Client::new(refuse);
    idle.send("GET / HTTP/1.1\r\n\r\n").await;
    idle.read_to("next").await;
    let mut busy = Client::new(receive);
    busy.send("PUT / HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        .await;
    busy.read_to("100 Continue\r\n\r\n").await;
    busy.send("bo").await;
    let started = Instant::now();
    idle.shutdown.cancel();
    busy.shutdown.cancel();
    assert_eq!(idle.read_to_end().await, "");
    sleep(SECOND).await;
    busy.send("dy").await;
    let answer = busy.read_to_end().await;
    assert!(answer.ends_with("received"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    busy.connection.await.unwrap();
    assert_eq!(started.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_cannot_be_read_is_told_so() {
    let mut client = Client::new(refuse);
    client.send("nonsense\r\n\r\n").await;
    client.send(&"more nonsense".repeat(PIPE)).await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn answers_are_not_held_back_until_their_head_is_acknowledged() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (stream, _place) = accept(&listener, &Arc::new(Semaphore::new(1)))
        .await
        .unwrap();
    assert!(stream.nodelay().unwrap());
}

#[tokio::test]
async fn a_connection_waits_for_a_place() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let places = Arc::new(Semaphore::new(1));
    let _first = TcpStream::connect(address).await.unwrap();
    let (_, place) = accept(&listener, &places).await.unwrap();
    let _second = TcpStream::connect(address).await.unwrap();
    let mut second = Box::pin(accept(&listener, &places));
    // It could be accepted at once if there were a place: the system has connected it.
    assert!(futures_util::poll!(&mut second).is_pending());
    assert_eq!(places.available_permits(), 0);
    drop(place);
    assert!(second.await.is_ok());
}
