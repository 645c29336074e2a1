//! An attempt, from its first byte to the head of its answer.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::Request;

use super::limits::{Deadline, Limits};
use super::timer::Timer;
use crate::body::Body;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::timeouts::Clocks;
use crate::transport::ConnectClock;

/// The transport gets a body in slices of this, as many bytes as a TLS record holds. The slower the
/// line, the longer one slice may take; and a transport takes some before it sends one.
const SLICE: usize = 16 * 1024;
/// A line that takes slices faster than one in this time gets larger ones, which cost less.
const QUICK: Duration = Duration::from_millis(50);
const LARGEST: usize = 4 * SLICE;
/// A smaller body is taken as a whole, and is not watched.
const SMALL: usize = 4 * SLICE;

/// What is waited for, and since when.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The transport's connection.
    Connecting(Duration),
    /// The transport, which has something to send.
    Taking(Duration),
    /// The caller, whose stream has nothing at the moment.
    Writing,
    /// The service's answer.
    Answering(Duration),
}

struct State {
    phase: Phase,
    /// Whether a body is watched that has not ended.
    body: bool,
    /// Bytes of the body that the transport has taken.
    taken: u64,
    /// Whom to wake when another clock begins.
    waker: Option<Waker>,
}

struct Shared {
    environment: Arc<dyn Environment>,
    state: Mutex<State>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters what `phase` makes of the time. Between `Taking` and `Writing` nobody is woken: a
    /// sleep that ends too early is slept on.
    fn enter(&self, state: &mut State, phase: fn(Duration) -> Phase) {
        state.phase = phase(self.environment.monotonic());
    }

    fn connecting(&self, starts: bool) {
        let mut state = self.state();
        match (starts, state.phase) {
            // A connection that was lost before it took anything is made anew.
            (true, _) if state.taken == 0 => self.enter(&mut state, Phase::Connecting),
            (false, Phase::Connecting(_)) if state.body => self.enter(&mut state, Phase::Taking),
            (false, Phase::Connecting(_)) => self.enter(&mut state, Phase::Answering),
            _ => return,
        }
        wake(state);
    }

