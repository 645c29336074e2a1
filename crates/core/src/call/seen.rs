//! What observers and spans learn of a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, StatusCode};

use super::options::CallOptions;
use super::reply::Reply;
use super::spans::Span;
use crate::body::{Body, Sent, Watch};
use crate::codec;
use crate::config::Config;
use crate::error::Error;
use crate::node::Node;
use crate::observe::{Event, Outcome};
use crate::operation::{BodyFormat, Operation};

/// A call that is seen. If it is dropped before it ends, it is abandoned.
pub(super) struct Seen<'a> {
    config: &'a Config,
    operation: &'static Operation,
    begun: Duration,
    attempts: u32,
    span: Span,
    has_region: bool,
    /// Whether anybody wants to know.
    wanted: bool,
    ended: bool,
}

impl<'a> Seen<'a> {
    /// A call begins.
    pub(super) fn begin(
        config: &'a Config,
        operation: &'static Operation,
        request: &dyn Node,
        options: &CallOptions,
    ) -> Self {
        let span = Span::of_call(operation);
        let wanted = !config.observers.is_empty() || span.is_open();
        if wanted {
            let bucket = codec::text_at(request, "bucket");
            let region = options.region.as_deref().or(config.region());
            span.place(bucket.as_deref(), region);
            config.observers.tell(&Event::CallBegun {
                operation,
                bucket: bucket.as_deref(),
                region,
            });
        }
        Self {
            config,
            operation,
            begun: now(config, wanted),
            attempts: 0,
            span,
            has_region: options.region.is_some() || config.region().is_some(),
            wanted,
            ended: !wanted,
        }
    }

    /// The span of the call.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Its region is known, which may be that of the credentials.
    pub(super) fn is_in(&mut self, region: Option<&str>) {
        // Subscribers may show each record of a field.
        if !self.has_region {
            self.has_region = region.is_some();
            self.span.place(None, region);
        }
    }

    /// Its next attempt begins, which sends `request`.
    pub(super) fn attempt(&mut self, request: &Request<Body>, sent: &Sent) -> Attempt<'a> {
        self.attempts = self.attempts.saturating_add(1);
        if !self.wanted {
            return Attempt(None);
        }
        let host = host(request);
        Attempt(Some(Begun {
            config: self.config,
            operation: self.operation,
            number: self.attempts,
            span: self.span.attempt(self.attempts, &host),
            host,
            since: now(self.config, true),
            status: None,
            length: match self.operation.request_body {
                BodyFormat::Raw => None,
                _ => request.body().length(),
            },
            sent: sent.clone(),
            received: Arc::default(),
        }))
    }

    /// There will be another attempt after `delay`, since this one failed by `error`.
    pub(super) fn retry(&self, delay: Duration, error: &Error) {
        self.config.observers.tell(&Event::Retry {
            operation: self.operation,
            number: self.attempts,
            delay,
            error,
        });
    }

    /// The call ends.
    pub(super) fn end<T>(mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        match &outcome {
            Ok(_) => self.tell_end(Outcome::Success),
            Err(error) => self.tell_end(Outcome::Failed(error)),
        }
        outcome
    }

    fn tell_end(&mut self, outcome: Outcome<'_>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let duration = now(self.config, true).saturating_sub(self.begun);
        self.span.end_call(self.attempts, duration, outcome);
        self.config.observers.tell(&Event::CallEnded {
            operation: self.operation,
            attempts: self.attempts,
            duration,
            outcome,
        });
    }
}

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        self.tell_end(Outcome::Abandoned);
    }
}

/// An attempt that is seen, until it has ended. If it is dropped before, it is abandoned.
pub(super) struct Attempt<'a>(Option<Begun<'a>>);

struct Begun<'a> {
    config: &'a Config,
    operation: &'static Operation,
    number: u32,
    span: Span,
    host: String,
    since: Duration,
    status: Option<StatusCode>,
    /// The length of a body that is not watched.
    length: Option<u64>,
    sent: Sent,
    received: Arc<AtomicU64>,
}

impl Attempt<'_> {
    /// The span of the attempt.
    pub(super) fn span(&self) -> Span {
        let begun = self.0.as_ref();
        begun.map_or_else(Span::none, |begun| begun.span.clone())
    }

    /// It is answered by `response`, whose body is counted while it is read.
    pub(super) fn answered(&mut self, response: Response<Body>) -> Response<Body> {
        let Some(begun) = &mut self.0 else {
            return response;
        };
        begun.status = Some(response.status());
        if response.body().length() == Some(0) {
            return response;
        }
        let count = Count(Arc::clone(&begun.received));
        response.map(|body| body.watched(count))
    }

    /// It ends well.
    pub(super) fn succeeded(&mut self, reply: &Reply<()>) {
        self.end(reply.request_id(), Outcome::Success);
    }

    /// It ends by `error`.
    pub(super) fn failed(&mut self, error: &Error) {
        self.end(error.request_id(), Outcome::Failed(error));
    }

    fn end(&mut self, request_id: Option<&str>, outcome: Outcome<'_>) {
        let Some(begun) = self.0.take() else {
            return;
        };
        let (watched, _) = begun.sent.crc64();
        let sent = begun.length.unwrap_or(watched);
        let received = begun.received.load(Ordering::Relaxed);
        let duration = now(begun.config, true).saturating_sub(begun.since);
        let span = &begun.span;
        span.answer(begun.status, request_id);
        span.end_attempt([sent, received], duration, outcome);
        begun.config.observers.tell(&Event::AttemptEnded {
            operation: begun.operation,
            number: begun.number,
            host: &begun.host,
            status: begun.status,
            request_id,
            sent,
            received,
            duration,
            outcome,
        });
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.end(None, Outcome::Abandoned);
    }
}

/// The host that is asked, which may be another one than is connected to.
fn host(request: &Request<Body>) -> String {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    host.unwrap_or_default().to_owned()
}

/// The time, if anybody wants to know.
fn now(config: &Config, wanted: bool) -> Duration {
    if wanted {
        config.context.environment.monotonic()
    } else {
        Duration::ZERO
    }
}

/// Counts the bytes of an answer.
struct Count(Arc<AtomicU64>);

impl Watch for Count {
    fn chunk(&mut self, chunk: &Bytes) -> std::io::Result<()> {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.0.fetch_add(length, Ordering::Relaxed);
        Ok(())
    }
}
