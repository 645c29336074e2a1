//! `tcloud local clock`: the clock of a running cloud.

use std::time::Duration;

use serde::Deserialize;
use tcloud_core::body::Body;
use tcloud_core::http::Request;
use tcloud_core::http::header::{CONTENT_LENGTH, HOST};
use tcloud_core::transport::{Reqwest, Transport};
use url::Url;

use crate::console;
use crate::error::{Error, Outcome};

/// The page is no longer.
const MOST: usize = 64 * 1024;

/// What the page of the clock says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    Clock { now: String, ahead_seconds: i64 },
    Refusal { error: String },
}

/// Shows the clock of the cloud at `endpoint`, once it was put ahead.
pub(super) async fn run(ahead: Option<Duration>, endpoint: &Url) -> Result<Outcome, Error> {
    let failed = |why: String| Error::Failed(format!("local clock: {endpoint}: {why}"));
    match ask(ahead, endpoint).await.map_err(failed)? {
        Page::Refusal { error } => Err(failed(error)),
        Page::Clock { now, ahead_seconds } => {
            let line = format!("{now}, {ahead_seconds} s ahead");
            console::print(&console::printable(&line))?;
            Ok(Outcome::Done)
        }
    }
}

async fn ask(ahead: Option<Duration>, endpoint: &Url) -> Result<Page, String> {
    let host = endpoint.host_str().unwrap_or_default();
    let host = match endpoint.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut page = endpoint
        .join("/_local/clock")
        .map_err(|error| error.to_string())?;
    let request = match ahead {
        Some(ahead) => {
            page.set_query(Some(&format!("advance={}", ahead.as_secs())));
            Request::post(page.as_str()).header(CONTENT_LENGTH, 0)
        }
        None => Request::get(page.as_str()),
    };
    let request = request.header(HOST, host).body(Body::empty());
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
