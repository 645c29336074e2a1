//! The bucket for content: an S3 server of others in this process, which can be stopped.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::Failure;

/// The bucket in it.
const BUCKET: &str = "content";
const ID: &str = "AKIDbucket";
const SECRET: &str = "bucket-secret";

/// A running server with one bucket.
pub(crate) struct Bucket {
    address: SocketAddr,
    /// Open for good: a port that is given back may be somebody else's when it is wanted again.
    listener: Arc<TcpListener>,
    service: S3Service,
    running: JoinSet<()>,
}

impl Bucket {
    /// Starts the server; what it stores lies in `folder`.
    pub(crate) async fn start(folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder.join(BUCKET))?;
        let files = FileSystem::new(folder)
            .map_err(|error| format!("cannot store in {}: {error:?}", folder.display()))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ID, SECRET));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let mut bucket = Self {
            address: listener.local_addr()?,
            listener: Arc::new(listener),
            service: builder.build(),
            running: JoinSet::new(),
        };
        bucket.serve();
        Ok(bucket)
    }

    /// What a process finds it by: its address for `--blobs`, and its environment.
    pub(crate) fn place(&self) -> Place {
        Place {
            url: format!("s3://{BUCKET}"),
            environment: vec![
                ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
                ("AWS_REGION", "us-east-1".to_owned()),
                ("AWS_ACCESS_KEY_ID", ID.to_owned()),
                ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ],
        }
    }

    /// Breaks the connections that are open, and hangs up on who comes.
    pub(crate) async fn stop(&mut self) {
        self.running.shutdown().await;
        let listener = Arc::clone(&self.listener);
        self.running
            .spawn(async move { while listener.accept().await.is_ok() {} });
    }

    /// Answers again.
    pub(crate) async fn resume(&mut self) {
        self.running.shutdown().await;
        self.serve();
    }

    fn serve(&mut self) {
        let (listener, service) = (Arc::clone(&self.listener), self.service.clone());
        self.running.spawn(async move {
            // With this task all its connections end.
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                let answer = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let service = service.clone();
                    async move {
                        let answer = service.call(request.map(s3s::Body::from)).await;
                        answer.map_err(|error| std::io::Error::other(format!("{error:?}")))
                    }
                });
                connections.spawn(async move {
                    let connection = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), answer);
                    // A server that is killed breaks it off.
                    let _ = connection.await;
                });
            }
        });
    }
}

/// Where a server keeps content.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) environment: Vec<(&'static str, String)>,
}
