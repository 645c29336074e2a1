//! The pages about the local cloud itself.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;

use super::log::Requests;
use crate::services::{self, implements};

/// How many requests a page shows unless asked for more.
const SHOWN: usize = 100;

/// Answers a request for a page below `/_local/`.
pub(super) fn answer(
    requests: &Requests,
    method: &Method,
    path: &str,
    query: &[(String, String)],
) -> Response<Body> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let why = json!({ "error": format!("{path} can only be read, with GET") });
        return json_page(StatusCode::METHOD_NOT_ALLOWED, &why);
    }
    match path {
        "/_local/health" => json_page(
            StatusCode::OK,
            &json!({
                "status": "ok",
                "version": env!("CARGO_PKG_VERSION"),
                "services": implemented(),
            }),
        ),
        "/_local/requests" => {
            let limit = query
                .iter()
                .find(|(name, _)| name == "limit")
                .map_or(Some(SHOWN), |(_, text)| text.parse().ok());
            match limit {
                Some(limit) => {
                    json_page(StatusCode::OK, &json!({ "requests": requests.last(limit) }))
                }
                None => json_page(
                    StatusCode::BAD_REQUEST,
                    &json!({ "error": "limit must be a number, such as 100" }),
                ),
            }
        }
        _ => json_page(
            StatusCode::NOT_FOUND,
            &json!({
                "error": format!("there is no page {path}"),
                "pages": ["/_local/health", "/_local/requests", "/_local/metrics", "/_local/clock"],
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

/// A page that shows `value`.
pub(super) fn json_page(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{value:#}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
