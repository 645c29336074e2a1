//! Silent and slow servers, told apart.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use tcloud_core::environment::{Environment, Manual};
use tcloud_core::error::ErrorKind;
use tokio::sync::mpsc;

use super::*;
use crate::fixture::{ANSWER, CREATE, DESCRIBE, GET, PUT};

/// A client whose time passes as the test says.
fn by(clock: &Manual, server: &Server) -> Client {
    let address = format!("http://{}", server.address());
    client(config(&address).environment(clock.clone()))
}

fn standing() -> Manual {
    Manual::standing(1_700_000_000_000)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_a_connection_that_was_not_made() {
    let server = Server::start().await;
    let clock = standing();
    let address = format!("https://{}", server.address());
    // The limit is that of the call, not of the client.
    let builder = config(&address).timeouts(patient().connect(HOUR));
    let client = client(builder.environment(clock.clone()));
    let options = CallOptions::new().timeouts(Timeouts::new().connect(seconds(5)));
    let call = tokio::spawn(send_with(client, &CREATE, Body::empty(), options));
    let mut peer = server.accept().await;
    assert!(peer.some(5).await > 0, "a handshake begins");
    clock.asleep(1).await;
    clock.advance(seconds(5));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout);
    assert!(!error.was_ever_sent());
    let shown = error.to_string();
    assert!(shown.contains("within 5 s"), "{shown}");
    peer.closed().await;
}

