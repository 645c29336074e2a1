//! The ready transport: `reqwest` over rustls.

use std::time::Duration;

use http::{Request, Response};

use super::{Transport, TransportError};
use crate::body::Body;
use crate::credentials::BoxFuture;

/// The ready transport: `reqwest` over rustls, with pooled connections and the system's proxy.
#[derive(Debug, Clone)]
pub struct Reqwest(::reqwest::Client);

impl Reqwest {
    /// A transport with the defaults: 10 s to connect, no redirects, whose signatures would not
    /// fit.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new() -> Result<Self, TransportError> {
        ::reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .redirect(::reqwest::redirect::Policy::none())
            .build()
            .map(Self)
            .map_err(|error| TransportError::unsent(error.to_string()))
    }
}

/// A client made elsewhere, with proxies and certificates of its own.
impl From<::reqwest::Client> for Reqwest {
    fn from(client: ::reqwest::Client) -> Self {
        Self(client)
    }
}

impl Transport for Reqwest {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let request = request.map(|body| match body.as_bytes() {
                Some(bytes) => ::reqwest::Body::from(bytes.to_vec()),
                None => ::reqwest::Body::wrap_stream(body),
            });
            let request = ::reqwest::Request::try_from(request)
                .map_err(|error| TransportError::unsent(error.to_string()))?;
            let response = self.0.execute(request).await.map_err(described)?;
            let length = response.content_length();
            let response = Response::from(response);
            let (parts, body) = response.into_parts();
            Ok(Response::from_parts(
                parts,
                Body::from_stream(Incoming(body), length),
            ))
        })
    }
}

/// The innermost cause says more than the layers around it.
fn described(error: ::reqwest::Error) -> TransportError {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    TransportError {
        message: cause.to_string(),
        sent: !(error.is_connect() || error.is_builder()),
        timeout: error.is_timeout(),
        source: Some(error.into()),
    }
}

/// The response's body as a stream of chunks.
struct Incoming(::reqwest::Body);

impl futures_core::Stream for Incoming {
    type Item = std::io::Result<bytes::Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        use http_body::Body as _;
        loop {
            match std::pin::Pin::new(&mut self.0).poll_frame(context) {
                std::task::Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return std::task::Poll::Ready(Some(Ok(data)));
                    }
                }
                std::task::Poll::Ready(Some(Err(error))) => {
                    return std::task::Poll::Ready(Some(Err(std::io::Error::other(error))));
                }
                std::task::Poll::Ready(None) => return std::task::Poll::Ready(None),
                std::task::Poll::Pending => return std::task::Poll::Pending,
            }
        }
    }
}
