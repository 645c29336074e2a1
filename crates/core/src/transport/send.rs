//! What sends a request, and why no response came.

use std::fmt;
use std::sync::Arc;

use http::{Request, Response};

use crate::body::Body;
use crate::future::BoxFuture;

/// Sends a request and brings the response.
///
/// The URI says where to connect; the `Host` header says whom to ask there, and may differ.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends `request`. A response of any status is a success here.
    fn send(&self, request: Request<Body>)
    -> BoxFuture<'_, Result<Response<Body>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        self.as_ref().send(request)
    }
}

/// Why no response came.
#[derive(Debug)]
#[non_exhaustive]
pub struct TransportError {
    /// What happened.
    pub message: String,
    /// Whether the request may have reached the other side. `false` is a promise that it has not.
    pub sent: bool,
    /// Whether it took too long.
    pub timeout: bool,
    /// The cause.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TransportError {
    /// An error of a request that may have been sent.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            sent: true,
            timeout: false,
            source: None,
        }
    }

    /// An error of a request that was certainly not sent.
    pub fn unsent(message: impl Into<String>) -> Self {
        Self {
            sent: false,
            ..Self::new(message)
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}
