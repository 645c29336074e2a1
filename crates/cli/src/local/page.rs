//! Asking a running cloud for one of its own pages.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tcloud_core::body::Body;
use tcloud_core::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use tcloud_core::http::{Method, Request, Response};
use tcloud_core::transport::{Reqwest, Transport};
use url::Url;

use crate::error::Error;

/// No page is longer.
const MOST: usize = 2 * 1024 * 1024;

/// What a page says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page<T> {
    Answer(T),
    Refusal { error: String },
}

/// What the cloud at `endpoint` says of `page`, which is a path and perhaps a query, if it is sent
/// `body`. `name` is that of the command, for its errors.
pub(super) async fn ask<T: DeserializeOwned>(
    name: &str,
    endpoint: &Url,
    method: Method,
    page: &str,
    body: Body,
) -> Result<T, Error> {
    let failed = |why: String| Error::Failed(format!("local {name}: {endpoint}: {why}"));
    let answer = send(endpoint, method, page, body).await.map_err(failed)?;
    match read(answer).await.map_err(failed)? {
        Page::Refusal { error } => Err(failed(error)),
        Page::Answer(answer) => Ok(answer),
    }
}

/// What `page` of the cloud at `endpoint` holds, which is no document but content.
pub(super) async fn download(name: &str, endpoint: &Url, page: &str) -> Result<Body, Error> {
    let failed = |why: String| Error::Failed(format!("local {name}: {endpoint}: {why}"));
    let answer = send(endpoint, Method::GET, page, Body::empty()).await;
    let answer = answer.map_err(failed)?;
    if answer.status().is_success() {
        return Ok(answer.into_body());
    }
    match read(answer).await.map_err(failed)? {
        Page::Refusal { error } | Page::Answer(Refusal { error }) => Err(failed(error)),
    }
}

/// What a page says that is no answer.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

const UNREACHABLE: &str = "is a local cloud running there? --endpoint names another one";

async fn send(
    endpoint: &Url,
    method: Method,
    page: &str,
    body: Body,
) -> Result<Response<Body>, String> {
    let host = endpoint.host_str().unwrap_or_default();
    let host = match endpoint.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let address = endpoint.join(page).map_err(|error| error.to_string())?;
    let request = Request::builder()
        .method(method)
        .uri(address.as_str())
        .header(HOST, host)
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_LENGTH, body.length().unwrap_or_default())
        .body(body);
    let request = request.map_err(|error| error.to_string())?;
    let transport = Reqwest::new().map_err(|error| error.to_string())?;
    let answer = transport.send(request).await;
    answer.map_err(|error| format!("{error}; {UNREACHABLE}"))
}

async fn read<T: DeserializeOwned>(answer: Response<Body>) -> Result<Page<T>, String> {
    let bytes = answer.into_body().collect(MOST).await;
    let bytes = bytes.map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes)
        .map_err(|_| format!("what answers is no local cloud; {UNREACHABLE}"))
}
