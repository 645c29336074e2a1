//! The pages about the local cloud itself.

use std::path::Path;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;

use super::log::Log;
use crate::faults::Faults;
use crate::jobs::Jobs;
use crate::services::{self, implements};

/// Where the cloud is emptied.
pub(super) const RESET: &str = "/_local/reset";

/// How many requests a page shows unless asked for more.
const SHOWN: usize = 100;

/// What a page may be about.
pub(super) struct Known<'a> {
    pub(super) log: &'a Log,
    pub(super) faults: &'a Faults,
    pub(super) jobs: &'a Jobs,
    /// What the cloud has from the start.
    pub(super) seed: Option<&'a Path>,
    /// By how many seconds the cloud's clock is ahead.
    pub(super) ahead: i64,
}

/// Answers a request for a page below `/_local/` that is only read.
pub(super) fn answer(
    known: &Known<'_>,
    method: &Method,
    path: &str,
    query: &[(String, String)],
) -> Response<Body> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return not_allowed(&format!("{path} can only be read, with GET"));
    }
    match path {
        "/_local/health" => json_page(
            StatusCode::OK,
            &json!({
                "status": "ok",
                "version": env!("CARGO_PKG_VERSION"),
                "services": implemented(),
                "seed": known.seed,
                "clock_ahead_seconds": known.ahead,
                "faults": known.faults.list(),
                "held_jobs": known.jobs.held(),
                "forced_jobs": known.jobs.forced(),
            }),
        ),
        "/_local/requests" => {
            let limit = query
                .iter()
                .find(|(name, _)| name == "limit")
                .map_or(Some(SHOWN), |(_, text)| text.parse().ok());
            match limit {
                Some(limit) => json_page(
                    StatusCode::OK,
                    &json!({ "requests": known.log.last(limit) }),
                ),
                None => failed("limit must be a number, such as 100"),
            }
        }
        _ => json_page(
            StatusCode::NOT_FOUND,
            &json!({
                "error": format!("there is no page {path}"),
                "pages": [
                    "/_local/",
                    "/_local/health",
                    "/_local/requests",
                    "/_local/metrics",
                    "/_local/clock",
                    "/_local/faults",
                    "/_local/accounts",
                    "/_local/snapshot",
                    "/_local/jobs",
                    RESET,
                ],
            }),
        ),
    }
}

/// The services that implement anything, by name.
fn implemented() -> Vec<&'static str> {
    let services = services::all().iter().map(|service| service.catalog);
    services
        .filter(|catalog| catalog.operations.iter().any(|it| implements(it)))
        .map(|catalog| catalog.service.name)
        .collect()
}

/// What was sent is not what belongs there.
pub(super) fn failed(why: &str) -> Response<Body> {
    json_page(StatusCode::BAD_REQUEST, &json!({ "error": why }))
}

/// The page is there, and this is not done to it.
pub(super) fn not_allowed(why: &str) -> Response<Body> {
    json_page(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": why }))
}

/// What is asked for is not there.
pub(super) fn unknown(why: &str) -> Response<Body> {
    json_page(StatusCode::NOT_FOUND, &json!({ "error": why }))
}

/// A page that shows `value`.
pub(super) fn json_page(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{value:#}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
