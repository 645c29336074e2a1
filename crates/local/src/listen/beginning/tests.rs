//! TLS, requests and tunnels over pipes in memory, at a time that passes only while everybody waits.

use http::StatusCode;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::Settings;
use crate::cam::Directory;
use crate::gateway::Tunnel;
use crate::state::State;
use crate::store::Store;

const SECOND: Duration = Duration::from_secs(1);

/// The other end of a connection.
struct Client {
    stream: DuplexStream,
    https: Arc<Https>,
    shutdown: CancellationToken,
    connection: JoinHandle<()>,
}

impl Client {
    fn new(https: &Arc<Https>) -> Self {
        let https = Arc::clone(https);
        let (stream, theirs) = duplex(64 * 1024);
        let shutdown = CancellationToken::new();
        let (begin, ending) = (
            Begin {
                https: Arc::clone(&https),
                reached: [127, 0, 0, 1].into(),
            },
            shutdown.clone(),
        );
        let connection = tokio::spawn(async move {
            begin.serve(theirs, answer, Extensions::new(), ending).await;
        });
        Self {
            stream,
            https,
            shutdown,
            connection,
        }
    }
}

async fn opened() -> Arc<Https> {
    let store = Store::ephemeral().await.unwrap();
    let state = State::new(store, Directory::fixture(), Settings::default());
    Arc::new(Https::open(&Arc::new(state)).unwrap())
}

/// From here on, time passes only while everybody waits. The store waits for its own threads.
async fn paused() -> Arc<Https> {
    let https = opened().await;
    tokio::time::pause();
    https
}

/// Lets tunnels begin where they may; says the path of anything else.
async fn answer(request: Request<Body>) -> Response<Body> {
    let may = request.extensions().get::<MayTunnel>().is_some();
    let mut response = Response::new(Body::empty());
    if request.method() != "CONNECT" {
        let path = request.uri().path().to_owned();
        let length = path.len().into();
        *response.body_mut() = Body::from(path);
        response.headers_mut().insert("content-length", length);
    } else if may {
        response.extensions_mut().insert(Tunnel);
    } else {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert("content-length", 0.into());
    }
    response
}

/// Agrees on keys for `name` with what is at the other end of `stream`.
async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    https: &Https,
    name: &'static str,
) -> io::Result<TlsStream<S>> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_file(https.ca_file()).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// Sends `text` and returns what comes back, up to and with `end`.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, text: &str, end: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = String::new();
    while !answer.ends_with(end) {
        answer.push(stream.read_u8().await.unwrap().into());
    }
    answer
}

const CONNECT: &str = "CONNECT b-1.cos.ap-beijing.myqcloud.com:443 HTTP/1.1\r\n\
                       Host: b-1.cos.ap-beijing.myqcloud.com:443\r\n\r\n";

#[tokio::test]
async fn one_port_takes_tls_and_requests() {
    let https = paused().await;
    let mut plain = Client::new(&https);
    let answer = ask(&mut plain.stream, "GET /plain HTTP/1.1\r\n\r\n", "/plain").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let client = Client::new(&https);
    let mut secure = secure(client.stream, &client.https, "localhost")
        .await
        .unwrap();
    for path in ["/first", "/second"] {
        let request = format!("GET {path} HTTP/1.1\r\n\r\n");
        let answer = ask(&mut secure, &request, path).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    secure.shutdown().await.unwrap();
    client.connection.await.unwrap();
}

#[tokio::test]
async fn a_tunnel_leads_here_and_no_tunnel_leads_through_it() {
    let https = paused().await;
    for first in [None, Some("localhost")] {
        let client = Client::new(&https);
        let mut stream: Box<dyn Stream> = match first {
            None => Box::new(client.stream),
            Some(name) => {
                let stream = secure(client.stream, &client.https, name).await;
                Box::new(stream.unwrap())
            }
        };
        let answer = ask(&mut stream, CONNECT, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.to_ascii_lowercase().contains("length"), "{answer}");
        let name = "b-1.cos.ap-beijing.myqcloud.com";
        let mut inner = secure(stream, &client.https, name).await.unwrap();
        let answer = ask(&mut inner, "GET /inside HTTP/1.1\r\n\r\n", "/inside").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let answer = ask(&mut inner, CONNECT, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    }
}

#[tokio::test]
async fn what_is_sent_before_the_answer_to_connect_is_not_lost() {
    let https = paused().await;
    let mut client = Client::new(&https);
    let both = format!("{CONNECT}GET /early HTTP/1.1\r\n\r\n");
    let answer = ask(&mut client.stream, &both, "/early").await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
}

#[tokio::test]
async fn a_client_is_told_when_a_name_is_not_the_clouds() {
    let https = opened().await;
    let client = Client::new(&https);
    let refused = secure(client.stream, &client.https, "evil.example").await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("AccessDenied"), "{error}");
    client.connection.await.unwrap();
}

#[tokio::test]
async fn who_sends_nothing_is_cut_off() {
    let https = paused().await;
    // Time was stopped within a millisecond, and timers count whole ones.
    let stalled = STALL..=STALL + Duration::from_millis(1);
    let mut client = Client::new(&https);
    let started = Instant::now();
    assert_eq!(client.stream.read(&mut [0]).await.unwrap(), 0);
    assert!(stalled.contains(&started.elapsed()));

    let mut client = Client::new(&https);
    ask(&mut client.stream, CONNECT, "\r\n\r\n").await;
    let started = Instant::now();
    assert_eq!(client.stream.read(&mut [0]).await.unwrap(), 0);
    assert!(stalled.contains(&started.elapsed()));
}

#[tokio::test]
async fn a_handshake_that_drips_is_cut_off() {
    let https = paused().await;
    let mut client = Client::new(&https);
    // A record of a hello that says it is long.
    client
        .stream
        .write_all(&[TLS, 3, 1, 16, 0, 1])
        .await
        .unwrap();
    let started = Instant::now();
    while client.stream.write_all(&[0]).await.is_ok() {
        sleep(SECOND).await;
        assert!(
            started.elapsed() <= HANDSHAKE + SECOND,
            "it goes on for ever"
        );
    }
    assert!(started.elapsed() >= HANDSHAKE);
    client.connection.await.unwrap();
}

#[tokio::test]
async fn an_answer_over_tls_that_nobody_reads_is_given_up() {
    let https = paused().await;
    let client = Client::new(&https);
    let mut secure = secure(client.stream, &client.https, "localhost")
        .await
        .unwrap();
    // As long as each other, so that neither side can go on once both pipes are full.
    let request = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(8 * 1024));
    let asking = async {
        for _ in 0..100 {
            secure.write_all(request.as_bytes()).await?;
        }
        secure.flush().await
    };
    let started = Instant::now();
    assert!(asking.await.is_err(), "everything was read");
    assert!(started.elapsed() <= 3 * STALL, "{:?}", started.elapsed());
    client.connection.await.unwrap();
}

#[tokio::test]
async fn a_shutdown_waits_for_no_handshake() {
    let https = paused().await;
    let mut client = Client::new(&https);
    client.stream.write_all(&[TLS]).await.unwrap();
    let started = Instant::now();
    client.shutdown.cancel();
    client.connection.await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
}
