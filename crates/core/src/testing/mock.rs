//! A service in memory that answers typed requests.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::HeaderValue;
use http::{Request, Response};

use super::failure::Failure;
use super::received::Received;
use super::rule::{Outcome, REQUEST_ID, Rule, respond};
use crate::body::Body;
use crate::call;
use crate::config::{Config, ConfigBuilder};
use crate::credentials::Credentials;
use crate::environment::Manual;
use crate::future::BoxFuture;
use crate::operation::{Operation, Protocol};
use crate::transport::{Transport, TransportError};

/// What the clock shows at first: 2023-11-14T22:13:20Z, in milliseconds.
const START: i64 = 1_700_000_000_000;

/// A transport that answers by rules, each for one operation, and keeps what was sent.
///
/// Rules are tried in the order in which they were made. A request that no rule is for fails and
/// names the rules there are: nothing is answered by chance. Requests are checked against their
/// tables as a server checks them, so that a rule's condition sees what travelled.
///
/// Cloning is cheap; clones share rules and what was sent.
#[derive(Clone, Default)]
pub struct Mock(Arc<Shared>);

#[derive(Default)]
struct Shared {
    rules: Mutex<Vec<Arc<dyn Rule>>>,
    received: Mutex<Vec<Received>>,
}

impl Mock {
    /// A mock without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// A configuration of clients that this mock answers: made-up credentials, the region
    /// `ap-guangzhou`, and a clock whose sleeps pass at once, so that retries take no time.
    #[expect(
        clippy::missing_panics_doc,
        clippy::expect_used,
        reason = "only a missing transport makes a configuration fail"
    )]
    pub fn config(&self) -> Config {
        self.config_builder()
            .build()
            .expect("a configuration with a transport")
    }

    /// As [`config`](Self::config), to be changed before it is built.
    pub fn config_builder(&self) -> ConfigBuilder {
        Config::builder()
            .region("ap-guangzhou")
            .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
            .environment(Manual::new(START))
            .transport(self.clone())
    }

    /// What was sent so far, retries included, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.0.received).clone()
    }

    /// The typed requests of the operation of `Q` that were sent so far, retries included. One that
    /// violates its table is left out.
    pub fn calls<Q: call::Request + Default>(&self) -> Vec<Q> {
        let received = self.received();
        let of_operation = received
            .iter()
            .filter(|received| is(received.operation, Q::operation()));
        of_operation
            .filter_map(|received| received.decode(Q::operation()).ok())
            .collect()
    }

    /// Asserts that requests of the operation of `Q` were sent `times` times, retries included.
    ///
    /// # Panics
    /// They were not; the message lists what was sent.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion")]
    pub fn assert_called<Q: call::Request + Default>(&self, times: usize) {
        let received = self.received();
        let found = received
            .iter()
            .filter(|received| is(received.operation, Q::operation()))
            .count();
        if found != times {
            let sent: Vec<_> = received.iter().map(Received::name).collect();
            panic!(
                "{} was sent {found} times, not {times}; sent were [{}]",
                Q::operation().name,
                sent.join(", ")
            );
        }
    }

    /// Asserts that every rule with a number of uses was used so often.
    ///
    /// # Panics
    /// One was not; the message names it.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion")]
    pub fn assert_used_up(&self) {
        let rules = lock(&self.0.rules);
        let left = rules.iter().find_map(|rule| {
            rule.left()
                .filter(|left| *left > 0)
                .map(|left| (rule, left))
        });
        if let Some((rule, left)) = left {
            let name = rule.operation().name;
            panic!("a rule for {name} has {left} uses left");
        }
    }

    pub(super) fn add(&self, rule: Arc<dyn Rule>) {
        lock(&self.0.rules).push(rule);
    }

    fn outcome(&self, received: &Received) -> Result<Outcome, TransportError> {
        // Not locked while a rule's condition runs, which may use the mock itself.
        let rules = lock(&self.0.rules).clone();
        let of_operation = rules
            .iter()
            .filter(|rule| is(received.operation, rule.operation()));
        for rule in of_operation {
            match rule.apply(received) {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => {}
                Err(why) => {
                    return Err(TransportError::unsent(format!(
                        "the mock cannot read this {}: {why}",
                        received.name()
                    )));
                }
            }
        }
        let known: Vec<_> = rules.iter().map(|rule| rule.operation().name).collect();
        Err(TransportError::unsent(format!(
            "no rule of the mock is for this {}; its rules, used up or not, are for [{}]",
            received.name(),
            known.join(", ")
        )))
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let received = Received::read(request).await?;
        let outcome = self.outcome(&received)?;
        let protocol = received
            .operation
            .map_or(Protocol::Cos, |operation| operation.service.protocol);
        if !matches!(outcome, Outcome::Failure(Failure::Refused)) {
            lock(&self.0.received).push(received.clone());
        }
        let mut response = match outcome {
            Outcome::Answer(response) => response,
            Outcome::Refusal(fault) => {
                respond(fault.render(protocol, REQUEST_ID, received.uri.path()))
            }
            Outcome::Failure(failure) => {
                return failure.send(&Nothing, received.into_request()).await;
            }
        };
        let name = match protocol {
            Protocol::Cos => "x-cos-request-id",
            Protocol::Ci => "x-ci-request-id",
            Protocol::Tc3 => return Ok(response),
        };
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(REQUEST_ID));
        Ok(response)
    }
}

impl Transport for Mock {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(self.answer(request))
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock")
            .field("received", &self.received())
            .finish_non_exhaustive()
    }
}

/// What stands behind a rule's failure: an empty answer.
#[derive(Debug)]
struct Nothing;

impl Transport for Nothing {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(std::future::ready(Ok(Response::new(Body::empty()))))
    }
}

fn is(found: Option<&'static Operation>, wanted: &'static Operation) -> bool {
    found
        .is_some_and(|found| found.name == wanted.name && found.service.name == wanted.service.name)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
