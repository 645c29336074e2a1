//! What was done, and what was not.

use std::fmt;

use crate::batch::item::{Failure, Skipped};
use crate::batch::setup::Setup;
use crate::engine::Engine;
use crate::progress::Progress;

/// What was done, and what was not. [`Plan::retry`](crate::Plan::retry) tries again what failed.
#[non_exhaustive]
pub struct Report {
    /// What was done.
    pub counts: Counts,
    /// What failed.
    pub failed: Vec<Failure>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// Files and objects that were the same on both sides already.
    pub unchanged: u64,
    /// The progress at the end.
    pub progress: Progress,
    pub(super) engine: Engine,
    pub(super) setup: Setup,
}

/// How many files and objects were changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Files that were uploaded.
    pub uploaded: u64,
    /// Objects that were downloaded.
    pub downloaded: u64,
    /// Objects that were copied.
    pub copied: u64,
    /// Files and objects that were deleted.
    pub deleted: u64,
    /// Folders and markers that were made.
    pub made: u64,
}

impl Report {
    /// Whether nothing failed.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("counts", &self.counts)
            .field("failed", &self.failed)
            .field("skipped", &self.skipped)
            .field("unchanged", &self.unchanged)
            .finish_non_exhaustive()
    }
}
