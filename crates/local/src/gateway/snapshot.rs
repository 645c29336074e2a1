//! The page of the snapshot: all of the state as one file, out and in.

use std::io;
use std::path::Path;

use bytes::BytesMut;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;
use tempfile::TempDir;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::pages::{failed, json_page, not_allowed};
use crate::store::{Store, StoreError};

/// Where it is.
pub(super) const PAGE: &str = "/_local/snapshot";
/// How much is read of the file at a time.
const PIECE: usize = 128 * 1024;

/// Answers `GET` with a snapshot, and `PUT` by putting one in the place of all there is.
pub(super) async fn answer(store: &Store, method: &Method, body: Body) -> Response<Body> {
    match *method {
        Method::GET => match save(store).await {
            Ok(file) => file,
            Err(why) => unable(&format!("there is no snapshot: {why}")),
        },
        Method::PUT => match load(store, body).await {
            Ok(page) => page,
            Err(why) => unable(&format!("nothing was replaced: {why}")),
        },
        _ => not_allowed(
            "a snapshot is saved with GET and put in the place of all there is with PUT",
        ),
    }
}

fn unable(why: &str) -> Response<Body> {
    json_page(StatusCode::SERVICE_UNAVAILABLE, &json!({ "error": why }))
}

async fn save(store: &Store) -> Result<Response<Body>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("snapshot.tar");
    store.save(&path).await.map_err(|error| error.to_string())?;
    let body = content(folder, &path).await;
    let mut response = Response::new(body.map_err(|error| error.to_string())?);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
    let name = HeaderValue::from_static("attachment; filename=\"snapshot.tar\"");
    headers.insert(CONTENT_DISPOSITION, name);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What is in the file `path`, which is deleted with its `folder` in the end.
async fn content(folder: TempDir, path: &Path) -> io::Result<Body> {
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    let pieces = stream::try_unfold((file, folder), async |(mut file, folder)| {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), (file, folder))))
    });
    Ok(Body::from_stream(pieces, Some(length)))
}

async fn load(store: &Store, body: Body) -> Result<Response<Body>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("snapshot.tar");
    receive(body, &path)
        .await
        .map_err(|error| error.to_string())?;
    match store.load(&path).await {
        Ok(done) => Ok(json_page(StatusCode::OK, &json!(done))),
        Err(
            error @ (StoreError::NoSnapshot { .. }
            | StoreError::NewerSchema { .. }
            | StoreError::CopiedByOthers),
        ) => Ok(failed(&format!("nothing was replaced: {error}"))),
        Err(error) => Err(error.to_string()),
    }
}

async fn receive(mut body: Body, path: &Path) -> io::Result<()> {
    let mut file = File::create(path).await?;
    while let Some(piece) = body.chunk().await {
        file.write_all(&piece?).await?;
    }
    file.flush().await
}
