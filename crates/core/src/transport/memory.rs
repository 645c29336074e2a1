//! A transport without a network: answers come from a function or a list.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};

use super::send::{Transport, TransportError};
use crate::body::Body;
use crate::future::BoxFuture;

/// Larger request bodies are not kept.
const LIMIT: usize = 64 * 1024 * 1024;

type Answer = dyn Fn(&Recorded) -> Result<Response<Body>, TransportError> + Send + Sync;

/// A transport in memory, for tests and examples. It keeps what was sent.
///
/// ```
/// use tcloud_core::transport::Memory;
///
/// let transport = Memory::answering([(200, "<Response/>")]);
/// assert!(transport.requests().is_empty());
/// ```
#[derive(Clone)]
pub struct Memory {
    answer: Arc<Answer>,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

/// A request that was sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// Where it was sent.
    pub uri: Uri,
    /// Its headers, `host` among them.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Memory {
    /// Answers each request by `answer`.
    pub fn new(
        answer: impl Fn(&Recorded) -> Result<Response<Body>, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(answer),
            requests: Arc::default(),
        }
    }

    /// Answers one request after the other with a status and a body; then fails.
    pub fn answering<B: Into<Body>>(answers: impl IntoIterator<Item = (u16, B)>) -> Self {
        let answers: VecDeque<(u16, Body)> = answers
            .into_iter()
            .map(|(status, body)| (status, body.into()))
            .collect();
        let answers = Mutex::new(answers);
        Self::new(move |_| {
            let next = answers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            let (status, body) =
                next.ok_or_else(|| TransportError::unsent("no answer is left in memory"))?;
            Response::builder()
                .status(status)
                .body(body)
                .map_err(|error| TransportError::unsent(error.to_string()))
        })
    }

    /// What was sent so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Transport for Memory {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body
                .collect(LIMIT)
                .await
                .map_err(|error| TransportError::new(error.to_string()))?;
            let recorded = Recorded {
                method: parts.method,
                uri: parts.uri,
                headers: parts.headers,
                body,
            };
            let answer = (self.answer)(&recorded);
            self.requests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(recorded);
            answer
        })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}