#[tokio::test]
async fn a_connection_of_the_pool_needs_no_connect_clock() {
    let server = Server::start().await;
    let client = client_with(&server, patient().connect(HOUR));
    let mut peer = None;
    for _ in 0..2 {
        let call = tokio::spawn(send(client.clone(), &CREATE, Body::empty()));
        let mut connected = match peer.take() {
            Some(peer) => peer,
            None => server.accept().await,
        };
        connected.head().await;
        let length = ANSWER.len();
        connected
            .say(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{ANSWER}"
            ))
            .await;
        call.await.unwrap().unwrap();
        peer = Some(connected);
    }
    // No connection is to be made, so this is no time for one: the attempt is waited for.
    let options = CallOptions::new().timeouts(Timeouts::new().connect(SHORT).attempt(SHORT * 2));
    let error = send_with(client, &CREATE, Body::empty(), options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_silent() {
    let server = Server::start().await;
    let clock = standing();
    let call = tokio::spawn(send(by(&clock, &server), &PUT, "content".into()));
    let mut peer = server.accept().await;
    peer.head().await;
    peer.body("content".len()).await;
    clock.asleep(1).await;
    clock.advance(seconds(30));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
    assert!(error.was_ever_sent());
    peer.closed().await;
}

#[tokio::test]
async fn a_server_that_is_slow_to_answer_is_waited_for() {
    let server = Server::start().await;
    let clock = standing();
    let call = tokio::spawn(send(by(&clock, &server), &DESCRIBE, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    clock.asleep(1).await;
    clock.advance(seconds(29));
    let length = ANSWER.len();
    peer.say(&format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{ANSWER}"
    ))
    .await;
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_upload_that_nobody_reads_stalls() {
    const SIZE: usize = 64 * 1024 * 1024;
    let server = Server::start().await;
    let client = client_with(&server, patient().stall(SHORT));
    let tasks = Tasks::now();
    let call = tokio::spawn(send(client, &PUT, vec![0; SIZE].into()));
    let mut peer = server.accept().await;
    peer.head().await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stalled);
    let shown = error.to_string();
    let (_, rest) = shown.split_once("stalled after ").unwrap();
    let (moved, rest) = rest.split_once(" bytes of 67108864").unwrap();
    let moved: usize = moved.parse().unwrap();
    assert!(0 < moved && moved < SIZE, "{shown}");
    assert!(rest.contains("for 0.25 s"), "{shown}");
    peer.closed().await;
    tasks.left().await;
}

/// Counts what the transport takes of a large body.
struct Counted {
    left: usize,
    taken: Arc<AtomicUsize>,
}

impl Stream for Counted {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
        let size = self.left.min(ZEROS.len());
        self.left -= size;
        self.taken.fetch_add(size, Ordering::SeqCst);
        let chunk = Bytes::from_static(&ZEROS).split_to(size);
        Poll::Ready((size > 0).then_some(Ok(chunk)))
    }
}

#[tokio::test]
async fn an_upload_that_moves_lives_however_long_it_takes() {
    const SIZE: usize = 48 * 1024 * 1024;
    let server = Server::start().await;
    let clock = standing();
    let taken = Arc::new(AtomicUsize::new(0));
    let body = Counted {
        left: SIZE,
        taken: Arc::clone(&taken),
    };
    let body = Body::from_stream(body, u64::try_from(SIZE).ok());
    let call = tokio::spawn(send(by(&clock, &server), &PUT, body));
    let mut peer = server.accept().await;
    peer.head().await;
    let mut read = 0;
    loop {
        let before = taken.load(Ordering::SeqCst);
        while before < SIZE && taken.load(Ordering::SeqCst) == before {
            read += peer.some(256 * 1024).await;
        }
        if before == SIZE {
            break;
        }
        clock.advance(seconds(15));
    }
    peer.body(SIZE - read).await;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        .await;
    call.await.unwrap().unwrap();
    assert!(clock.monotonic() >= seconds(60), "{:?}", clock.monotonic());
}

/// What comes through a channel.
struct Written(mpsc::UnboundedReceiver<&'static str>);

impl Stream for Written {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let text = self.0.poll_recv(context);
        text.map(|text| text.map(|text| Ok(Bytes::from_static(text.as_bytes()))))
    }
}

#[tokio::test]
async fn a_caller_who_writes_slowly_is_no_stalled_server() {
    let server = Server::start().await;
    let clock = standing();
    let (writer, reader) = mpsc::unbounded_channel();
    let body = Body::from_stream(Written(reader), Some(6));
    let call = tokio::spawn(send(by(&clock, &server), &PUT, body));
    let mut peer = server.accept().await;
    peer.head().await;
    for text in ["abc", "de", "f"] {
        clock.advance(HOUR);
        writer.send(text).unwrap();
        peer.body(text.len()).await;
    }
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        .await;
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_caller_who_reads_slowly_is_no_stalled_server() {
    const SIZE: usize = 16 * 1024 * 1024;
    let server = Server::start().await;
    let clock = standing();
    let call = tokio::spawn(send(by(&clock, &server), &GET, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    let writing = tokio::spawn(async move {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n");
        peer.say(&head).await;
        peer.0.write_all(&vec![0; SIZE]).await.unwrap();
        peer
    });
    let mut body = call.await.unwrap().unwrap();
    let mut read = 0;
    while let Some(chunk) = body.chunk().await {
        read += chunk.unwrap().len();
        clock.advance(HOUR);
    }
    assert_eq!(read, SIZE);
    writing.await.unwrap();
}

/// A streamed answer of 100 bytes, of which there is only the head so far.
async fn begun(clock: &Manual) -> (Body, Peer) {
    let server = Server::start().await;
    let call = tokio::spawn(send(by(clock, &server), &GET, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        .await;
    (call.await.unwrap().unwrap(), peer)
}

#[tokio::test]
async fn a_download_that_moves_lives_and_one_that_stops_dies() {
    let clock = standing();
    let (mut body, mut peer) = begun(&clock).await;
    for _ in 0..10 {
        {
            let mut next = pin!(body.chunk());
            let mut context = Context::from_waker(Waker::noop());
            assert!(next.as_mut().poll(&mut context).is_pending());
            clock.advance(seconds(19));
            peer.say("0123").await;
            assert_eq!(next.await.unwrap().unwrap(), "0123");
        }
    }
    {
        let mut next = pin!(body.chunk());
        let mut context = Context::from_waker(Waker::noop());
        assert!(next.as_mut().poll(&mut context).is_pending());
        clock.advance(seconds(20));
        let error = Error::of_body(next.await.unwrap().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Stalled);
        let shown = error.to_string();
        assert!(shown.contains("stalled after 40 bytes of 100"), "{shown}");
    }
    peer.closed().await;
}

#[tokio::test]
async fn a_download_that_stops_dies_by_the_systems_clock() {
    let server = Server::start().await;
    let client = client_with(&server, patient().stall(SHORT));
    let call = tokio::spawn(send(client, &GET, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0123")
        .await;
    let mut body = call.await.unwrap().unwrap();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "0123");
    let error = Error::of_body(body.chunk().await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Stalled);
    peer.closed().await;
}

#[tokio::test]
async fn a_connection_that_breaks_says_how_far_it_was() {
    let clock = standing();
    let (mut body, mut peer) = begun(&clock).await;
    peer.say("0123").await;
    drop(peer);
    assert_eq!(body.chunk().await.unwrap().unwrap(), "0123");
    let error = Error::of_body(body.chunk().await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Transport);
    let shown = error.to_string();
    assert!(shown.contains("broke off after 4 bytes of 100"), "{shown}");
}

#[tokio::test]
async fn the_total_time_ends_a_call_and_a_stream() {
    let server = Server::start().await;
    let clock = standing();
    let address = format!("http://{}", server.address());
    let builder = config(&address).timeouts(patient().total(seconds(15)));
    let client = client(builder.environment(clock.clone()));
    let call = tokio::spawn(send(client.clone(), &CREATE, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    clock.asleep(1).await;
    clock.advance(seconds(15));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains("no answer within 15 s"),
        "{error}"
    );
    peer.closed().await;

    let call = tokio::spawn(send(client, &GET, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        .await;
    let mut body = call.await.unwrap().unwrap();
    clock.advance(seconds(15));
    let error = Error::of_body(body.chunk().await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    peer.closed().await;
}
