//! Files on their way to the cloud and back, and bodies that are damaged there.

use std::fs;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use http::{Request, Response};
use tcloud_core::body::Body;
use tcloud_core::credentials::Credentials;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::{Transport, TransportError};
use tcloud_cos::Client;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalTransport};

use crate::fixture::{BUCKET, Fixture, NOW, code};

/// The way to a cloud on which one bit of a body is turned over.
#[derive(Debug, Clone)]
struct Noisy {
    way: LocalTransport,
    up: bool,
    down: bool,
}

impl Transport for Noisy {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let request = request.map(|body| damaged(body, self.up));
            let answer = self.way.send(request).await?;
            Ok(answer.map(|body| damaged(body, self.down)))
        })
    }
}

fn damaged(body: Body, damage: bool) -> Body {
    let length = body.length();
    if !damage || length == Some(0) {
        return body;
    }
    let mut first = true;
    let chunks = body.map_ok(move |chunk| {
        let mut chunk = BytesMut::from(chunk);
        if let (true, Some(byte)) = (std::mem::take(&mut first), chunk.first_mut()) {
            *byte ^= 1;
        }
        chunk.freeze()
    });
    Body::from_stream(chunks, length)
}

fn over(fixture: &Fixture, up: bool, down: bool) -> Client {
    let way = fixture.cloud.transport();
    let credentials = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    Fixture::client_over(Noisy { way, up, down }, credentials, NOW)
}

#[tokio::test]
async fn an_upload_that_is_damaged_on_its_way_is_noticed() {
    let (fixture, client) = Fixture::with_bucket().await;
    let noisy = over(&fixture, true, false);
    let error = noisy
        .put_object(BUCKET, "k", "content")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
    assert!(error.request_id().is_some());

    // With a digest it does not get into the bucket at all.
    let put = noisy.put_object(BUCKET, "other", "content");
    let refused = put.content_md5("mgNkuembtIDdJeHwKEyFVQ==").send().await;
    assert_eq!(code(refused), "BadDigest");
    assert_eq!(
        code(client.get_object(BUCKET, "other").send().await),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn a_download_that_is_damaged_on_its_way_is_noticed() {
    let (fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "k", "content")
        .send()
        .await
        .unwrap();
    let noisy = over(&fixture, false, true);
    let body = noisy.get_object(BUCKET, "k").send().await.unwrap();
    let error = body.into_body().collect(100).await.unwrap_err();
    let error = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
    assert_eq!(error.operation(), Some("GetObject"));

    // Of a part the service names no checksum.
    let part = noisy.get_object(BUCKET, "k").range("bytes=0-2");
    let part = part.send().await.unwrap().into_body();
    assert_eq!(part.collect(100).await.unwrap(), "bon");
}

#[tokio::test]
async fn a_file_is_stored_by_its_path() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sea.jpg");
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(&path, &content).unwrap();

    let file = Body::from_path(&path).await.unwrap();
    client
        .put_object(BUCKET, "whole", file)
        .send()
        .await
        .unwrap();
    let range = Body::from_path_range(&path, 400_000..).await.unwrap();
    let put = client.put_object(BUCKET, "rest", range);
    put.content_type("text/plain").send().await.unwrap();

    for (key, start, media_type) in [("whole", 0, "image/jpeg"), ("rest", 400_000, "text/plain")] {
        let read = client.get_object(BUCKET, key).send().await.unwrap();
        assert_eq!(read.content_type.as_deref(), Some(media_type));
        let read: Bytes = read.into_body().collect(content.len()).await.unwrap();
        assert!(read == content.get(start..).unwrap(), "{key}");
    }
}
