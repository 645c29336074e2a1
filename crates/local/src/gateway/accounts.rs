//! The page of the account: who there is and who may do what, shown and replaced.

use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;

use super::pages::{failed, json_page, not_allowed};
use crate::state::State;

/// Where it is.
pub(super) const PAGE: &str = "/_local/accounts";
/// The longest account, in bytes.
const LIMIT: usize = 1024 * 1024;

/// Answers `GET`, and `PUT` with an account in the place of this one.
pub(super) async fn answer(state: &State, method: &Method, body: Body) -> Response<Body> {
    match *method {
        Method::GET | Method::HEAD => shown(state),
        Method::PUT => match replace(state, body).await {
            Ok(()) => shown(state),
            Err(why) => failed(&why),
        },
        _ => not_allowed("the account is shown with GET and replaced with PUT"),
    }
}

fn shown(state: &State) -> Response<Body> {
    let account = state.directory().account().shown();
    json_page(StatusCode::OK, &json!({ "account": account }))
}

async fn replace(state: &State, body: Body) -> Result<(), String> {
    let bytes = body.collect(LIMIT).await;
    let bytes = bytes.map_err(|error| format!("the account cannot be read: {error}"))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| "the account cannot be read: it is no text in UTF-8".to_owned())?;
    let read = state.directory().account().read_again(text);
    read.and_then(|account| state.set_account(account))
        .map_err(|error| error.to_string())
}
