//! How long one call may wait.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::timer::Timer;
use crate::config::Config;
use crate::environment::Environment;
use crate::operation::Operation;
use crate::timeouts::{Clocks, Timeouts};

/// What bounds one call.
pub(in crate::call) struct Limits {
    pub(super) environment: Arc<dyn Environment>,
    pub(super) clocks: Clocks,
    pub(super) deadline: Option<Deadline>,
}

/// The end of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// By the environment's monotonic clock.
    pub(super) at: Duration,
    /// How long the call may take in all.
    pub(super) limit: Duration,
}

impl Limits {
    /// Those of a call of `operation` that starts now.
    pub(in crate::call) fn of_call(
        config: &Config,
        timeouts: Timeouts,
        operation: &Operation,
    ) -> Self {
        let clocks = timeouts.of_call(config.timeouts, operation);
        let deadline = clocks.total.map(|limit| Deadline {
            at: config.context.environment.monotonic().saturating_add(limit),
            limit,
        });
        Self {
            environment: Arc::clone(&config.context.environment),
            clocks,
            deadline,
        }
    }

    /// How long the call may take in all, if that is bounded.
    pub(in crate::call) fn total(&self) -> Option<Duration> {
        self.clocks.total
    }

    /// Whether the call has more time than `pause`.
    pub(in crate::call) fn outlast(&self, pause: Duration) -> bool {
        let end = self.environment.monotonic().saturating_add(pause);
        self.deadline.is_none_or(|deadline| end < deadline.at)
    }

    /// Runs `future` as long as the call has time.
    pub(in crate::call) async fn within<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let Some(deadline) = self.deadline else {
            return Some(future.await);
        };
        let mut future = pin!(future);
        let mut timer = Timer::new(Arc::clone(&self.environment));
        std::future::poll_fn(|context| {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Some(value));
            }
            // Only a call that has to wait starts its clock.
            timer.poll(deadline.at, context).map(|()| None)
        })
        .await
    }
}
