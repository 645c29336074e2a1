//! Where the local cloud reads the time from.

use std::fmt;
use std::pin::pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tcloud_core::future::BoxFuture;
use tokio::sync::Notify;

/// A source of the current time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time in milliseconds since the Unix epoch. It jumps when the clock is set.
    fn now(&self) -> i64;

    /// Milliseconds since a moment that stays the same while the process lives. It never jumps,
    /// so this is what leases are measured by.
    fn monotonic(&self) -> i64;

    /// Waits until `duration` has passed by this clock. What a fault lets a client wait is waited for
    /// in this way.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
            .unwrap_or_default()
    }

    fn monotonic(&self) -> i64 {
        i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// A clock that moves only on demand.
#[derive(Debug, Default)]
pub struct ManualClock {
    now: AtomicI64,
    monotonic: AtomicI64,
    advanced: Notify,
}

impl ManualClock {
    /// A clock that shows `now`, in Unix milliseconds.
    pub fn new(now: i64) -> Self {
        Self {
            now: AtomicI64::new(now),
            monotonic: AtomicI64::new(0),
            advanced: Notify::new(),
        }
    }

    /// Lets `millis` milliseconds pass.
    pub fn advance(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
        self.monotonic.fetch_add(millis, Ordering::Relaxed);
        self.advanced.notify_waiters();
    }

    /// Sets the clock to `now`, in Unix milliseconds, as its owner can. No time passes.
    pub fn set(&self, now: i64) {
        self.now.store(now, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> i64 {
        self.monotonic.load(Ordering::Relaxed)
    }

    /// Waits until the clock was advanced so far.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let until = self.monotonic().saturating_add(millis);
        Box::pin(async move {
            loop {
                // Before the look at the clock, so that no advance is missed.
                let mut advanced = pin!(self.advanced.notified());
                advanced.as_mut().enable();
                if self.monotonic() >= until {
                    return;
                }
                advanced.await;
            }
        })
    }
}
