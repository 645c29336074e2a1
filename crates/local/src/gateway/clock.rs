//! The page of the cloud's clock: it shows the time, and puts it ahead.

use std::time::Duration;

use http::{Method, Response, StatusCode};
use serde::Serialize;
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::time::format_iso_utc;

use super::pages::{failed, json_page, not_allowed};
use crate::cos::background::{self, Report, When};
use crate::state::State;

/// What it says.
#[derive(Serialize)]
struct Page {
    now: String,
    ahead_seconds: i64,
    /// What was due when the clock was advanced.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<Report>,
}

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
    let done = if method == Method::POST {
        // The answer comes after what is due by now, so that a test need not wait for it.
        match background::run(state, When::Now).await {
            Ok(done) => Some(done),
            Err(error) => {
                return failed(&format!(
                    "the clock was advanced, and what is due since is not done: {error}"
                ));
            }
        }
    } else {
        None
    };
    let page = Page {
        now: format_iso_utc(state.unix_seconds()),
        ahead_seconds: state.store.ahead().div_euclid(1000),
        done,
    };
    json_page(StatusCode::OK, &json!(page))
}

fn seconds(query: &[(String, String)]) -> Option<u64> {
    match query {
        [(name, value)] if name == "advance" => value.parse().ok(),
        _ => None,
    }
}
