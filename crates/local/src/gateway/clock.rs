//! The page of the cloud's clock: it shows the time, and puts it ahead.

use std::time::Duration;

use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::time::format_iso_utc;

use super::pages::{failed, json_page, not_allowed};
use crate::state::State;

/// Where it is.
pub(super) const PAGE: &str = "/_local/clock";

/// Answers `GET`, and `POST` with `advance`, a number of seconds.
pub(super) async fn answer(
    state: &State,
    method: &Method,
    query: &[(String, String)],
) -> Response<Body> {
    if method == Method::POST {
        let advanced = match seconds(query) {
            Some(seconds) => {
                state
                    .store
                    .advance_clock(Duration::from_secs(seconds))
                    .await
            }
            None => return failed("give the seconds as in POST /_local/clock?advance=3600"),
        };
        if let Err(error) = advanced {
            return failed(&format!("the clock cannot advance: {error}"));
        }
    } else if !matches!(*method, Method::GET | Method::HEAD) {
        return not_allowed("the clock is read with GET and advanced with POST");
    }
    let ahead = state.store.ahead().div_euclid(1000);
    json_page(
        StatusCode::OK,
        &json!({ "now": format_iso_utc(state.unix_seconds()), "ahead_seconds": ahead }),
    )
}

fn seconds(query: &[(String, String)]) -> Option<u64> {
    match query {
        [(name, value)] if name == "advance" => value.parse().ok(),
        _ => None,
    }
}
