//! `tcloud local clock`: the clock of a running cloud.

use std::time::Duration;

use serde::Deserialize;
use tcloud_core::body::Body;
use tcloud_core::http::Method;
use url::Url;

use super::page::ask;
use crate::console;
use crate::error::{Error, Outcome};

/// What the page of the clock says.
#[derive(Deserialize)]
struct Clock {
    now: String,
    ahead_seconds: i64,
}

/// Shows the clock of the cloud at `endpoint`, once it was put ahead.
pub(super) async fn run(ahead: Option<Duration>, endpoint: &Url) -> Result<Outcome, Error> {
    let (method, page) = match ahead {
        Some(ahead) => {
            let page = format!("/_local/clock?advance={}", ahead.as_secs());
            (Method::POST, page)
        }
        None => (Method::GET, "/_local/clock".to_owned()),
    };
    let Clock { now, ahead_seconds } = ask("clock", endpoint, method, &page, Body::empty()).await?;
    let line = format!("{now}, {ahead_seconds} s ahead");
    console::print(&console::printable(&line))?;
    Ok(Outcome::Done)
}
