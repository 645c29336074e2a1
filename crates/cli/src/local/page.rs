//! Asking a running cloud for one of its own pages.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tcloud_core::body::Body;
use tcloud_core::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use tcloud_core::http::{Method, Request};
use tcloud_core::transport::{Reqwest, Transport};
use url::Url;

use crate::error::Error;

/// No page is longer.
const MOST: usize = 64 * 1024;

/// What a page says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page<T> {
    Answer(T),
    Refusal { error: String },
}

/// What the cloud at `endpoint` says of `page`, which is a path and perhaps a query. `name` is that of
/// the command, for its errors.
pub(super) async fn ask<T: DeserializeOwned>(
    name: &str,
    endpoint: &Url,
    method: Method,
    page: &str,
) -> Result<T, Error> {
    let failed = |why: String| Error::Failed(format!("local {name}: {endpoint}: {why}"));
    match send(endpoint, method, page).await.map_err(failed)? {
        Page::Refusal { error } => Err(failed(error)),
        Page::Answer(answer) => Ok(answer),
    }
}

async fn send<T: DeserializeOwned>(
    endpoint: &Url,
    method: Method,
    page: &str,
) -> Result<Page<T>, String> {
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
        .header(CONTENT_LENGTH, 0)
        .body(Body::empty());
    let request = request.map_err(|error| error.to_string())?;
    let transport = Reqwest::new().map_err(|error| error.to_string())?;
    let unreachable = "is a local cloud running there? --endpoint names another one";
    let answer = transport
        .send(request)
        .await
        .map_err(|error| format!("{error}; {unreachable}"))?;
    let bytes = answer.into_body().collect(MOST).await;
    let bytes = bytes.map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes)
        .map_err(|_| format!("what answers is no local cloud; {unreachable}"))
}
