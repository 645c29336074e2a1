//! The servers that are compared.

use std::io::Write as _;
use std::net::TcpListener as Port;
use std::path::Path;
use std::process::{Command, Stdio};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

use super::Options;
use super::load::{BUCKET, ID, SECRET};
use crate::usage::Server;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Tcloud,
    S3sFs,
    Moto,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tcloud => "tcloud",
            Self::S3sFs => "s3s-fs",
            Self::Moto => "moto",
        }
    }
}

/// Starts the server of `kind`, with its state in `folder`.
pub(super) fn start(kind: Kind, options: &Options, folder: &Path) -> Server {
    match kind {
        Kind::Tcloud => {
            let mut command = Command::new(&options.tcloud);
            command
                .args(["local", "--port", "0", "--auth", "strict"])
                .args(["--bucket", BUCKET, "--key", &format!("{ID}:{SECRET}")])
                .arg("--data")
                .arg(folder.join("tcloud"))
                .stderr(Stdio::null());
            Server::start(&mut command)
        }
        Kind::S3sFs => {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command
                .args(["storage", "serve"])
                .arg(folder.join("s3s-fs"));
            Server::start(&mut command)
        }
        Kind::Moto => {
            // It does not say which port it has been given.
            let port = Port::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let mut command = Command::new(options.moto.as_ref().expect("it is named"));
            command
                .args(["-H", "127.0.0.1", "-p", &port.port().to_string()])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            Server::at(&mut command, format!("http://{port}"))
        }
    }
}

/// Serves `folder` by `s3s-fs` for ever. The address is the one line that is written.
pub(super) async fn serve(folder: &Path) {
    std::fs::create_dir_all(folder.join(BUCKET)).unwrap();
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single(ID, SECRET));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut output = std::io::stdout();
    writeln!(output, "http://{}", listener.local_addr().unwrap()).unwrap();
    output.flush().unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let service = service.clone();
        tokio::spawn(async move {
            // A client that has gone is no failure.
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
