//! The way from a client to a local cloud in the same process.

use http::header::{HOST, HeaderValue};
use http::uri::{Authority, PathAndQuery};
use http::{Request, Response, Uri};
use tcloud_core::body::Body;
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::{Transport, TransportError};

use crate::LocalCloud;

/// Brings requests to a [`LocalCloud`] without a socket.
#[derive(Debug, Clone)]
pub struct LocalTransport(LocalCloud);

impl LocalCloud {
    /// A transport that brings a client's requests here without a socket.
    pub fn transport(&self) -> LocalTransport {
        LocalTransport(self.clone())
    }
}

impl Transport for LocalTransport {
    fn send(
        &self,
        mut request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            connect(&mut request);
            Ok(self.0.handle(request).await)
        })
    }
}

/// Does what connecting does: the address was only where to connect to, and whom to ask is in the
/// `Host` header.
fn connect(request: &mut Request<Body>) {
    let authority = request.uri().authority().map(Authority::as_str);
    let host = authority.and_then(|host| HeaderValue::from_str(host).ok());
    if let Some(host) = host {
        request.headers_mut().entry(HOST).or_insert(host);
    }
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
}
