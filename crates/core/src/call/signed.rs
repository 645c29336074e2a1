//! A signed request, as it would be sent.

use std::fmt;

use bytes::Bytes;
use http::Request;

use super::answer::LIMIT;
use super::identity::Identity;
use super::options::CallOptions;
use super::prepare::prepare;
use crate::body::Body;
use crate::client::Client;
use crate::codec::{self, gzip};
use crate::error::Error;
use crate::future::BoxFuture;
use crate::node::Node;
use crate::operation::{BodyFormat, Operation};
use crate::sign::Signature;

/// A request that is being signed.
pub type Signing = BoxFuture<'static, Result<SignedRequest, Error>>;

impl Client {
    /// Signs a request without sending it.
    ///
    /// # Errors
    /// The request lacks something, or there are no credentials.
    pub fn sign<'a>(
        &'a self,
        operation: &'static Operation,
        request: &'a dyn Node,
        body: Body,
        options: &'a CallOptions,
    ) -> BoxFuture<'a, Result<SignedRequest, Error>> {
        Box::pin(async move {
            sign(self, operation, request, body, options)
                .await
                .map_err(|error| error.of(operation))
        })
    }
}

async fn sign(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    raw: Body,
    options: &CallOptions,
) -> Result<SignedRequest, Error> {
    let mut identity = Identity::of(client, operation, options).await;
    let mut prepared = prepare(client, operation, request, raw, options, identity.region())?;
    prepared.compute_headers().await?;
    let credentials = identity.credentials().await?;
    let (request, signature) =
        prepared.sign(credentials.as_deref(), client.now(client.skew()), 0)?;
    Ok(SignedRequest {
        operation,
        request,
        signature,
    })
}

/// A request as it would be sent.
///
/// `Display` and `Debug` show it without its signature and token, and without the values of
/// sensitive fields.
pub struct SignedRequest {
    operation: &'static Operation,
    request: Request<Body>,
    signature: Signature,
}

impl SignedRequest {
    /// The request. Its headers hold the signature and, if there is one, the session token.
    pub fn into_http(self) -> Request<Body> {
        self.request
    }

    /// The request.
    pub fn http(&self) -> &Request<Body> {
        &self.request
    }

    /// The canonical text that was signed. It holds no secret key, but a session token if there
    /// is one.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

impl fmt::Display for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.request.method(), self.request.uri())?;
        for (name, value) in self.request.headers() {
            // Signature, token and sensitive fields are marked where they are set.
            let shown = if value.is_sensitive() {
                codec::SECRET.into()
            } else {
                String::from_utf8_lossy(value.as_bytes())
            };
            writeln!(f, "{name}: {shown}")?;
        }
        match self.shown_body() {
            Some(text) if text.is_empty() => Ok(()),
            Some(text) => write!(f, "\n{text}"),
            None => write!(f, "\n{:?}", self.request.body()),
        }
    }
}

impl SignedRequest {
    /// The document in the body, without its secrets; `None` for raw bytes.
    fn shown_body(&self) -> Option<String> {
        let bytes = Bytes::copy_from_slice(self.request.body().as_bytes()?);
        let bytes = match self.operation.request_body {
            BodyFormat::Raw => bytes,
            _ => gzip::decoded(self.request.headers(), bytes, LIMIT).ok()?,
        };
        let text = std::str::from_utf8(&bytes).ok()?;
        if text.is_empty() {
            return Some(String::new());
        }
        codec::redacted(self.operation.request_body, self.operation.request, text)
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
