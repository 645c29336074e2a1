//! `tcloud local reset`: empties a running cloud.

use serde::Deserialize;
use tcloud_core::body::Body;
use tcloud_core::http::Method;
use url::Url;

use super::page::ask;
use crate::console;
use crate::error::{Error, Outcome};

/// What there was.
#[derive(Deserialize)]
struct Emptied {
    buckets: u64,
    objects: u64,
    jobs: u64,
}

/// Empties the cloud at `endpoint`.
pub(super) async fn run(endpoint: &Url) -> Result<Outcome, Error> {
    let emptied = ask(
        "reset",
        endpoint,
        Method::POST,
        "/_local/reset",
        Body::empty(),
    )
    .await?;
    let Emptied {
        buckets,
        objects,
        jobs,
    } = emptied;
    console::print(&format!(
        "forgotten: {buckets} buckets, {objects} objects, {jobs} jobs"
    ))?;
    Ok(Outcome::Done)
}
