//! A call that is dropped closes its connection and leaves no task, wherever it was.

use tcloud_core::network::Network;

use super::*;
use crate::fixture::{CREATE, GET, PUT};

/// A client that keeps no connection for later.
fn client_of(server: &Server) -> Client {
    let address = format!("http://{}", server.address());
    let network = Network::new().idle_connections(0);
    client(config(&address).timeouts(patient()).network(network))
}

/// Sends until `play` has come to where the call is to be dropped, and drops it there.
async fn drop_at<T>(
    call: impl Future<Output = Result<Body, Error>>,
    play: impl Future<Output = T>,
) -> T {
    tokio::select! {
        outcome = call => unreachable!("the call ended: {outcome:?}"),
        played = play => played,
    }
}

#[tokio::test]
async fn while_it_connects() {
    let server = Server::start().await;
    let tasks = Tasks::now();
    let client = client(config(&format!("https://{}", server.address())).timeouts(patient()));
    let peer = drop_at(send(client, &CREATE, Body::empty()), async {
        let mut peer = server.accept().await;
        assert!(peer.some(5).await > 0, "a handshake begins");
        peer
    });
    peer.await.closed().await;
    tasks.left().await;
}

#[tokio::test]
async fn while_its_body_goes_up() {
    let server = Server::start().await;
    let tasks = Tasks::now();
    let body = vec![0; 64 * 1024 * 1024];
    let peer = drop_at(send(client_of(&server), &PUT, body.into()), async {
        let mut peer = server.accept().await;
        peer.head().await;
        peer.body(1024 * 1024).await;
        peer
    });
    peer.await.closed().await;
    tasks.left().await;
}

#[tokio::test]
async fn while_it_waits_for_an_answer() {
    let server = Server::start().await;
    let tasks = Tasks::now();
    let peer = drop_at(send(client_of(&server), &CREATE, Body::empty()), async {
        let mut peer = server.accept().await;
        peer.head().await;
        peer
    });
    peer.await.closed().await;
    tasks.left().await;
}

#[tokio::test]
async fn while_it_reads_a_document() {
    let server = Server::start().await;
    let tasks = Tasks::now();
    let peer = drop_at(send(client_of(&server), &CREATE, Body::empty()), async {
        let mut peer = server.accept().await;
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<Resp")
            .await;
        peer
    });
    peer.await.closed().await;
    tasks.left().await;
}

#[tokio::test]
async fn while_it_pauses_before_another_attempt() {
    let server = Server::start().await;
    let tasks = Tasks::now();
    let slow = RetryPolicy::default();
    let options = CallOptions::new().retry(slow);
    let call = send_with(client_of(&server), &GET, Body::empty(), options);
    let peer = drop_at(call, async {
        let mut peer = server.accept().await;
        peer.head().await;
        let answer = "HTTP/1.1 503 Busy\r\nretry-after: 20\r\ncontent-length: 0\r\n\r\n";
        peer.say(answer).await;
        // The client keeps no idle connection: the answer is read.
        assert_eq!(peer.some(1).await, 0);
        peer
    });
    peer.await.closed().await;
    tasks.left().await;
}

#[tokio::test]
async fn while_its_answer_is_streamed() {
    let server = Server::start().await;
    let tasks = Tasks::now();
    let call = tokio::spawn(send(client_of(&server), &GET, Body::empty()));
    let mut peer = server.accept().await;
    peer.head().await;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0123")
        .await;
    let mut body = call.await.unwrap().unwrap();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "0123");
    drop(body);
    peer.closed().await;
    tasks.left().await;
}
