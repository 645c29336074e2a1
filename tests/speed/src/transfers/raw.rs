//! `reqwest` alone moving files: it neither signs nor checks, and never goes on after a failure.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;
use reqwest::{Body, Client};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::case::{Case, FILES, LARGE};

/// Bytes that are read of a file at a time.
const CHUNK: usize = 256 * 1024;
/// Requests at a time, of small files.
const CONCURRENCY: usize = 16;

pub(super) async fn run(case: Case, address: &str, folder: &Path) {
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let address = address.trim_end_matches('/').to_owned();
    match case {
        Case::UploadLarge => {
            upload(&client, format!("{address}/{LARGE}"), folder.join(LARGE)).await;
        }
        Case::DownloadLarge => {
            download(
                &client,
                format!("{address}/{LARGE}"),
                folder.join("raw-large"),
            )
            .await;
        }
        Case::UploadSmall | Case::DownloadSmall => {
            let slots = Arc::new(Semaphore::new(CONCURRENCY));
            let mut work = JoinSet::new();
            let target = folder.join("raw-small");
            std::fs::create_dir_all(&target).unwrap();
            for number in 0..FILES {
                let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
                let name = super::small_name(number);
                let url = format!("{address}/small/{name}");
                let client = client.clone();
                let (source, target) = (folder.join("small").join(&name), target.join(&name));
                work.spawn(async move {
                    let _slot = slot;
                    match case {
                        Case::UploadSmall => {
                            let body = std::fs::read(source).unwrap();
                            put(client.put(url).body(body)).await;
                        }
                        _ => download(&client, url, target).await,
                    }
                });
            }
            while let Some(done) = work.join_next().await {
                done.unwrap();
            }
        }
        Case::Sync => unreachable!("there is nothing to compare with"),
    }
}

async fn upload(client: &Client, url: String, path: PathBuf) {
    let file = File::open(path).unwrap();
    let length = file.metadata().unwrap().len();
    let request = client.put(url).header("content-length", length);
    put(request.body(Body::wrap_stream(Chunks(file)))).await;
}

async fn put(request: reqwest::RequestBuilder) {
    request.send().await.unwrap().error_for_status().unwrap();
}

async fn download(client: &Client, url: String, path: PathBuf) {
    let answer = client.get(url).send().await.unwrap();
    let mut answer = answer.error_for_status().unwrap();
    let mut file = File::create(path).unwrap();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        file.write_all(&chunk).unwrap();
    }
}

/// A file in chunks. It blocks while it reads, as no other work waits.
struct Chunks(File);

impl Stream for Chunks {
    type Item = std::io::Result<Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let mut chunk = vec![0; CHUNK];
        let read = self.0.read(&mut chunk).map(|size| {
            chunk.truncate(size);
            Bytes::from(chunk)
        });
        std::task::Poll::Ready(match read {
            Ok(chunk) if chunk.is_empty() => None,
            chunk => Some(chunk),
        })
    }
}
