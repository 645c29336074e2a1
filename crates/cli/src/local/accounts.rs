//! `tcloud local accounts`: the account of a running cloud.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tcloud_core::body::Body;
use tcloud_core::http::Method;
use url::Url;

use super::page::ask;
use crate::console;
use crate::error::{Error, Outcome};

/// What the page says.
#[derive(Deserialize)]
struct Page {
    account: Value,
}

/// Shows the account of the cloud at `endpoint`, once that in the file `new` has taken its place.
pub(super) async fn run(new: Option<&Path>, endpoint: &Url) -> Result<Outcome, Error> {
    let (method, body) = match new {
        None => (Method::GET, Body::empty()),
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| {
                let name = path.display();
                Error::Usage(format!("the account {name} cannot be read: {error}"))
            })?;
            (Method::PUT, Body::from(text))
        }
    };
    let page: Page = ask("accounts", endpoint, method, "/_local/accounts", body).await?;
    console::print(&console::printable(&format!("{:#}", page.account)))?;
    Ok(Outcome::Done)
}
