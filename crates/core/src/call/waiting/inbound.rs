//! The body of an answer, on its way to whoever reads it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;

use super::limits::{Deadline, Limits};
use super::timer::Timer;
use crate::body::Body;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

/// A body that ends with an error when it stalls, when its call's time is over, or when its
/// connection breaks: with an [`Error`] inside an [`io::Error`].
pub(in crate::call) struct Inbound {
    /// Dropped, and its connection with it, when it has failed.
    body: Option<Body>,
    timer: Timer,
    stall: Option<Duration>,
    deadline: Option<Deadline>,
    /// Since when the transport is waited for.
    since: Option<Duration>,
    moved: u64,
    length: Option<u64>,
    answer: Answer,
}

/// What is answered, for errors.
pub(in crate::call) struct Answer {
    pub(in crate::call) operation: &'static Operation,
    pub(in crate::call) status: StatusCode,
    pub(in crate::call) request_id: Option<String>,
    /// Whether another attempt may be made after a failure.
    pub(in crate::call) idempotent: bool,
}

impl Inbound {
    pub(in crate::call) fn watch(body: Body, limits: &Limits, answer: Answer) -> Body {
        let length = body.length();
        if length == Some(0) || body.as_bytes().is_some() {
            return body;
        }
        let inbound = Self {
            body: Some(body),
            timer: Timer::new(Arc::clone(&limits.environment)),
            stall: limits.clocks.stall,
            deadline: limits.deadline,
            since: None,
            moved: 0,
            length,
            answer,
        };
        Body::from_stream(inbound, length)
    }

    fn fail(&mut self, io: io::ErrorKind, error: Error) -> Poll<Option<io::Result<Bytes>>> {
        self.body = None;
        let error = error
            .of(self.answer.operation)
            .with_status(self.answer.status)
            .with_request_id(self.answer.request_id.clone())
            .retryable(self.answer.idempotent);
        Poll::Ready(Some(Err(io::Error::new(io, error))))
    }

    fn stalled(&mut self, limit: Duration) -> Poll<Option<io::Result<Bytes>>> {
        let message = format!(
            "the answer stalled after {}: none came for {} s",
            bytes_of(self.moved, self.length),
            limit.as_secs_f64()
        );
        let error = Error::new(ErrorKind::Stalled, message)
            .advise("check the network; on a line that pauses, set `Timeouts::stall` higher");
        self.fail(io::ErrorKind::TimedOut, error)
    }

    fn out_of_time(&mut self, limit: Duration) -> Poll<Option<io::Result<Bytes>>> {
        let message = format!(
            "the call's {} s were over after {} of the answer",
            limit.as_secs_f64(),
            bytes_of(self.moved, self.length)
        );
        let error = Error::new(ErrorKind::Timeout, message)
            .advise("give the call longer by `Timeouts::total`, or look at the network");
        self.fail(io::ErrorKind::TimedOut, error)
    }

    fn broken(&mut self, cause: io::Error) -> Poll<Option<io::Result<Bytes>>> {
        let message = format!(
            "the answer broke off after {}: {cause}",
            bytes_of(self.moved, self.length)
        );
        let kind = cause.kind();
        let error = Error::new(ErrorKind::Transport, message)
            .advise("ask for it again, or for the rest of it")
            .caused_by(cause);
        self.fail(kind, error)
    }
}

impl Stream for Inbound {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(deadline) = this.deadline
            && this.body.is_some()
            && this.timer.now() >= deadline.at
        {
            return this.out_of_time(deadline.limit);
        }
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.since = None;
                let size = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                this.moved = this.moved.saturating_add(size);
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(Some(Err(error))) => this.broken(error),
            Poll::Ready(None) => {
                this.body = None;
                Poll::Ready(None)
            }
            Poll::Pending => {
                let since = *this.since.get_or_insert_with(|| this.timer.now());
                let stall = this.stall.map(|limit| (since.saturating_add(limit), limit));
                match (stall, this.deadline) {
                    (Some((at, limit)), deadline) if deadline.is_none_or(|it| at <= it.at) => {
                        std::task::ready!(this.timer.poll(at, context));
                        this.stalled(limit)
                    }
                    (_, Some(deadline)) => {
                        std::task::ready!(this.timer.poll(deadline.at, context));
                        this.out_of_time(deadline.limit)
                    }
                    _ => Poll::Pending,
                }
            }
        }
    }
}

/// How much of a body has moved, in words.
pub(super) fn bytes_of(moved: u64, length: Option<u64>) -> String {
    match length {
        Some(length) => format!("{moved} bytes of {length}"),
        None => format!("{moved} bytes"),
    }
}
