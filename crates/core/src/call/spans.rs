//! What `tracing` learns of a call: nothing without the feature of that name.
//!
//! Fields are names, numbers, the status, and what the service calls the request and the error. The
//! messages of errors are not among them: they may repeat what was sent.

use std::time::Duration;

use http::StatusCode;

use crate::observe::Outcome;
use crate::operation::Operation;

/// A span, as far as somebody listens.
#[derive(Clone)]
pub(super) struct Span(#[cfg(feature = "tracing")] tracing::Span);

#[cfg(feature = "tracing")]
impl Span {
    /// That of a call of `operation`, which is a child of the caller's.
    pub(super) fn of_call(operation: &Operation) -> Self {
        use tracing::field::Empty;
        Self(tracing::info_span!(
            "tcloud.call",
            service = operation.service.name,
            operation = operation.name,
            bucket = Empty,
            region = Empty,
            attempts = Empty,
            duration_ms = Empty,
            outcome = Empty,
        ))
    }

    pub(super) fn none() -> Self {
        Self(tracing::Span::none())
    }

    /// Whether somebody listens.
    pub(super) fn is_open(&self) -> bool {
        !self.0.is_disabled()
    }

    /// The call is of this bucket and region, where they are known.
    pub(super) fn place(&self, bucket: Option<&str>, region: Option<&str>) {
        if let Some(bucket) = bucket {
            self.0.record("bucket", bucket);
        }
        if let Some(region) = region {
            self.0.record("region", region);
        }
    }

    /// The span of an attempt of this call.
    pub(super) fn attempt(&self, number: u32, host: &str) -> Self {
        use tracing::field::Empty;
        Self(tracing::info_span!(
            parent: &self.0,
            "tcloud.attempt",
            number,
            host,
            status = Empty,
            request_id = Empty,
            sent = Empty,
            received = Empty,
            duration_ms = Empty,
            outcome = Empty,
        ))
    }

    /// The attempt is answered.
    pub(super) fn answer(&self, status: Option<StatusCode>, request_id: Option<&str>) {
        if let Some(status) = status {
            self.0.record("status", status.as_u16());
        }
        if let Some(id) = request_id {
            self.0.record("request_id", id);
        }
    }

    /// The attempt has ended, after so many bytes up and down.
    pub(super) fn end_attempt(
        &self,
        [sent, received]: [u64; 2],
        duration: Duration,
        outcome: Outcome<'_>,
    ) {
        self.0.record("sent", sent);
        self.0.record("received", received);
        self.end(duration, outcome);
    }

    /// The call has ended.
    pub(super) fn end_call(&self, attempts: u32, duration: Duration, outcome: Outcome<'_>) {
        self.0.record("attempts", attempts);
        self.end(duration, outcome);
    }

    fn end(&self, duration: Duration, outcome: Outcome<'_>) {
        if !self.is_open() {
            return;
        }
        self.0
            .record("duration_ms", duration.as_secs_f64() * 1000.0);
        let outcome = match outcome {
            Outcome::Success => "success".to_owned(),
            Outcome::Abandoned => "abandoned".to_owned(),
            Outcome::Failed(error) => match error.code() {
                Some(code) => format!("{:?} {code}", error.kind()),
                None => format!("{:?}", error.kind()),
            },
        };
        self.0.record("outcome", outcome.as_str());
    }

    /// `future`, which runs in this span.
    pub(super) fn around<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        tracing::Instrument::instrument(future, self.0)
    }
}

#[cfg(not(feature = "tracing"))]
#[expect(clippy::unused_self, reason = "the feature needs it")]
impl Span {
    pub(super) fn of_call(_: &Operation) -> Self {
        Self()
    }

    pub(super) fn none() -> Self {
        Self()
    }

    pub(super) fn is_open(&self) -> bool {
        false
    }

    pub(super) fn place(&self, _: Option<&str>, _: Option<&str>) {}

    pub(super) fn attempt(&self, _: u32, _: &str) -> Self {
        Self()
    }

    pub(super) fn answer(&self, _: Option<StatusCode>, _: Option<&str>) {}

    pub(super) fn end_attempt(&self, _: [u64; 2], _: Duration, _: Outcome<'_>) {}

    pub(super) fn end_call(&self, _: u32, _: Duration, _: Outcome<'_>) {}

    pub(super) fn around<F: Future>(self, future: F) -> F {
        future
    }
}
