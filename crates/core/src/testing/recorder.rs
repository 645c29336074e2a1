//! A transport that records.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::ACCEPT_ENCODING;
use http::{Request, Response};

use super::cassette::{Cassette, Interaction, RecordedAnswer, RecordedRequest};
use super::received::{LIMIT, Received};
use crate::body::Body;
use crate::future::BoxFuture;
use crate::transport::{Transport, TransportError};

/// A transport that keeps what passes through it on a [`Cassette`], secrets struck out.
///
/// Bodies are read as a whole, at most 64 MiB each.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
/// use std::sync::Arc;
/// use tcloud_core::testing::{Recorder, Replay};
/// use tcloud_core::transport::{Memory, Transport};
///
/// // The first run asks the service, later ones the cassette.
/// let path = Path::new("tests/cassettes/upload.json");
/// let service = Memory::answering([(200, "")]); // or `Reqwest::new()?`
/// let transport: Arc<dyn Transport> = if path.exists() {
///     Arc::new(Replay::load(path)?)
/// } else {
///     Arc::new(Recorder::saving(service, path))
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<dyn Transport>,
    cassette: Arc<Mutex<Cassette>>,
    path: Option<PathBuf>,
}

impl Recorder {
    /// Records what `inner` is asked and answers.
    pub fn new(inner: impl Transport + 'static) -> Self {
        Self {
            inner: Arc::new(inner),
            cassette: Arc::default(),
            path: None,
        }
    }

    /// As [`new`](Self::new), and writes the cassette to `path` after each answer.
    pub fn saving(inner: impl Transport + 'static, path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            ..Self::new(inner)
        }
    }

    /// What was recorded so far.
    pub fn cassette(&self) -> Cassette {
        self.cassette
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn record(&self, mut request: Request<Body>) -> Result<Response<Body>, TransportError> {
        // In what is compressed no secret is found.
        request.headers_mut().remove(ACCEPT_ENCODING);
        let received = Received::read(request).await?;
        let response = self.inner.send(received.clone().into_request()).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect(LIMIT).await.map_err(|error| {
            TransportError::new(format!("the answer cannot be recorded: {error}"))
        })?;
        let interaction = Interaction {
            operation: received.name(),
            request: RecordedRequest::of(&received),
            answer: RecordedAnswer::of(parts.status.as_u16(), &parts.headers, &body, &received),
        };
        {
            let mut cassette = self.cassette.lock().unwrap_or_else(PoisonError::into_inner);
            cassette.interactions.push(interaction);
            if let Some(path) = &self.path {
                cassette
                    .save(path)
                    .map_err(|error| TransportError::new(error.to_string()))?;
            }
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

impl Transport for Recorder {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(self.record(request))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("inner", &self.inner)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
