//! One sleep at a time, for clocks that move on while they are waited for.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::environment::Environment;
use crate::future::BoxFuture;

/// Waits for moments that may change from poll to poll. A moment that moves into the future costs
/// nothing: the sleep that is under way continues, and the rest is slept when it ends.
pub(super) struct Timer {
    environment: Arc<dyn Environment>,
    /// The sleep under way, and when it ends.
    armed: Option<(Duration, BoxFuture<'static, ()>)>,
    /// The moment that was reached at the last poll.
    reached: Option<Duration>,
}

impl Timer {
    pub(super) fn new(environment: Arc<dyn Environment>) -> Self {
        Self {
            environment,
            armed: None,
            reached: None,
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.environment.monotonic()
    }

    /// Ready when the clock has reached `at`, one turn of the executor later: where a thread was
    /// busy with something else until now, what came meanwhile is to be seen first, as its waker
    /// may be behind ours.
    pub(super) fn poll(&mut self, at: Duration, context: &mut Context<'_>) -> Poll<()> {
        if self.reached.take() == Some(at) {
            return Poll::Ready(());
        }
        loop {
            let sleep = match &mut self.armed {
                Some((end, sleep)) if *end <= at => sleep,
                armed => {
                    let rest = at.saturating_sub(self.environment.monotonic());
                    &mut armed.insert((at, self.environment.sleep(rest))).1
                }
            };
            ready!(sleep.as_mut().poll(context));
            // A sleep that has ended has passed, even by a clock that shows something else.
            let end = self.armed.take().map_or(at, |(end, _)| end);
            if end >= at || self.environment.monotonic() >= at {
                self.reached = Some(at);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }
}
