//! A rule that is being put together.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Response;

use super::failure::Failure;
use super::mock::Mock;
use super::received::Received;
use super::rule::{Outcome, REQUEST_ID, Rule, respond};
use crate::body::Body;
use crate::call::Request;
use crate::node::{Node, Slot, SlotVisitor};
use crate::operation::{Operation, Protocol};
use crate::server::{Answer, Fault, Outgoing};

/// A rule of a [`Mock`] that is being put together: which requests, then what they are answered.
#[must_use = "the rule counts once it has an answer"]
pub struct When<Q> {
    mock: Mock,
    condition: Box<dyn Fn(&Q) -> bool + Send + Sync>,
    times: Option<usize>,
}

impl Mock {
    /// Starts a rule for the operation of the request `Q`.
    pub fn when<Q: Request + Default>(&self) -> When<Q> {
        When {
            mock: self.clone(),
            condition: Box::new(|_| true),
            times: None,
        }
    }
}

impl<Q: Request + Default> When<Q> {
    /// Only requests for which `condition` holds. Several conditions must all hold.
    pub fn with(mut self, condition: impl Fn(&Q) -> bool + Send + Sync + 'static) -> Self {
        let before = self.condition;
        self.condition = Box::new(move |request| before(request) && condition(request));
        self
    }

    /// Only the first `times` of them; the rules after this one have the rest.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Only the first of them.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Answers with `answer`: the typed response, or an [`Answer`] with a raw body, a status or
    /// headers besides. A raw body must be bytes, so that it can be sent more than once.
    pub fn answer(self, answer: impl Into<Answer<Q::Response>>) {
        let written = write::<Q>(answer.into());
        self.then(move |_, _| match &written {
            Ok(outgoing) => Outcome::Answer(again(outgoing)),
            Err(fault) => Outcome::Refusal(fault.clone()),
        });
    }

    /// Answers with what `answer` makes of the request and its raw body, or with the fault that it
    /// makes of them.
    pub fn answer_with<A: Into<Answer<Q::Response>>>(
        self,
        answer: impl Fn(&Q, &[u8]) -> Result<A, Fault> + Send + Sync + 'static,
    ) {
        self.then(move |request, body| {
            match answer(request, body).and_then(|answer| write::<Q>(answer.into())) {
                Ok(outgoing) => Outcome::Answer(respond(outgoing)),
                Err(fault) => Outcome::Refusal(fault),
            }
        });
    }

    /// Refuses them with `fault`, written as the service's protocol writes it.
    pub fn refuse(self, fault: Fault) {
        self.then(move |_, _| Outcome::Refusal(fault.clone()));
    }

    /// Makes the attempt fail. The requests are kept as sent, [`Failure::Refused`] excepted.
    pub fn fail(self, failure: Failure) {
        self.then(move |_, _| Outcome::Failure(failure));
    }

    fn then(self, outcome: impl Fn(&Q, &[u8]) -> Outcome + Send + Sync + 'static) {
        let Self {
            mock,
            condition,
            times,
        } = self;
        mock.add(Arc::new(Typed {
            condition,
            times,
            used: AtomicUsize::new(0),
            outcome: Box::new(outcome),
            request: PhantomData,
        }));
    }
}

impl<Q> std::fmt::Debug for When<Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("When")
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

type Outcomes<Q> = Box<dyn Fn(&Q, &[u8]) -> Outcome + Send + Sync>;

struct Typed<Q> {
    condition: Box<dyn Fn(&Q) -> bool + Send + Sync>,
    times: Option<usize>,
    used: AtomicUsize,
    outcome: Outcomes<Q>,
    request: PhantomData<fn(Q)>,
}

impl<Q: Request + Default> Rule for Typed<Q> {
    fn operation(&self) -> &'static Operation {
        Q::operation()
    }

    fn apply(&self, received: &Received) -> Result<Option<Outcome>, String> {
        if self.left() == Some(0) {
            return Ok(None);
        }
        let request: Q = received.decode(Q::operation())?;
        if !(self.condition)(&request) {
            return Ok(None);
        }
        self.used.fetch_add(1, Ordering::SeqCst);
        Ok(Some((self.outcome)(&request, &received.body)))
    }

    fn left(&self) -> Option<usize> {
        let used = self.used.load(Ordering::SeqCst);
        self.times.map(|times| times.saturating_sub(used))
    }
}

fn write<Q: Request>(mut answer: Answer<Q::Response>) -> Result<Outgoing, Fault> {
    let operation = Q::operation();
    if operation.service.protocol == Protocol::Tc3 {
        set_request_id(&mut answer.output);
    }
    Outgoing::encode(operation, answer)
}

/// Every answer of API 3.0 has one.
fn set_request_id(output: &mut dyn Node) {
    let Some(at) = output.structure().position("RequestId") else {
        return;
    };
    output.slots(SlotVisitor::new(&mut |slots| {
        if let Some(Slot::Text(text)) = slots.get_mut(at)
            && text.is_none()
        {
            **text = Some(REQUEST_ID.to_owned());
        }
    }));
}

/// The answer once more. A stream cannot be had again: the second answer's is empty.
fn again(outgoing: &Outgoing) -> Response<Body> {
    let mut response = Response::new(outgoing.body.try_clone().unwrap_or_default());
    *response.status_mut() = outgoing.status;
    *response.headers_mut() = outgoing.headers.clone();
    response
}
