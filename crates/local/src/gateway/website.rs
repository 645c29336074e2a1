//! Requests to buckets as websites.
//!
//! Everybody is a stranger to a website: what a request has of a signature or a query is not looked at,
//! and each object that may answer is asked for as a stranger asks the bucket for it, by the same way.
//!
//! The documents do not say with which status browsers are sent elsewhere. It is 302 here, which no
//! browser remembers.

use http::header::{
    AUTHORIZATION, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE, LOCATION, RANGE,
};
use http::request::Parts;
use http::{Method, StatusCode, Uri};
use tcloud_core::body::Body;
use tcloud_core::server::{Answer, Fault, Outgoing};
use tcloud_core::sign::encode;
use tcloud_cos::operation::get_object::{self, GetObjectResponse};

use super::Gateway;
use super::log::Entry;
use super::render::elsewhere;
use super::target::{self, Target};
use crate::cos::{Elsewhere, Website};
use crate::https::Secure;

/// What asks for a part of an object, or on a condition: nobody means that of an error's page.
const ABOUT_THE_OBJECT: [HeaderName; 5] = [
    RANGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
];

/// Marks a request for what may be a page of a website.
#[derive(Debug, Clone, Copy)]
pub(super) struct ForAPage;

/// A request to a website.
struct Asked<'a> {
    parts: Parts,
    target: &'a Target,
    /// The key it names.
    key: &'a str,
}

impl Gateway {
    /// Answers a request to the website of a bucket.
    pub(super) async fn serve_website(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        // A browser asks the bucket's rules about requests to come.
        if parts.method == Method::OPTIONS {
            return self.serve_storage(parts, body, target, entry).await;
        }
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let message =
                "a website is only read, by GET and HEAD; send this to the bucket's own host";
            let code = "MethodNotAllowed";
            return Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, code, message));
        }
        if let (Some(bucket), Some(region)) = (self.bucket(target).await?, &target.region)
            && bucket.region != *region
        {
            return Err(elsewhere(&bucket, region));
        }
        let name = target.bucket.as_deref().unwrap_or_default();
        let site = Website::of(&self.state, name).await?;
        let asked = Asked {
            parts: as_stranger(parts),
            target,
            key: target.path.strip_prefix('/').unwrap_or_default(),
        };
        if site.wants_https() && !is_secure(parts) {
            let query = parts.uri.query().map(|query| format!("?{query}"));
            let query = query.unwrap_or_default();
            return asked.sent_to(true, asked.key, &query);
        }
        if let Some(Elsewhere { by_https, key }) = site.moved(asked.key) {
            return asked.sent_to(by_https, &key, "");
        }
        let fault = match self.found(&site, &asked, entry).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        if let Some(Elsewhere { by_https, key }) = site.sent_on(asked.key, fault.status) {
            return asked.sent_to(by_https, &key, "");
        }
        if let Some(page) = site
            .error_page(fault.status)
            .filter(|_| fault.status.is_client_error())
        {
            let mut asked = asked;
            for name in ABOUT_THE_OBJECT {
                asked.parts.headers.remove(name);
            }
            if let Ok(mut answer) = self.object(&asked, page.key, entry).await {
                answer.status = page.status;
                return Ok(answer);
            }
        }
        Err(fault)
    }

    /// The page that a request asks for.
    async fn found(
        &self,
        site: &Website,
        asked: &Asked<'_>,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        let missing = match self.object(asked, &site.page(asked.key), entry).await {
            Err(fault) if fault.status == StatusCode::NOT_FOUND => fault,
            answer => return answer,
        };
        if let Some(key) = site.completed(asked.key) {
            match self.object(asked, &key, entry).await {
                Err(fault) if fault.status == StatusCode::NOT_FOUND => {}
                answer => return answer,
            }
        }
        if let Some(folder) = Website::folder(asked.key)
            && self
                .object(asked, &site.index(&folder), entry)
                .await
                .is_ok()
        {
            return asked.sent_to(false, &folder, "");
        }
        Err(missing)
    }

    /// The object `key`, as the bucket answers a stranger.
    async fn object(
        &self,
        asked: &Asked<'_>,
        key: &str,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        let target = Target {
            path: format!("/{key}"),
            is_website: false,
            ..asked.target.clone()
        };
        let asked = self.serve_storage(&asked.parts, Body::empty(), &target, entry);
        Box::pin(asked).await
    }
}

impl Asked<'_> {
    /// The answer that sends a browser to `key` of this website.
    fn sent_to(&self, by_https: bool, key: &str, query: &str) -> Result<Outgoing, Fault> {
        let scheme = if by_https || is_secure(&self.parts) {
            "https"
        } else {
            "http"
        };
        let host = target::host_name(&self.parts);
        let path = encode::path(&format!("/{key}"));
        let answer = Answer::new(GetObjectResponse::new()).status(StatusCode::FOUND);
        let mut outgoing = Outgoing::encode(&get_object::OPERATION, answer)?;
        if let Ok(location) = HeaderValue::from_str(&format!("{scheme}://{host}{path}{query}")) {
            outgoing.headers.insert(LOCATION, location);
        }
        Ok(outgoing)
    }
}

/// Whether a request came over TLS.
pub(super) fn is_secure(parts: &Parts) -> bool {
    parts.extensions.get::<Secure>().is_some()
}

/// The request without what is for the bucket alone.
fn as_stranger(parts: &Parts) -> Parts {
    let mut parts = parts.clone();
    parts.headers.remove(AUTHORIZATION);
    parts.extensions.insert(ForAPage);
    let mut uri = parts.uri.into_parts();
    uri.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    // What had all parts before has them still.
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
    parts
}
