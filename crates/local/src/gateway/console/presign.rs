//! URLs that carry their own signature, by the key of the account's owner.

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::sign::qsign::{Request, Signer, TokenName, Window};

use super::super::Gateway;
use super::super::pages::{failed, json_page};
use super::sent::document;

/// How long before it is made a URL is good: clocks differ.
const BEFORE: i64 = 60;
/// The longest time for which one is good, in seconds: a year.
const LONGEST: i64 = 366 * 24 * 3600;

/// What is to be signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    bucket: String,
    key: String,
    /// `GET`, `HEAD`, `PUT` or `DELETE`.
    method: String,
    seconds: i64,
    /// A pipeline, if a picture is to be processed.
    #[serde(default)]
    rule: String,
}

impl Gateway {
    /// Signs the URL of an object at the address by which the console is reached.
    pub(super) async fn presign(&self, parts: &Parts, body: Body) -> Response<Body> {
        let wish: Wish = match document(body).await {
            Ok(wish) => wish,
            Err(why) => return failed(&why),
        };
        let method = match wish.method.as_str() {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            "PUT" => Method::PUT,
            "DELETE" => Method::DELETE,
            other => {
                return failed(&format!(
                    "{other} cannot be signed; use GET, HEAD, PUT or DELETE"
                ));
            }
        };
        if !(1..=LONGEST).contains(&wish.seconds) {
            return failed(&format!("a URL is good for 1 to {LONGEST} seconds"));
        }
        let directory = self.state.directory();
        let Some(key) = directory.account().keys.first() else {
            return failed(
                "the root account has no access key; start the cloud with --key ID:SECRET",
            );
        };
        let Some(host) = parts.headers.get(HOST) else {
            return failed("the request names no host");
        };
        let headers = HeaderMap::from_iter([(HOST, host.clone())]);
        let rule = (!wish.rule.is_empty()).then_some((wish.rule, String::new()));
        let query: Vec<_> = rule.into_iter().collect();
        let now = self.state.unix_seconds();
        let expires = now.saturating_add(wish.seconds);
        let window = Window::new(now.saturating_sub(BEFORE), expires);
        let signed = Signer::new(key, TokenName::Cos, window).presign(
            "http",
            &Request {
                method: &method,
                path: &format!("/{}/{}", wish.bucket, wish.key),
                query: &query,
                headers: &headers,
            },
        );
        match signed {
            Ok(signed) => {
                let made = json!({ "url": signed.url, "expires": expires });
                json_page(StatusCode::OK, &made)
            }
            Err(error) => failed(&format!("the URL cannot be signed: {error}")),
        }
    }
}
