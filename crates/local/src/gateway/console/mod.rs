//! The console: pages for people, at `/_local/`, and what they ask, below `/_local/console/`.
//!
//! | what | file |
//! | --- | --- |
//! | the page, its scripts and its style, and what a browser may do with them | `assets` |
//! | calls of the services in the name of the account's owner | `call` |
//! | requests as they come | `events` |
//! | one request: what it carried, beside the table of its operation | `request`, `tree`, `struck` |
//! | URLs that are signed | `presign` |
//! | pictures: pipelines and inspections | `picture` |
//! | jobs and callbacks | `jobs` |
//! | what is implemented | `operations` |
//!
//! It acts for the owner without a signature, so it answers this machine alone, by names that
//! nobody can make lead here, and no page of another site.

mod assets;
mod call;
mod events;
mod jobs;
mod operations;
mod picture;
mod presign;
mod request;
mod sent;
mod struck;
mod tree;

use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::sign::encode;

use super::pages::{json_page, not_allowed, unknown};
use super::{Gateway, Via, target, via};

/// Where the page is.
const PAGE: &str = "/_local/";
/// What begins the addresses of all else.
const PREFIX: &str = "/_local/console/";

impl Gateway {
    /// Answers a request for the console, or gives the body back.
    pub(super) async fn console(&self, parts: &Parts, body: Body) -> Result<Response<Body>, Body> {
        let path = parts.uri.path();
        let asked = match path.strip_prefix(PREFIX) {
            Some(rest) => rest,
            None if path == PAGE => "",
            None => return Err(body),
        };
        if !self.settings().console {
            return Ok(unknown("the console is switched off"));
        }
        if let Err(why) = guard(parts) {
            let answer = json!({ "error": why });
            return Ok(json_page(StatusCode::FORBIDDEN, &answer));
        }
        let is_read = matches!(parts.method, Method::GET | Method::HEAD);
        if let Some(asset) = assets::find(asked) {
            return Ok(if is_read {
                assets::answer(asset)
            } else {
                not_allowed("the console is read with GET")
            });
        }
        let mut response = self.console_answer(parts, asked, body).await;
        let headers = response.headers_mut();
        // What a program stored is shown, and never runs beside the console.
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        );
        headers.insert(
            "x-content-type-options",
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("same-origin"),
        );
        Ok(response)
    }

    async fn console_answer(&self, parts: &Parts, asked: &str, body: Body) -> Response<Body> {
        if let Some(rest) = asked.strip_prefix("call/") {
            return self.call(parts, rest, body).await;
        }
        let Some(asked) = encode::decode_path(asked) else {
            return unknown("the address is not UTF-8");
        };
        let segments: Vec<_> = asked.split('/').collect();
        match (parts.method.as_str(), segments.as_slice()) {
            ("GET", ["events"]) => self.events(),
            ("GET", ["requests", id]) => self.request(id),
            ("POST", ["presign"]) => self.presign(parts, body).await,
            ("GET", ["pictures"]) => picture::grammar(),
            ("POST", ["pictures"]) => picture::rule(body).await,
            ("POST", ["inspect"]) => self.inspect(body).await,
            ("GET", ["jobs"]) => self.listed_jobs(parts).await,
            ("GET", ["jobs", id]) => self.job(id).await,
            ("POST", ["jobs", id, "cancel"]) => self.cancel(id).await,
            ("POST", ["jobs", id, "again"]) => self.again(id).await,
            ("POST", ["callbacks", id, "again"]) => self.deliver(id).await,
            ("GET", ["operations"]) => operations::answer(),
            _ => unknown(&format!(
                "the console has no {} {PREFIX}{asked}",
                parts.method
            )),
        }
    }
}

/// Refuses who may not see the console, with the reason.
///
/// Which host a request names and which site sent it was checked before, as for every page; what
/// acts for the owner is asked for by fewer.
fn guard(parts: &Parts) -> Result<(), &'static str> {
    if via(parts) == Via::Network {
        return Err(
            "the console answers the machine of the local cloud alone; open it there, or bring \
             its port here by `ssh -L 8273:127.0.0.1:8273 HOST`",
        );
    }
    if !target::is_loopback(parts) {
        return Err(
            "the console has the names localhost, 127.0.0.1 and [::1] alone; use one of them",
        );
    }
    // Browsers say from which site a request comes, also where it has no `Origin`.
    let site = parts.headers.get("sec-fetch-site");
    let is_own = site.is_none_or(|site| site == "same-origin" || site == "none");
    // Other pages may lead to the page, which does nothing by itself.
    if !is_own && parts.uri.path() != PAGE {
        return Err("a page of another site asks for this");
    }
    Ok(())
}
