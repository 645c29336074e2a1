//! Whether, and when, a failed call is tried again: policy × backoff × token bucket.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::error::Error;

/// How often a call is tried, and how long it waits in between.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Most attempts of one call, the first included.
    pub attempts: u32,
    /// The wait before the second attempt is up to this; it doubles with each attempt.
    pub base: Duration,
    /// No wait is longer than this.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    /// Three attempts, from 200 ms, at most 20 s.
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// Never tries again.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// The same policy with another number of attempts, the first included.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The wait after the attempt numbered `attempt` (from 1): anywhere up to the doubled base,
    /// as `random` decides, unless the service named a time.
    pub(crate) fn delay(&self, attempt: u32, error: &Error, random: u64) -> Duration {
        let doubled = self
            .base
            .saturating_mul(
                1_u32
                    .checked_shl(attempt.saturating_sub(1))
                    .unwrap_or(u32::MAX),
            )
            .min(self.cap);
        let millis = u64::try_from(doubled.as_millis()).unwrap_or(u64::MAX);
        let jittered = Duration::from_millis(match millis.checked_add(1) {
            Some(range) => random.checked_rem(range).unwrap_or(0),
            None => random,
        });
        error
            .retry_after()
            .map_or(jittered, |asked| asked.min(self.cap).max(jittered))
    }
}

/// Bounds the retries of a client as a whole, so that a service in trouble is not drowned in
/// second attempts. Each retry takes tokens; each success gives one back.
#[derive(Debug)]
pub(crate) struct TokenBucket(AtomicU32);

const CAPACITY: u32 = 500;
const COST: u32 = 5;

impl TokenBucket {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(CAPACITY))
    }

    pub(crate) fn take(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
                tokens.checked_sub(COST)
            })
            .is_ok()
    }

    pub(crate) fn give_back(&self) {
        // A full bucket stays full.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
                (tokens < CAPACITY).then_some(tokens + 1)
            });
    }
}
