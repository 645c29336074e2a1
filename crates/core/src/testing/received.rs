//! A request that reached a transport of a test.

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};
use percent_encoding::percent_decode_str;

use crate::body::Body;
use crate::codec::gzip;
use crate::node::Node;
use crate::operation::{BodyFormat, Operation};
use crate::server::{Head, Incoming, Route};
use crate::transport::TransportError;

/// Larger bodies are refused rather than kept.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;

/// A request that was sent, as it was sent.
///
/// `Debug` shows neither headers nor body: they hold the signature and may hold secrets.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received {
    /// The operation; `None` of a request that no client of this SDK has sent.
    pub operation: Option<&'static Operation>,
    /// The method.
    pub method: Method,
    /// Where it was sent.
    pub uri: Uri,
    /// Its headers, `host` among them.
    pub headers: HeaderMap,
    /// Its body, at most 64 MiB.
    pub body: Bytes,
}

impl Received {
    /// Reads `request` with its body.
    pub(super) async fn read(request: Request<Body>) -> Result<Self, TransportError> {
        let operation = Operation::of(&request);
        let (
            Parts {
                method,
                uri,
                headers,
                ..
            },
            body,
        ) = request.into_parts();
        let body = body
            .collect(LIMIT)
            .await
            .map_err(|error| TransportError::unsent(format!("the body cannot be read: {error}")))?;
        Ok(Self {
            operation,
            method,
            uri,
            headers,
            body,
        })
    }

    /// The request as it came, to be sent on.
    pub(super) fn into_request(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        if let Some(operation) = self.operation {
            request.extensions_mut().insert(operation);
        }
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request
    }

    /// The decoded path.
    pub fn path(&self) -> String {
        decoded(self.uri.path())
    }

    /// The decoded query string, without the parts of a signature.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.uri.query().unwrap_or_default();
        query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .filter(|(name, _)| !super::strike::is_signature(name))
            .collect()
    }

    /// The body; a document that travels compressed, as it was before.
    pub(super) fn document(&self) -> Bytes {
        let is_json = |it: &Operation| it.request_body == BodyFormat::Json;
        if !self.operation.is_some_and(is_json) {
            return self.body.clone();
        }
        let unpacked = gzip::decoded(&self.headers, self.body.clone(), LIMIT);
        unpacked.unwrap_or_else(|_| self.body.clone())
    }

    /// The name of the operation, such as `cos:GetObject`, for messages.
    pub(super) fn name(&self) -> String {
        match self.operation {
            Some(operation) => format!("{}:{}", operation.service.name, operation.name),
            None => format!("{} {}", self.method, self.uri.path()),
        }
    }

    /// The typed request, as a server reads it.
    pub(super) fn decode<Q: Node + Default>(
        &self,
        operation: &'static Operation,
    ) -> Result<Q, String> {
        let query = self.query();
        let path = self.path();
        let host = self.headers.get(HOST).and_then(|host| host.to_str().ok());
        let head = Head {
            method: &self.method,
            host: host.unwrap_or_default(),
            path: &path,
            query: &query,
            headers: Some(&self.headers),
            action: Some(operation.name),
            version: None,
            body: Some(&self.body),
        };
        let route = Route::to(operation, &head)
            .ok_or_else(|| format!("its host or path is not that of {}", operation.name))?;
        Incoming::new(
            route,
            query.clone(),
            self.headers.clone(),
            self.body.clone().into(),
        )
        .and_then(Incoming::decode)
        .map(|(request, _)| request)
        .map_err(|fault| fault.to_string())
    }
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.name(), self.body.len())
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
