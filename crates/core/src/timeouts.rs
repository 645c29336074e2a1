//! How long a call waits, and for what: four clocks.

use std::time::Duration;

use crate::operation::{BodyFormat, Operation};

const CONNECT: Duration = Duration::from_secs(10);
const ATTEMPT: Duration = Duration::from_secs(30);
const STALL: Duration = Duration::from_secs(20);
const TOTAL: Duration = Duration::from_secs(60);
/// A quiet operation has no attempt clock; this is what ends it if the service never answers.
const QUIET_TOTAL: Duration = Duration::from_secs(600);

/// How long a call waits: four clocks, each with a usual limit, one of its own, or none.
///
/// | clock | runs | usual limit | [`ErrorKind`](crate::error::ErrorKind) |
/// | --- | --- | --- | --- |
/// | [`connect`](Self::connect) | while a connection is made | 10 s | `ConnectTimeout` |
/// | [`attempt`](Self::attempt) | from the last byte sent to the head of the answer | 30 s; none for quiet operations | `AttemptTimeout` |
/// | [`stall`](Self::stall) | while a body moves and no byte of it does | 20 s | `Stalled` |
/// | [`total`](Self::total) | from the call to the end of its answer, retries included | 60 s; 10 min for quiet operations; none where a body is raw | `Timeout` |
///
/// A raw body, such as an object that is uploaded or downloaded, may take as long as it moves. The
/// time a caller takes to produce or to read a body counts only in `total`. Quiet operations, such
/// as copies, do their work before they answer: [`Operation::quiet`].
///
/// A limit of a [`Config`](crate::config::Config) holds for all its calls, one of
/// [`CallOptions`](crate::call::CallOptions) for one call; `None` stops a clock.
///
/// ```
/// use std::time::Duration;
/// use tcloud_core::timeouts::Timeouts;
///
/// // At most an hour for an upload, and ten seconds without a byte.
/// let timeouts = Timeouts::new()
///     .total(Duration::from_secs(3600))
///     .stall(Duration::from_secs(10));
/// // As long as it takes.
/// let patient = timeouts.total(None);
/// # assert_ne!(timeouts, patient);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    connect: Limit,
    attempt: Limit,
    stall: Limit,
    total: Limit,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Limit {
    /// As it is for calls of this kind.
    #[default]
    Usual,
    /// As asked for.
    Set(Option<Duration>),
}

impl Limit {
    fn or(self, other: Self) -> Self {
        match self {
            Self::Usual => other,
            Self::Set(_) => self,
        }
    }

    fn unless_set(self, usual: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Usual => usual,
            Self::Set(limit) => limit,
        }
    }
}

impl Timeouts {
    /// The usual limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long making a connection may take: looking the name up, TCP, TLS, and the proxy's part.
    /// A call that finds a connection in the pool makes none. It takes a transport that says when
    /// it connects, as the ready one does: see
    /// [`ConnectClock`](crate::transport::ConnectClock).
    pub fn connect(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.connect = Limit::Set(limit.into());
        self
    }

    /// How long the service may take from the last byte of the request to the head of its answer,
    /// in each attempt. The last byte counts as sent when the transport has taken it. Quiet
    /// operations are exempt, unless their own call sets it.
    pub fn attempt(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.attempt = Limit::Set(limit.into());
        self
    }

    /// How long no byte of a body may move, on its way up or down, while the transport or the
    /// service is waited for. It continues in an answer that is streamed. An upload whose other
    /// side reads nothing ends after 30 s or the configuration's limit, whichever is longer, even
    /// if its call allows more: then the operating system gives the connection up.
    pub fn stall(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.stall = Limit::Set(limit.into());
        self
    }

    /// How long the call may take in all, its retries and the pauses between them included, until
    /// its answer is read to the end.
    pub fn total(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.total = Limit::Set(limit.into());
        self
    }

    /// The limits of a call of `operation` that sets these, where its configuration sets `config`.
    pub(crate) fn of_call(self, config: Self, operation: &Operation) -> Clocks {
        let raw = [operation.request_body, operation.response_body].contains(&BodyFormat::Raw);
        let (attempt, total) = if operation.quiet {
            // What the configuration expects of answers is not meant for these.
            (self.attempt.unless_set(None), QUIET_TOTAL)
        } else {
            let attempt = self.attempt.or(config.attempt);
            (attempt.unless_set(Some(ATTEMPT)), TOTAL)
        };
        Clocks {
            connect: self.connect.or(config.connect).unless_set(Some(CONNECT)),
            attempt,
            stall: self.stall.or(config.stall).unless_set(Some(STALL)),
            total: self
                .total
                .or(config.total)
                .unless_set((!raw).then_some(total)),
        }
    }

    /// How long a connection may have its bytes unread by the other side, for the configuration's
    /// calls.
    #[cfg(feature = "reqwest")]
    pub(crate) fn longest_stall(self) -> Option<Duration> {
        self.stall.unless_set(Some(STALL))
    }
}

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clocks {
    pub(crate) connect: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) stall: Option<Duration>,
    pub(crate) total: Option<Duration>,
}

#[cfg(test)]
mod tests;
