//! What a batch job is, and what it does to each object.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::object::{Object, ObjectAttributes, ObjectName};
use super::restoration::Tier;
use super::version::VersionId;
use super::words::words;

/// How far a batch job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchStatus {
    /// It was made.
    New,
    /// Its list is read.
    Preparing,
    /// It waits to be confirmed.
    Suspended,
    /// It waits to be run.
    Ready,
    /// It is run.
    Active,
    /// Another job is run instead.
    Paused,
    /// All is done, and its report is written.
    Completing,
    /// It has ended.
    Complete,
    /// It is given up, and its report is written.
    Cancelling,
    /// It was given up.
    Cancelled,
    /// Too much has failed, and its report is written.
    Failing,
    /// It has failed.
    Failed,
}

words!(BatchStatus {
    New => "New",
    Preparing => "Preparing",
    Suspended => "Suspended",
    Ready => "Ready",
    Active => "Active",
    Paused => "Paused",
    Completing => "Completing",
    Complete => "Complete",
    Cancelling => "Cancelling",
    Cancelled => "Cancelled",
    Failing => "Failing",
    Failed => "Failed",
});

impl BatchStatus {
    /// Whether it is the last one.
    pub(crate) const fn is_end(self) -> bool {
        matches!(self, Self::Complete | Self::Cancelled | Self::Failed)
    }
}

/// A batch job to keep.
#[derive(Clone)]
pub(crate) struct NewBatchJob {
    /// A fresh id.
    pub(crate) id: String,
    /// The region.
    pub(crate) region: String,
    /// The client's word for its request.
    pub(crate) token: String,
    /// What the client asked for, in the caller's own format.
    pub(crate) request: String,
    /// The priority: a greater number is run first.
    pub(crate) priority: i64,
}

/// A batch job as recorded. `Debug` shows nothing of its request.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub(crate) struct BatchJob {
    pub(super) seq: i64,
    /// The id.
    pub(crate) id: String,
    /// The region.
    pub(crate) region: String,
    /// The client's word for its request.
    pub(crate) token: String,
    /// What the client asked for.
    pub(crate) request: String,
    /// The priority.
    pub(crate) priority: i64,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub(crate) status: BatchStatus,
    /// Why its status was changed by hand.
    pub(crate) reason: Option<String>,
    /// Why it failed, as a code.
    pub(crate) code: Option<String>,
    /// Why it failed, as a sentence.
    pub(crate) message: Option<String>,
    /// How many objects it is about.
    pub(crate) total: i64,
    /// How many of them are done.
    pub(crate) succeeded: i64,
    /// How many of them have failed.
    pub(crate) failed: i64,
    /// When it was made.
    pub(crate) created_at: i64,
    /// Since when it waits to be confirmed.
    pub(crate) suspended_at: Option<i64>,
    /// When it ended.
    pub(crate) ended_at: Option<i64>,
}

impl std::fmt::Debug for BatchJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchJob")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What became of a request for a batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BatchSubmission {
    /// The job is kept and will be run.
    Accepted(BatchJob),
    /// An earlier request had the same token.
    Known(BatchJob),
    /// There are as many jobs as there may be.
    TooMany,
}

/// An object that a batch job is about, as its list names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The bucket.
    pub(crate) bucket: String,
    /// The key.
    pub(crate) key: String,
    /// The version; empty if none is named.
    pub(crate) version: String,
}

/// What a batch job does to one object.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct BatchTask {
    /// Which one it is, from 0 on.
    pub(crate) number: i64,
    /// The bucket.
    pub(crate) bucket: String,
    /// The key.
    pub(crate) key: String,
    /// The version; empty if none is named.
    pub(crate) version: String,
    /// What came of it, as the status of an answer.
    pub(crate) status: Option<i64>,
    /// Why it failed, as a code.
    pub(crate) code: String,
    /// Why it failed, as a sentence.
    pub(crate) message: String,
}

impl BatchTask {
    /// Whether it was done.
    pub(crate) fn has_succeeded(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// What comes of a task.
#[derive(Debug, Clone)]
pub(crate) enum Tasked {
    /// An object is copied, as it was read before.
    Copy {
        /// The object.
        source: Box<Object>,
        /// The name of the copy.
        to: ObjectName,
        /// What the copy has besides its content.
        attributes: ObjectAttributes,
    },
    /// An archived object is restored.
    Restore {
        /// The object.
        name: ObjectName,
        /// Its version.
        version: Option<VersionId>,
        /// For how many days.
        days: u32,
        /// How fast.
        tier: Tier,
    },
    /// An object gets tags.
    Tag {
        /// The object.
        name: ObjectName,
        /// Its version.
        version: Option<VersionId>,
        /// The tags.
        tags: BTreeMap<String, String>,
    },
    /// Nothing: it has failed.
    Failed {
        /// What was wrong, as the status of an answer.
        status: u16,
        /// The same as a code.
        code: String,
        /// The same as a sentence.
        message: String,
    },
}
