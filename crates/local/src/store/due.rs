//! What is asked for by who looks for work.

use super::callback::UnderWay;
use super::job::JobClass;

/// How long at most a job or callback waits for its next attempt, in milliseconds. A time farther
/// ahead was written before the clock was set back, so it counts as reached.
pub(super) const LONGEST_WAIT: i64 = 60_000;

/// A job to run.
pub(super) struct JobDue<'a> {
    pub(super) class: JobClass,
    pub(super) owner: &'a str,
    /// How long the claim lasts.
    pub(super) lease: i64,
    /// The time that leases are measured by, unless it is the database's.
    pub(super) lease_time: Option<i64>,
    pub(super) now: i64,
}

/// A callback to deliver.
pub(super) struct CallbackDue<'a> {
    pub(super) process: &'a str,
    /// How long the attempt is left alone.
    pub(super) lease: i64,
    /// The time that leases are measured by, unless it is the database's.
    pub(super) lease_time: Option<i64>,
    pub(super) now: i64,
    pub(super) under_way: &'a UnderWay,
}
