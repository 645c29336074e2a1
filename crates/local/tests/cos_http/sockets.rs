use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use tcloud_local::{AuthMode, LocalError, Settings};

use crate::fixture::{BUCKET, Fixture, bucket_host};

/// A cloud that listens.
pub(crate) struct Served {
    pub(crate) fixture: Fixture,
    pub(crate) port: u16,
    task: JoinHandle<Result<(), LocalError>>,
}

impl Served {
    pub(crate) async fn new(settings: Settings) -> Self {
        let fixture = Fixture::with(settings).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cloud = fixture.cloud.clone();
        let task = tokio::spawn(async move { cloud.serve(listener).await });
        Self {
            fixture,
            port,
            task,
        }
    }

    pub(crate) async fn lenient() -> Self {
        let settings = Settings::default().auth(AuthMode::Lenient);
        Self::new(settings.default_bucket(BUCKET)).await
    }

    /// Sends the lines of a head, a blank one and `body`; returns all that comes back.
    pub(crate) async fn exchange(&self, head: &[&str], body: &str) -> String {
        let answer = self.exchange_bytes(head, body).await;
        String::from_utf8(answer).unwrap()
    }

    /// As [`Served::exchange`], where what comes back is no text.
    pub(crate) async fn exchange_bytes(&self, head: &[&str], body: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let head = head.join("\r\n");
        let message = format!("{head}\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(message.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    }
}

pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn every_form_reaches_the_same_object() {
    let served = Served::lenient().await;
    let virtual_host = format!("Host: {}", bucket_host());
    let made = served
        .exchange(&["PUT / HTTP/1.1", &virtual_host, "Content-Length: 0"], "")
        .await;
    assert_eq!(status(&made), "200", "{made}");
    let put = ["PUT /dir/k HTTP/1.1", &virtual_host, "Content-Length: 5"];
    let stored = served.exchange(&put, "hello").await;
    assert_eq!(status(&stored), "200", "{stored}");

    let address = format!("Host: 127.0.0.1:{}", served.port);
    let localhost = format!("Host: {BUCKET}.cos.ap-chongqing.localhost:{}", served.port);
    let by_path = format!("GET /{BUCKET}/dir/k HTTP/1.1");
    let by_proxy = format!("GET http://{}/dir/k HTTP/1.1", bucket_host());
    let other_family = format!("Host: {BUCKET}.cos.ap-chongqing.tencentcos.cn");
    for head in [
        ["GET /dir/k HTTP/1.1", &virtual_host],
        ["GET /dir/k HTTP/1.1", &other_family],
        ["GET /dir/k HTTP/1.1", &localhost],
        [&by_path, &address],
        ["GET /dir/k HTTP/1.1", &address],
        [&by_proxy, &virtual_host],
    ] {
        let answer = served.exchange(&head, "").await;
        assert_eq!(status(&answer), "200", "{head:?}");
        assert!(answer.ends_with("\r\n\r\nhello"), "{head:?}: {answer}");
        assert!(answer.contains("Content-Length: 5\r\n"), "{answer}");
        assert!(answer.contains("Server: tencent-cos\r\n"), "{answer}");
        assert!(answer.contains("ETag: \""), "{answer}");
        assert!(answer.contains("x-cos-request-id: "), "{answer}");
    }
    let head = served
        .exchange(&["HEAD /dir/k HTTP/1.1", &virtual_host], "")
        .await;
    assert!(
        head.contains("Content-Length: 5\r\n") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn content_comes_whole_in_chunks_or_after_a_pause() {
    let served = Served::lenient().await;
    let host = format!("Host: {}", bucket_host());
    served
        .exchange(&["PUT / HTTP/1.1", &host, "Content-Length: 0"], "")
        .await;
    let chunked = ["PUT /k HTTP/1.1", &host, "Transfer-Encoding: chunked"];
    let stored = served
        .exchange(&chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        .await;
    assert_eq!(status(&stored), "200", "{stored}");
    let waiting = [
        "PUT /k HTTP/1.1",
        &host,
        "Content-Length: 2",
        "Expect: 100-continue",
    ];
    let continued = served.exchange(&waiting, "ok").await;
    assert!(
        continued.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"),
        "{continued}"
    );
    let bare = served.exchange(&["PUT /k HTTP/1.1", &host], "").await;
    assert_eq!(status(&bare), "411", "{bare}");
    assert!(bare.contains("<Code>MissingContentLength</Code>"), "{bare}");
}

#[tokio::test]
async fn nothing_is_forwarded() {
    let served = Served::lenient().await;
    let foreign = ["GET http://example.com/ HTTP/1.1", "Host: example.com"];
    let refused = served.exchange(&foreign, "").await;
    assert_eq!(status(&refused), "403", "{refused}");
    assert!(refused.contains("never forwards"), "{refused}");
    let tunnel = ["CONNECT example.com:443 HTTP/1.1", "Host: example.com:443"];
    let refused = served.exchange(&tunnel, "").await;
    assert_eq!(status(&refused), "405", "{refused}");
    // Python shows the first line and nothing else, others the document.
    let reason = refused.lines().next().unwrap();
    assert!(reason.contains("use the scheme http"), "{refused}");
    assert!(
        refused.contains("<Code>MethodNotAllowed</Code>"),
        "{refused}"
    );
    assert!(
        refused.contains("scheme http instead of https"),
        "{refused}"
    );
    assert!(refused.contains("as its endpoint"), "{refused}");
    let tunnel = [
        "CONNECT mps.tencentcloudapi.com:443 HTTP/1.1",
        "Host: mps.tencentcloudapi.com:443",
    ];
    let refused = served.exchange(&tunnel, "").await;
    assert_eq!(status(&refused), "405", "{refused}");
    assert!(
        refused.contains("\"Code\":\"UnsupportedProtocol\""),
        "{refused}"
    );
    // A page about the cloud is not for whoever comes through a proxy.
    let page = [
        "GET http://example.com/_local/health HTTP/1.1",
        "Host: localhost",
    ];
    assert_eq!(status(&served.exchange(&page, "").await), "403");
    let page = ["GET /_local/health HTTP/1.1", "Host: localhost"];
    assert_eq!(status(&served.exchange(&page, "").await), "200");
}

#[tokio::test]
async fn strict_is_the_default() {
    let served = Served::new(Settings::default()).await;
    let host = format!("Host: {}", bucket_host());
    let answer = served.exchange(&["GET / HTTP/1.1", &host], "").await;
    assert_eq!(status(&answer), "403", "{answer}");
    let action = [
        "POST / HTTP/1.1",
        "Host: mps.tencentcloudapi.com",
        "X-TC-Action: ProcessImage",
        "Content-Length: 2",
    ];
    let answer = served.exchange(&action, "{}").await;
    assert!(
        answer.contains("AuthFailure.InvalidAuthorization"),
        "{answer}"
    );
}

#[tokio::test]
async fn shutting_down_ends_serving() {
    let served = Served::new(Settings::default()).await;
    let mut open = TcpStream::connect(("127.0.0.1", served.port))
        .await
        .unwrap();
    served.fixture.cloud.shutdown().await;
    // The listener goes with it. Whether nobody listens at the port is not to be seen: it is free for
    // anybody.
    served.task.await.unwrap().unwrap();
    let mut answer = Vec::new();
    // Depending on whether it had been accepted, it was closed or reset.
    let _ = open.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
}