    fn end_body(&self) {
        let mut state = self.state();
        if state.body {
            state.body = false;
            self.enter(&mut state, Phase::Answering);
            wake(state);
        }
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Watches an attempt.
pub(in crate::call) struct Outbound {
    shared: Arc<Shared>,
    clocks: Clocks,
    deadline: Option<Deadline>,
    /// Size of the body, where it is known.
    length: Option<u64>,
}

impl Outbound {
    /// Watches the attempt that sends `request`: its body is replaced by a watched one, and its
    /// transport may report by a [`ConnectClock`] that it connects.
    pub(in crate::call) fn watch(request: Request<Body>, limits: &Limits) -> (Request<Body>, Self) {
        let now = limits.environment.monotonic();
        let (mut parts, body) = request.into_parts();
        let length = body.length();
        let watched = body.as_bytes().is_none_or(|bytes| bytes.len() > SMALL);
        let shared = Arc::new(Shared {
            environment: Arc::clone(&limits.environment),
            state: Mutex::new(State {
                phase: if watched {
                    Phase::Taking(now)
                } else {
                    Phase::Answering(now)
                },
                body: watched,
                taken: 0,
                waker: None,
            }),
        });
        let clock = Arc::clone(&shared);
        let clock = ConnectClock::new(move |starts| clock.connecting(starts));
        parts.extensions.insert(clock);
        let body = if watched {
            let slices = Slices {
                body,
                rest: Bytes::new(),
                left: length,
                size: SLICE,
                taken_at: None,
                shared: Arc::clone(&shared),
            };
            Body::from_stream(slices, length)
        } else {
            body
        };
        let outbound = Self {
            shared,
            clocks: limits.clocks,
            deadline: limits.deadline,
            length,
        };
        (Request::from_parts(parts, body), outbound)
    }

    /// Waits for `answer`, the transport's, as long as the clocks allow.
    pub(in crate::call) async fn wait<T>(
        self,
        answer: impl Future<Output = T>,
    ) -> Result<T, Expired> {
        let mut answer = pin!(answer);
        let mut timer = Timer::new(Arc::clone(&self.shared.environment));
        std::future::poll_fn(|context| {
            if let Poll::Ready(value) = answer.as_mut().poll(context) {
                return Poll::Ready(Ok(value));
            }
            // Only an answer that is waited for starts a clock.
            let Some((at, expired)) = self.next(context) else {
                return Poll::Pending;
            };
            timer.poll(at, context).map(|()| Err(expired))
        })
        .await
    }

    /// The clock that runs out first, and when.
    fn next(&self, context: &Context<'_>) -> Option<(Duration, Expired)> {
        let mut state = self.shared.state();
        state.waker = Some(context.waker().clone());
        let taken = state.taken;
        let (since, limit) = match state.phase {
            Phase::Connecting(since) => (since, self.clocks.connect),
            Phase::Taking(since) => (since, self.clocks.stall),
            Phase::Answering(since) => (since, self.clocks.attempt),
            Phase::Writing => (Duration::ZERO, None),
        };
        let own = limit.map(|limit| {
            let expired = match state.phase {
                Phase::Connecting(_) => Expired::Connect { limit },
                Phase::Answering(_) => Expired::Attempt { limit },
                Phase::Taking(_) | Phase::Writing => Expired::Stall {
                    limit,
                    taken,
                    length: self.length,
                },
            };
            (since.saturating_add(limit), expired)
        });
        let connecting = matches!(state.phase, Phase::Connecting(_));
        let total = self
            .deadline
            .map(|it| (it.at, Expired::Total { connecting }));
        match (own, total) {
            (Some(own), Some(total)) if total.0 < own.0 => Some(total),
            (Some(own), _) => Some(own),
            (None, total) => total,
        }
    }
}

/// A clock that ran out before the head of an answer was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::call) enum Expired {
    Connect {
        limit: Duration,
    },
    Attempt {
        limit: Duration,
    },
    Stall {
        limit: Duration,
        taken: u64,
        length: Option<u64>,
    },
    /// That of the whole call.
    Total {
        /// There was no connection yet.
        connecting: bool,
    },
}

impl Expired {
    /// What an attempt to reach `host` says; `None` if it is the call that has no more time.
    pub(in crate::call) fn error(self, host: &str, idempotent: bool) -> Option<Error> {
        Some(match self {
            Self::Connect { limit } => Error::new(
                ErrorKind::ConnectTimeout,
                format!("no connection to {host} within {} s", limit.as_secs_f64()),
            )
            .retryable(true)
            .advise("check the network, the proxy, the region and the endpoint"),
            Self::Attempt { limit } => Error::new(
                ErrorKind::AttemptTimeout,
                format!(
                    "the request was sent, but {host} began no answer within {} s",
                    limit.as_secs_f64()
                ),
            )
            .was_sent(true)
            .retryable(idempotent)
            .advise(if idempotent {
                "the service may be busy; give it longer by `Timeouts::attempt`"
            } else {
                "the service may have done it: look before it is sent again, or give it longer by \
                 `Timeouts::attempt`"
            }),
            Self::Stall {
                limit,
                taken,
                length,
            } => Error::new(
                ErrorKind::Stalled,
                format!(
                    "the upload to {host} stalled after {}: none was taken for {} s",
                    super::inbound::bytes_of(taken, length),
                    limit.as_secs_f64()
                ),
            )
            .was_sent(true)
            .retryable(idempotent)
            .advise("check the network; on a line that pauses, set `Timeouts::stall` higher"),
            Self::Total { .. } => return None,
        })
    }
}

/// A body, cut into slices, that reports when it is asked for one and when it has none.
struct Slices {
    body: Body,
    /// What is left of the last chunk.
    rest: Bytes,
    /// What is left of the body, where its size is known.
    left: Option<u64>,
    /// Size of the last slice, and when it was taken.
    size: usize,
    taken_at: Option<Duration>,
    shared: Arc<Shared>,
}

impl Slices {
    fn take(&mut self) -> Bytes {
        let now = self.shared.environment.monotonic();
        let before = self.taken_at.replace(now);
        self.size = match before {
            Some(before) if now.saturating_sub(before) < QUICK => {
                self.size.saturating_mul(2).min(LARGEST)
            }
            _ => SLICE,
        };
        let slice = self.rest.split_to(self.rest.len().min(self.size));
        let size = u64::try_from(slice.len()).unwrap_or(u64::MAX);
        let mut state = self.shared.state();
        state.taken = state.taken.saturating_add(size);
        state.phase = Phase::Taking(now);
        drop(state);
        self.left = self.left.map(|left| left.saturating_sub(size));
        // A transport that knows the size asks no more.
        if self.left == Some(0) {
            self.shared.end_body();
        }
        slice
    }
}

impl Stream for Slices {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while this.rest.is_empty() {
            match Pin::new(&mut this.body).poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => this.rest = chunk,
                Poll::Ready(other) => {
                    this.shared.end_body();
                    return Poll::Ready(other);
                }
                Poll::Pending => {
                    let mut state = this.shared.state();
                    if state.body {
                        state.phase = Phase::Writing;
                    }
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Some(Ok(this.take())))
    }
}

impl Drop for Slices {
    fn drop(&mut self) {
        self.shared.end_body();
    }
}
