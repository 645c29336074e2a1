//! `tcloud local snapshot`: all of the state of a running cloud as one file, out and in.

use std::path::Path;

use serde::Deserialize;
use tcloud_core::body::Body;
use tcloud_core::http::Method;
use url::Url;

use super::page::{ask, download};
use crate::console;
use crate::error::{Error, Outcome};
use crate::save;

const PAGE: &str = "/_local/snapshot";

/// What a cloud has that was restored.
#[derive(Deserialize)]
struct Restored {
    objects: u64,
}

/// Saves what is in the cloud at `endpoint` as `file`.
pub(super) async fn save(file: &Path, endpoint: &Url) -> Result<Outcome, Error> {
    if file.exists() {
        let name = file.display();
        let message = format!("local snapshot: {name} exists, and nothing is overwritten");
        return Err(Error::Failed(format!("{message}; name another file")));
    }
    let content = download("snapshot", endpoint, PAGE).await?;
    let length = save::save(content, file, false, "another FILE").await?;
    let file = file.display();
    console::print(&format!(
        "{length} bytes are in {file}; `tcloud local snapshot restore {file}` goes back to it"
    ))?;
    Ok(Outcome::Done)
}

/// Puts what is in `file` in the place of all that is in the cloud at `endpoint`.
pub(super) async fn restore(file: &Path, endpoint: &Url) -> Result<Outcome, Error> {
    let content = Body::from_path(file).await?;
    let restored = ask("snapshot", endpoint, Method::PUT, PAGE, content).await?;
    let Restored { objects } = restored;
    console::print(&format!("restored: {objects} objects"))?;
    Ok(Outcome::Done)
}
