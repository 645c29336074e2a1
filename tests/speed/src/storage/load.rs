//! The client: connections that send the same request over and over.

use std::cell::Cell as Counter;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::Cell;

pub(super) const BUCKET: &str = "speed-1250000000";
pub(super) const ID: &str = "AKIDEXAMPLE";
pub(super) const SECRET: &str = "SECRETEXAMPLE";
/// How long a signature holds: longer than any run.
const HOLDS: Duration = Duration::from_hours(1);
/// How long a server may take until it listens.
const STARTS: Duration = Duration::from_secs(20);

/// A connection, made again where the server has closed it: moto does so after each answer.
struct Connection {
    host: String,
    sender: SendRequest<Full<Bytes>>,
}

/// What one connection sends.
#[derive(Clone)]
struct Sent {
    host: String,
    /// Path and query, with a signature.
    target: String,
    method: Method,
    content: Bytes,
}

impl Sent {
    fn request(&self) -> Request<Full<Bytes>> {
        Request::builder()
            .method(self.method.clone())
            .uri(&self.target)
            .header(HOST, &self.host)
            // Moto wants it of an empty body too.
            .header(CONTENT_LENGTH, self.content.len())
            .body(Full::new(self.content.clone()))
            .unwrap()
    }
}

/// Does what `cell` says at the server of `address` for `time`, and returns how often in a second.
pub(super) async fn run(address: &str, cell: Cell, time: Duration) -> f64 {
    let host = address.trim_start_matches("http://").to_owned();
    let endpoint = address.parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::Path, BUCKET, "us-east-1").unwrap();
    let credentials = Credentials::new(ID, SECRET);
    let content = Bytes::from(vec![b'x'; cell.size]);
    let sent = |method, url: String, content: &Bytes| Sent {
        host: host.clone(),
        target: url.trim_start_matches(address).to_owned(),
        method,
        content: content.clone(),
    };
    let mut first = Connection::open(host.clone()).await;
    // Moto has no bucket yet; others say that there is one.
    let create = bucket.create_bucket(&credentials).sign(HOLDS);
    let create = sent(Method::PUT, create.to_string(), &Bytes::new());
    first.exchange(&create).await;
    let put = |key: &str| {
        let put = bucket.put_object(Some(&credentials), key).sign(HOLDS);
        sent(Method::PUT, put.to_string(), &content)
    };
    let get = |key: &str| {
        let get = bucket.get_object(Some(&credentials), key).sign(HOLDS);
        sent(Method::GET, get.to_string(), &Bytes::new())
    };
    let many: Vec<String> = (0..cell.objects)
        .map(|number| format!("many-{number}"))
        .collect();
    if let Some(last) = many.last()
        && first.exchange(&get(last)).await.0 != StatusCode::OK
    {
        for key in &many {
            first.succeed(&put(key)).await;
        }
    }
    let mut work = Vec::new();
    for number in 0..cell.connections {
        let mut connection = Connection::open(host.clone()).await;
        let own = format!("{}-{number}", cell.size);
        let requests: Vec<_> = match cell.method {
            "PUT" => vec![put(&own)],
            _ if many.is_empty() => {
                connection.succeed(&put(&own)).await;
                vec![get(&own)]
            }
            // Each begins somewhere else.
            _ => {
                let skipped = number * many.len() / cell.connections;
                many.iter()
                    .cycle()
                    .skip(skipped)
                    .take(many.len())
                    .map(|key| get(key))
                    .collect()
            }
        };
        work.push((connection, requests));
    }
    let done = Rc::new(Counter::new(0_u32));
    let started = Instant::now();
    let all = LocalSet::new();
    let mut running = Vec::new();
    for (mut connection, requests) in work {
        let done = Rc::clone(&done);
        running.push(all.spawn_local(async move {
            for request in requests.iter().cycle() {
                if started.elapsed() >= time {
                    break;
                }
                connection.succeed(request).await;
                done.set(done.get() + 1);
            }
        }));
    }
    all.await;
    for one in running {
        one.await.unwrap();
    }
    f64::from(done.get()) / started.elapsed().as_secs_f64()
}

impl Connection {
    async fn open(host: String) -> Self {
        let sender = connect(&host).await;
        Self { host, sender }
    }

    async fn succeed(&mut self, sent: &Sent) {
        let (status, length) = self.exchange(sent).await;
        assert_eq!(status, StatusCode::OK, "{} {}", sent.method, sent.target);
        assert!(sent.method != Method::GET || length > 0, "nothing came");
    }

    /// The status of the answer, and how long its body was.
    async fn exchange(&mut self, sent: &Sent) -> (StatusCode, usize) {
        self.sender.ready().await.unwrap();
        let answer = self.sender.send_request(sent.request()).await.unwrap();
        let status = answer.status();
        let closes = answer
            .headers()
            .get(CONNECTION)
            .is_some_and(|it| it == "close");
        let mut body = answer.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame.unwrap().into_data().map_or(0, |data| data.len());
        }
        if closes {
            self.sender = connect(&self.host).await;
        }
        (status, length)
    }
}

async fn connect(host: &str) -> SendRequest<Full<Bytes>> {
    let started = Instant::now();
    let stream = loop {
        match TcpStream::connect(host).await {
            Ok(stream) => break stream,
            Err(error) => assert!(started.elapsed() < STARTS, "{host}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}
