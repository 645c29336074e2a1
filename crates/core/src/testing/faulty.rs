//! A transport that fails on demand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, Response};

use super::failure::Failure;
use crate::body::Body;
use crate::future::BoxFuture;
use crate::operation::Operation;
use crate::transport::{Transport, TransportError};

type Decide = dyn Fn(usize, Option<&'static Operation>) -> Option<Failure> + Send + Sync;

/// A transport whose attempts fail as a function says. The other attempts go to the transport
/// inside: a [`Mock`](super::Mock), a local cloud, or the real service.
///
/// ```
/// use tcloud_core::testing::{Failure, Faulty, Mock};
///
/// let mock = Mock::new();
/// // The first attempt finds nobody, the second is cut after ten bytes of the answer.
/// let transport = Faulty::schedule(mock.clone(), [Some(Failure::Refused), Some(Failure::Cut(10))]);
/// let config = mock.config_builder().transport(transport).build()?;
/// # Ok::<(), tcloud_core::error::Error>(())
/// ```
#[derive(Clone)]
pub struct Faulty {
    inner: Arc<dyn Transport>,
    decide: Arc<Decide>,
    attempts: Arc<AtomicUsize>,
}

impl Faulty {
    /// Wraps `inner`. `decide` is asked before each attempt with the attempt's number, counted from
    /// 0 over all calls, and the operation where it is known.
    pub fn new(
        inner: impl Transport + 'static,
        decide: impl Fn(usize, Option<&'static Operation>) -> Option<Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner: Arc::new(inner),
            decide: Arc::new(decide),
            attempts: Arc::default(),
        }
    }

    /// Wraps `inner`. The attempts fail in this order, `None` for one that does not; those after the
    /// last do not fail.
    pub fn schedule(
        inner: impl Transport + 'static,
        failures: impl IntoIterator<Item = Option<Failure>>,
    ) -> Self {
        let failures: Vec<_> = failures.into_iter().collect();
        Self::new(inner, move |attempt, _| {
            failures.get(attempt).copied().flatten()
        })
    }

    /// Attempts so far.
    pub fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

impl Transport for Faulty {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        match (self.decide)(attempt, Operation::of(&request)) {
            Some(failure) => Box::pin(failure.send(&*self.inner, request)),
            None => self.inner.send(request),
        }
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("inner", &self.inner)
            .field("attempts", &self.attempts())
            .finish_non_exhaustive()
    }
}
