//! What web pages of other sites may do with a bucket: its CORS rules say so.

use http::header::ORIGIN;
use http::request::Parts;
use http::{HeaderMap, Method};
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

use super::target::Target;
use super::{Gateway, render};
use crate::cos;

impl Gateway {
    /// What the answer to a request to `target` says to a browser, whatever else it says.
    ///
    /// # Errors
    ///
    /// It comes from a web page of another site that no rule lets through: this cloud's keys are no
    /// secret to any page.
    pub(super) async fn share(&self, parts: &Parts, target: &Target) -> Result<HeaderMap, Fault> {
        let origin = parts.headers.get(ORIGIN).and_then(|it| it.to_str().ok());
        let (Some(origin), Some(bucket)) = (origin, &target.bucket) else {
            return Ok(HeaderMap::new());
        };
        // A preflight asks what the rules say; its answer is that of the operation.
        if target.protocol != Protocol::Cos || parts.method == Method::OPTIONS {
            return Ok(HeaderMap::new());
        }
        let method = parts.method.as_str();
        let shared = cos::shared(&self.state, bucket, origin, method).await?;
        match (shared, &target.foreign) {
            (Some(headers), _) => Ok(headers),
            (None, Some(refusal)) => Err(render::refusal(target.protocol, refusal)),
            (None, None) => Ok(HeaderMap::new()),
        }
    }
}
