//! What a call needs of the world.

use std::fmt;
use std::time::Duration;

use crate::future::BoxFuture;

/// What a call needs of the world besides a transport.
pub trait Environment: Send + Sync + fmt::Debug {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> i64;

    /// Time since some moment in the past. Unlike [`now`](Self::now) it never goes back and is never
    /// set: deadlines are measured by it, and [`sleep`](Self::sleep) passes as it does.
    fn monotonic(&self) -> Duration;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A number anywhere in its range, for jitter: no secret depends on it.
    fn random(&self) -> u64;
}
