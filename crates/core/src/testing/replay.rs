//! A transport that answers from a cassette.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response};

use super::cassette::{Cassette, CassetteError, Interaction, RecordedRequest};
use super::received::Received;
use crate::body::Body;
use crate::future::BoxFuture;
use crate::transport::{Transport, TransportError};

/// Which recorded request a request is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Matching {
    /// The next one. Method, host, path, query, headers and body must be equal, but for secrets.
    Strict,
    /// Any with the same operation, method, path and query, in any order and as often as wanted.
    /// Those that were not used yet come first; after them the last is repeated.
    Loose,
}

/// A transport that answers from a [`Cassette`], strictly unless asked otherwise. A request that was
/// not recorded fails, and the error says in what it differs.
#[derive(Debug, Clone)]
pub struct Replay {
    cassette: Arc<Cassette>,
    matching: Matching,
    used: Arc<Mutex<Vec<bool>>>,
}

impl Replay {
    /// Answers from `cassette`.
    pub fn new(cassette: Cassette) -> Self {
        let used = vec![false; cassette.interactions.len()];
        Self {
            cassette: Arc::new(cassette),
            matching: Matching::Strict,
            used: Arc::new(Mutex::new(used)),
        }
    }

    /// Answers from the cassette at `path`.
    ///
    /// # Errors
    /// The file cannot be read or is not a cassette.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, CassetteError> {
        Cassette::load(path).map(Self::new)
    }

    /// The same replay with another way to find the recorded request.
    pub fn matching(mut self, matching: Matching) -> Self {
        self.matching = matching;
        self
    }

    /// Asserts that everything on the cassette was asked for.
    ///
    /// # Panics
    /// Something was not; the message names the first.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion")]
    pub fn assert_finished(&self) {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairs = self.cassette.interactions.iter().zip(used.iter());
        if let Some((unused, _)) = pairs.find(|(_, used)| !**used) {
            panic!(
                "the cassette has a {} {} that was not asked for",
                unused.operation, unused.request.target
            );
        }
    }

    fn find(&self, received: &Received) -> Result<&Interaction, TransportError> {
        let request = RecordedRequest::of(received);
        let name = received.name();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let interactions = self.cassette.interactions.iter().enumerate();
        let found = match self.matching {
            Matching::Strict => {
                let next = used.iter().position(|used| !used);
                let next =
                    next.and_then(|at| self.cassette.interactions.get(at).map(|it| (at, it)));
                let Some((at, recorded)) = next else {
                    return Err(TransportError::unsent(format!(
                        "the cassette has ended, and this is one more {name}"
                    )));
                };
                if recorded.operation != name {
                    return Err(TransportError::unsent(format!(
                        "this is {name}, and {} was recorded as request {}",
                        recorded.operation,
                        at.saturating_add(1)
                    )));
                }
                if let Some(difference) = recorded.request.difference(&request) {
                    return Err(TransportError::unsent(format!(
                        "this {name} is not request {} of the cassette: {difference}",
                        at.saturating_add(1)
                    )));
                }
                Some((at, recorded))
            }
            Matching::Loose => {
                let alike: Vec<_> = interactions
                    .filter(|(_, it)| it.operation == name && it.request.is_alike(&request))
                    .collect();
                let unused = alike
                    .iter()
                    .find(|(at, _)| used.get(*at).is_some_and(|used| !used));
                unused.or(alike.last()).copied()
            }
        };
        let Some((at, interaction)) = found else {
            return Err(TransportError::unsent(format!(
                "the cassette has no {name} {}",
                request.target
            )));
        };
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
        Ok(interaction)
    }
}

impl Transport for Replay {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let received = Received::read(request).await?;
            self.find(&received)?.answer.to_response()
        })
    }
}
