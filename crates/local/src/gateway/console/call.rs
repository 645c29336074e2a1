//! Calls of the services in the name of the account's owner: by the handlers that answer programs.
//!
//! `GET /_local/console/call/cos/album-1250000000/cat.png` is a `GetObject`, and
//! `…/call/ci/album-1250000000/jobs?…` lists jobs, as if the owner had signed them. They are not
//! among the requests that the console shows, and no rule for faults meets them: those are of the
//! program under test.

use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::{Request, Response, Uri};
use tcloud_core::body::Body;

use super::super::pages::{failed, unknown};
use super::super::{AsOwner, Gateway};
use crate::cos::is_bucket_name;

/// Beginnings of the names of headers that say something to a service; others are the browser's.
const PASSED: [&str; 9] = [
    "cache-control",
    "content-",
    "if-",
    "pic-operations",
    "range",
    "x-ci-",
    "x-cos-",
    "x-tc-",
    "expires",
];

impl Gateway {
    /// Makes the call that `rest`, a part of the path as it was sent, asks for.
    pub(super) async fn call(&self, parts: &Parts, rest: &str, body: Body) -> Response<Body> {
        let (service, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, path) = match service {
            "cos" | "ci" => {
                let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() && service == "cos" {
                    ("service.cos.myqcloud.com".to_owned(), "")
                } else if is_bucket_name(bucket) {
                    let region = self.region_of(bucket).await;
                    (format!("{bucket}.{service}.{region}.myqcloud.com"), path)
                } else {
                    return failed(&format!("`{bucket}` cannot be the name of a bucket"));
                }
            }
            _ => return unknown(&format!("the console calls cos and ci, and no {service}")),
        };
        let target = match parts.uri.query() {
            Some(query) => format!("/{path}?{query}"),
            None => format!("/{path}"),
        };
        let (Ok(uri), Ok(host)) = (target.parse::<Uri>(), HeaderValue::from_str(&host)) else {
            return failed("the address cannot be that of an object");
        };
        let mut request = Request::new(body);
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = uri;
        for (name, value) in &parts.headers {
            if PASSED.iter().any(|start| name.as_str().starts_with(start)) {
                request.headers_mut().append(name, value.clone());
            }
        }
        request.headers_mut().insert(HOST, host);
        request.extensions_mut().insert(AsOwner);
        // Boxed: a request is answered within one.
        Box::pin(self.handle(request)).await
    }

    /// The region of a bucket, or the one that a new bucket gets.
    pub(super) async fn region_of(&self, bucket: &str) -> String {
        match self.state.store.bucket(bucket).await {
            Ok(bucket) => bucket.region,
            Err(_) => self.settings().default_region.clone(),
        }
    }
}
