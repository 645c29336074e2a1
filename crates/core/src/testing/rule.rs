//! What a mock does with a request.

use http::Response;

use super::failure::Failure;
use super::received::Received;
use crate::body::Body;
use crate::operation::Operation;
use crate::server::{Fault, Outgoing};

/// The request id of every answer.
pub(super) const REQUEST_ID: &str = "mock-request-id";

/// What becomes of an attempt.
pub(super) enum Outcome {
    Answer(Response<Body>),
    Refusal(Fault),
    Failure(Failure),
}

/// A rule that has lost the type of its request.
pub(super) trait Rule: Send + Sync {
    fn operation(&self) -> &'static Operation;

    /// The outcome, if the rule is for this request and not used up.
    ///
    /// # Errors
    /// The request is of the rule's operation, but violates its table.
    fn apply(&self, received: &Received) -> Result<Option<Outcome>, String>;

    /// How many uses are left, of a rule that has a number of them.
    fn left(&self) -> Option<usize>;
}

pub(super) fn respond(outgoing: Outgoing) -> Response<Body> {
    let mut response = Response::new(outgoing.body);
    *response.status_mut() = outgoing.status;
    *response.headers_mut() = outgoing.headers;
    response
}
