//! A local cloud behind a socket.

use std::time::Duration;

use tcloud_local::{AuthMode, LocalCloud, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

pub(crate) const BUCKET: &str = "hostile-1250000000";
/// The cloud answers or closes at once; this only keeps a broken one from hanging the test.
const PATIENCE: Duration = Duration::from_mins(5);

/// After how long a client that has sent all it has says so.
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) struct Served {
    port: u16,
    _cloud: LocalCloud,
}

impl Served {
    /// One that checks no signature, so that the requests get as far as they can.
    pub(crate) async fn new() -> Self {
        let settings = Settings::default().auth(AuthMode::Off);
        let cloud = LocalCloud::start(settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = cloud.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        let served = Self {
            port,
            _cloud: cloud,
        };
        for (host, request) in [("cos", "PUT /"), ("ci", "PUT /"), ("ci", "POST /picbucket")] {
            let answer = served.ask(request, host, "").await;
            assert_eq!(statuses(&answer), ["200"], "{answer}");
        }
        served
    }

    /// Sends a request to a host of the bucket.
    pub(crate) async fn ask(&self, request: &str, service: &str, body: &str) -> String {
        let length = body.len();
        let head = format!(
            "{request} HTTP/1.1\r\nHost: {BUCKET}.{service}.ap-guangzhou.myqcloud.com\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        self.exchange_whole(head.as_bytes()).await
    }

    /// Sends a request that is whole and asks for the connection to be closed, and gives back all
    /// that comes until it is.
    pub(crate) async fn exchange_whole(&self, bytes: &[u8]) -> String {
        self.send(bytes, PATIENCE).await
    }

    /// Sends bytes that may be a part of a request, and gives back all that comes until the
    /// connection is closed. If more is waited for, no more comes: a cloud that is still at work may
    /// take that for the end of its client, and not answer.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> String {
        self.send(bytes, PAUSE).await
    }

    async fn send(&self, bytes: &[u8], pause: Duration) -> String {
        let (mut input, mut output) = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .unwrap()
            .into_split();
        let mut answer = Vec::new();
        let sending = tokio::spawn({
            let bytes = bytes.to_vec();
            async move {
                // The other side may have had enough before all is sent.
                let _ = output.write_all(&bytes).await;
                output
            }
        });
        if timeout(pause, input.read_to_end(&mut answer))
            .await
            .is_err()
        {
            let _ = sending.await.unwrap().shutdown().await;
            let ended = timeout(PATIENCE, input.read_to_end(&mut answer)).await;
            assert!(
                ended.is_ok(),
                "no end of the answer to {}",
                String::from_utf8_lossy(bytes)
            );
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asserts that the cloud goes on, and that the bucket has these objects alone.
    pub(crate) async fn assert_holds(&self, keys: &[&str]) {
        let list = self.ask("GET /", "cos", "").await;
        assert_eq!(statuses(&list), ["200"], "{list}");
        let found: Vec<_> = list
            .split("<Key>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        assert_eq!(found, keys);
    }
}

/// The status of each answer.
pub(crate) fn statuses(answers: &str) -> Vec<&str> {
    answers
        .split("HTTP/1.1 ")
        .skip(1)
        .filter_map(|answer| answer.split(' ').next())
        .collect()
}
