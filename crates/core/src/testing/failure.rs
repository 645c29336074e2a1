//! The ways in which an attempt can fail.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Request, Response, StatusCode};

use crate::body::Body;
use crate::transport::{Transport, TransportError};

/// How an attempt fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Nobody listens. The request was not sent, and the error says so.
    Refused,
    /// The connection breaks after the request was sent and before the service looked at it. The
    /// client cannot know that, so its error says that the request may have been sent.
    ResetBeforeService,
    /// The connection breaks after the service did its work and before the answer's head.
    ResetBeforeAnswer,
    /// The answer breaks off after so many bytes of its body.
    Cut(u64),
    /// No answer comes, ever. Only a timeout ends such an attempt.
    Silent,
    /// The service answers with this status and an empty body, without doing its work.
    Status(StatusCode),
    /// As [`Status`](Self::Status) with a `Retry-After` of so many seconds.
    RetryAfter(StatusCode, u64),
}

impl Failure {
    /// Sends `request` by `transport`, but for this failure.
    pub(super) async fn send(
        self,
        transport: &dyn Transport,
        request: Request<Body>,
    ) -> Result<Response<Body>, TransportError> {
        match self {
            Self::Refused => Err(TransportError::unsent("connection refused")),
            Self::ResetBeforeService => {
                consume(request.into_body()).await?;
                Err(reset())
            }
            Self::ResetBeforeAnswer => {
                transport.send(request).await?;
                Err(reset())
            }
            Self::Cut(length) => {
                let response = transport.send(request).await?;
                Ok(response.map(|body| cut(body, length)))
            }
            Self::Silent => {
                consume(request.into_body()).await?;
                std::future::pending().await
            }
            Self::Status(status) => {
                consume(request.into_body()).await?;
                Ok(empty(status))
            }
            Self::RetryAfter(status, seconds) => {
                consume(request.into_body()).await?;
                let mut response = empty(status);
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from(seconds));
                Ok(response)
            }
        }
    }
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn reset() -> TransportError {
    TransportError::new("connection reset by peer")
}

/// Reads a request's body as a service does that fails later.
async fn consume(mut body: Body) -> Result<(), TransportError> {
    while let Some(chunk) = body.chunk().await {
        chunk.map_err(|error| TransportError::new(error.to_string()))?;
    }
    Ok(())
}

/// `body`, which breaks off after `length` bytes. It still announces its whole length.
fn cut(body: Body, length: u64) -> Body {
    let announced = body.length();
    Body::from_stream(
        CutShort {
            body,
            left: Some(length),
        },
        announced,
    )
}

struct CutShort {
    body: Body,
    /// Bytes that still come; `None` once it has broken.
    left: Option<u64>,
}

impl Stream for CutShort {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(left) = self.left else {
            return Poll::Ready(None);
        };
        if left > 0 {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(mut bytes))) => {
                    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    if length > left {
                        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                    }
                    self.left = Some(left.saturating_sub(length));
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Poll::Ready(None) => {}
                other => return other,
            }
        }
        self.left = None;
        Poll::Ready(Some(Err(io::Error::new(
            io::ErrorKind::ConnectionReset,
            "connection reset by peer",
        ))))
    }
}
