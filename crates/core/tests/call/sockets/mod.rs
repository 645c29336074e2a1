//! Calls over real sockets, to servers that the tests play.

mod clocks;
mod dropped;
mod network;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tcloud_core::body::Body;
use tcloud_core::call::{CallOptions, Reply};
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::error::Error;
use tcloud_core::operation::Operation;
use tcloud_core::retry::RetryPolicy;
use tcloud_core::timeouts::Timeouts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{EMPTY, RESPONSE, whole};

/// Longer than any test takes: what ends a wait is never this.
const HOUR: Duration = Duration::from_secs(3600);
/// A clock that is to run out.
const SHORT: Duration = Duration::from_millis(250);

/// A server on this machine.
struct Server(TcpListener);

impl Server {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    async fn accept(&self) -> Peer {
        Peer(self.0.accept().await.unwrap().0)
    }
}

/// A connection, as the server has it.
struct Peer(TcpStream);

impl Peer {
    /// The head of a request.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// Reads what is there, or waits for something: how many bytes of at most `most`.
    async fn some(&mut self, most: usize) -> usize {
        self.0.read(&mut vec![0; most]).await.unwrap()
    }

    /// Reads `length` bytes.
    async fn body(&mut self, mut length: usize) {
        while length > 0 {
            length -= self.some(length.min(256 * 1024)).await;
        }
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Waits until the other side has closed the connection.
    async fn closed(mut self) {
        let mut rest = vec![0; 256 * 1024];
        while matches!(self.0.read(&mut rest).await, Ok(1..)) {}
    }
}

/// A configuration for a server at `address`, with no pause and no second attempt.
fn config(address: &str) -> ConfigBuilder {
    Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .endpoint(Endpoint::parse(address).unwrap())
        .retry(RetryPolicy::never())
}

fn client(builder: ConfigBuilder) -> Client {
    Client::new(&builder.build().unwrap())
}

/// A client with the timeouts of `timeouts` and no others.
fn client_with(server: &Server, timeouts: Timeouts) -> Client {
    client(config(&format!("http://{}", server.address())).timeouts(timeouts))
}

/// No clock runs.
fn patient() -> Timeouts {
    Timeouts::new()
        .connect(None)
        .attempt(None)
        .stall(None)
        .total(None)
}

/// Calls `operation`, and gives its raw body.
async fn send(client: Client, operation: &'static Operation, body: Body) -> Result<Body, Error> {
    send_with(client, operation, body, CallOptions::new()).await
}

async fn send_with(
    client: Client,
    operation: &'static Operation,
    body: Body,
    options: CallOptions,
) -> Result<Body, Error> {
    let request = match operation.request.fields() {
        [] => Document::new(&EMPTY),
        _ => whole(),
    };
    let mut output = Document::new(&RESPONSE);
    let reply = client.execute(operation, &request, body, &options, &mut output);
    reply.await.map(Reply::into_body)
}

/// The tasks of the test's runtime.
struct Tasks(usize);

impl Tasks {
    fn count() -> usize {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    }

    /// Those that there are now.
    fn now() -> Self {
        Self(Self::count())
    }

    /// Waits until there are no more than there were.
    async fn left(&self) {
        let gone = async {
            while Self::count() > self.0 {
                tokio::task::yield_now().await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(20), gone).await;
        assert!(gone.is_ok(), "{} tasks are left", Self::count() - self.0);
    }
}
