//! A job's claim: who works at it until when, and how that is taken back.

use super::error::{Result, StoreError};
use super::job::Job;

/// Turns a claimed job back to waiting, which means `Pause` while its queue is paused.
pub(super) const WAITING: &str = "state = CASE (SELECT q.state FROM queues q WHERE q.queue_id = jobs.queue_id) \
     WHEN 'Paused' THEN 'Pause' ELSE 'Submitted' END, \
     owner = NULL, lease_until = NULL, started_at = NULL";

/// A job given to a worker until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimedJob {
    /// The job.
    pub(crate) job: Job,
    /// Who.
    pub(super) owner: String,
}

impl ClaimedJob {
    /// `job`, which `owner` works at now.
    pub(super) fn new(job: Job, owner: &str) -> Self {
        let owner = owner.to_owned();
        Self { job, owner }
    }

    /// It was lost.
    pub(super) fn stale(&self) -> StoreError {
        StoreError::StaleClaim {
            id: self.job.id.clone(),
            attempt: self.job.attempt,
        }
    }

    /// Fails unless something was written by it.
    pub(super) fn require(&self, rows: u64) -> Result<()> {
        if rows == 0 { Err(self.stale()) } else { Ok(()) }
    }
}
