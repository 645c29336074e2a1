//! Requests that are answered while their body still arrives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use tcloud_core::credentials::Credentials;
use tcloud_core::sign::tc3;
use tcloud_local::{DEFAULT_SECRET_ID, Settings};
use tokio::task::spawn_blocking;

use crate::fixture::{NOW, bucket_host};
use crate::sockets::Served;

/// A client that writes a whole request before it reads the answer, as most do.
struct Plain {
    stream: BufReader<TcpStream>,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    head: String,
    body: String,
}

impl Plain {
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends the lines of a head and `size` bytes.
    fn send(&mut self, head: &[&str], size: usize) {
        let head = format!("{}\r\nContent-Length: {size}\r\n\r\n", head.join("\r\n"));
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&vec![b'x'; size]).unwrap();
    }

    fn answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.stream.read_line(&mut head).unwrap(), 0, "{head}");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        Answer {
            head,
            body: String::from_utf8(body).unwrap(),
        }
    }
}

#[tokio::test]
async fn a_connection_serves_on_after_each_refused_upload() {
    let served = Served::new(Settings::default()).await;
    let port = served.port;
    let client = move || {
        let host = format!("Host: {}", bucket_host());
        let mut client = Plain::connect(port);
        for n in 0..100 {
            client.send(&["PUT /k HTTP/1.1", &host], 64 * 1024);
            let answer = client.answer();
            assert!(answer.head.starts_with("HTTP/1.1 403"), "{n}: {answer:?}");
            assert!(
                answer.body.contains("<Code>AccessDenied</Code>"),
                "{n}: {answer:?}"
            );
        }
    };
    spawn_blocking(client).await.unwrap();
}

#[tokio::test]
async fn a_refused_upload_is_answered_however_long_it_is() {
    let served = Served::new(Settings::default()).await;
    let port = served.port;
    let client = move || {
        let host = format!("Host: {}", bucket_host());
        let mut client = Plain::connect(port);
        client.send(&["PUT /k HTTP/1.1", &host], 32 << 20);
        let answer = client.answer();
        assert!(answer.head.starts_with("HTTP/1.1 403"), "{answer:?}");
        assert!(answer.head.contains("Connection: close\r\n"), "{answer:?}");
        assert!(answer.body.ends_with("</Error>"), "{answer:?}");
    };
    spawn_blocking(client).await.unwrap();
}

/// The head of a call of MPS signed by `key` at `now`, whose body is not there.
fn call(key: &Credentials, now: i64) -> Vec<String> {
    let mut headers = http::HeaderMap::new();
    headers.insert("host", "mps.tencentcloudapi.com".parse().unwrap());
    headers.insert("content-type", "application/json".parse().unwrap());
    tc3::Signer::new(key, "mps", now)
        .authorize(&http::Method::POST, "", &mut headers, b"{}")
        .unwrap();
    let mut lines = vec![
        "POST / HTTP/1.1".to_owned(),
        "X-TC-Action: ProcessImage".to_owned(),
    ];
    for (name, value) in &headers {
        lines.push(format!("{name}: {}", value.to_str().unwrap()));
    }
    lines
}

#[tokio::test]
async fn no_body_is_awaited_that_cannot_make_a_refused_head_right() {
    let served = Served::new(Settings::default()).await;
    let now = NOW / 1000;
    let known = Credentials::new(DEFAULT_SECRET_ID, "wrong");
    let unknown = Credentials::new("AKIDnobody", "secret");
    let unsigned = [
        "POST / HTTP/1.1",
        "Host: mps.tencentcloudapi.com",
        "X-TC-Action: ProcessImage",
    ];
    let job = format!("Host: {}", bucket_host().replace(".cos.", ".ci."));
    let job = ["POST /jobs HTTP/1.1", &job, "Content-Type: application/xml"];
    let heads = [
        (
            unsigned.map(str::to_owned).to_vec(),
            "AuthFailure.InvalidAuthorization",
        ),
        (call(&unknown, now), "AuthFailure.SecretIdNotFound"),
        (call(&known, now - 3600), "AuthFailure.SignatureExpire"),
        (job.map(str::to_owned).to_vec(), "MissingAuthorization"),
    ];
    let port = served.port;
    let client = move || {
        for (head, code) in heads {
            let head = format!("{}\r\nContent-Length: 1000000\r\n\r\n", head.join("\r\n"));
            let mut client = Plain::connect(port);
            client.stream.get_mut().write_all(head.as_bytes()).unwrap();
            // Not a byte of the body was sent.
            let answer = client.answer();
            assert!(answer.body.contains(code), "{code}: {answer:?}");
        }
    };
    spawn_blocking(client).await.unwrap();
}

#[tokio::test]
async fn no_more_connections_are_answered_than_may_be_open() {
    let served = Served::new(Settings::default().max_connections(1)).await;
    let port = served.port;
    let client = move || {
        let page = ["GET /_local/health HTTP/1.1", "Host: localhost"];
        let mut first = Plain::connect(port);
        first.send(&page, 0);
        first.answer();
        let mut second = Plain::connect(port);
        second.send(&page, 0);
        for _ in 0..20 {
            first.send(&page, 0);
            first.answer();
        }
        second.stream.get_ref().set_nonblocking(true).unwrap();
        let nothing = second.stream.fill_buf().unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
        second.stream.get_ref().set_nonblocking(false).unwrap();
        drop(first);
        let answer = second.answer();
        assert!(answer.head.starts_with("HTTP/1.1 200"), "{answer:?}");
    };
    spawn_blocking(client).await.unwrap();
}
