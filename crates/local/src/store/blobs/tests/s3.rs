//! An S3 server of others, in this process, which can be stopped, held and cut off.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http::{Method, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ContentBucket;

const ID: &str = "AKIDbucket";
const SECRET: &str = "bucket-secret";

/// A patience that no test tries.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// A server that has one bucket, `content`.
pub(crate) struct Server {
    address: SocketAddr,
    /// Bound as long as this exists and never listened at: the port is nobody else's while the server
    /// is away, and connections are refused then.
    _port: TcpSocket,
    _root: TempDir,
    service: S3Service,
    manner: Arc<Manner>,
    running: Mutex<JoinSet<()>>,
}

/// How requests are answered.
struct Manner {
    /// Whether parts of uploads are taken in; until then they wait.
    parts: watch::Sender<bool>,
    /// After how many bytes of a download the connection breaks.
    cut: AtomicUsize,
}

impl Server {
    #[expect(
        clippy::unused_async,
        reason = "it takes a runtime, as its callers see by this"
    )]
    pub(crate) async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("content")).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(ID, SECRET));
        let port = bound((Ipv4Addr::LOCALHOST, 0).into());
        let server = Self {
            address: port.local_addr().unwrap(),
            _port: port,
            _root: root,
            service: builder.build(),
            manner: Arc::new(Manner {
                parts: watch::Sender::new(true),
                cut: AtomicUsize::new(usize::MAX),
            }),
            running: Mutex::default(),
        };
        server.listen();
        server
    }

    /// The bucket at `url` of this server, with little patience.
    pub(crate) fn bucket(&self, url: &str) -> ContentBucket {
        let bucket: ContentBucket = url.parse().unwrap();
        bucket
            .option("AWS_ENDPOINT_URL", format!("http://{}", self.address))
            .option("AWS_REGION", "us-east-1")
            .option("AWS_ACCESS_KEY_ID", ID)
            .option("AWS_SECRET_ACCESS_KEY", SECRET)
            .patience(Duration::from_millis(300))
    }

    /// Refuses connections and breaks those that are open.
    pub(crate) async fn stop(&self) {
        let mut running = std::mem::take(&mut *self.running.lock().unwrap());
        running.shutdown().await;
    }

    /// Serves again.
    pub(crate) async fn resume(&self) {
        self.stop().await;
        self.listen();
    }

    /// Whether parts of uploads are taken in.
    pub(crate) fn take_parts(&self, take: bool) {
        self.manner.parts.send_replace(take);
    }

    /// Breaks each download off after `bytes`.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.manner.cut.store(bytes, Ordering::Relaxed);
    }

    fn listen(&self) {
        let listener = bound(self.address).listen(1024).unwrap();
        let (service, manner) = (self.service.clone(), Arc::clone(&self.manner));
        let mut running = self.running.lock().unwrap();
        running.spawn(async move {
            // With this task all its connections end.
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (service, manner) = (service.clone(), Arc::clone(&manner));
                let answer = hyper::service::service_fn(move |request| {
                    answer(service.clone(), Arc::clone(&manner), request)
                });
                connections.spawn(async move {
                    let connection = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), answer);
                    // It may be cut off.
                    let _ = connection.await;
                });
            }
        });
    }
}

/// A socket at `address`, beside which others may be bound there by this function alone.
fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

type Answer = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

async fn answer(
    service: S3Service,
    manner: Arc<Manner>,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let is_download = request.method() == Method::GET;
    if request.uri().path().split('/').nth(1) != Some("content") {
        // This server would make the bucket.
        let fault = "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>";
        let body = http_body_util::Full::from(fault).map_err(|never| match never {});
        let mut response = Response::new(body.boxed_unsync());
        *response.status_mut() = http::StatusCode::NOT_FOUND;
        return Ok(response);
    }
    let query = request.uri().query().unwrap_or_default();
    if query.contains("partNumber=") {
        let mut parts = manner.parts.subscribe();
        parts.wait_for(|take| *take).await.unwrap();
    }
    let response = service.call(request.map(s3s::Body::from)).await.unwrap();
    let cut = manner.cut.load(Ordering::Relaxed);
    let length = response.headers().get(http::header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|it| it.to_str().ok()?.parse().ok());
    let is_long = length.is_some_and(|length| length > cut);
    Ok(response.map(|body| {
        let body = BodyExt::map_err(body, std::io::Error::other);
        if is_download && is_long {
            cut_off(body, cut)
        } else {
            body.boxed_unsync()
        }
    }))
}

/// The first `bytes` of `body`, and then an error.
fn cut_off<B>(body: B, bytes: usize) -> UnsyncBoxBody<Bytes, std::io::Error>
where
    B: Body<Data = Bytes, Error = std::io::Error> + Send + 'static,
{
    let mut left = bytes;
    let chunks = body.into_data_stream().map_ok(move |mut chunk| {
        chunk.truncate(left);
        left -= chunk.len();
        chunk
    });
    let chunks = chunks.try_take_while(|chunk| std::future::ready(Ok(!chunk.is_empty())));
    let broken = futures_util::stream::once(async { Err(std::io::Error::other("cut off")) });
    StreamBody::new(chunks.chain(broken).map_ok(Frame::data)).boxed_unsync()
}
