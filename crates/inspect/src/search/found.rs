//! What a search finds.

use std::ops::Range;

use crate::report::{Confidence, PayloadType};
use crate::work::Work;

/// What reporting a payload costs, in bytes looked at: a report stays a fraction of its file.
pub(super) const FINDING: usize = 512;

/// A payload at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) payload: PayloadType,
    pub(crate) confidence: Confidence,
}

impl Found {
    /// Bytes that were not searched, because the work was used up.
    pub(super) const fn unsearched(range: Range<usize>) -> Self {
        Self {
            range,
            payload: PayloadType::Unsearched,
            confidence: Confidence::Low,
        }
    }
}

/// What one search finds on its way forward.
pub(super) struct Finds<'w> {
    pub(super) work: &'w Work<'w>,
    pub(super) list: Vec<Found>,
    /// Where the searched bytes end.
    pub(super) end: usize,
}

impl<'w> Finds<'w> {
    pub(super) const fn new(work: &'w Work<'w>, end: usize) -> Self {
        Self {
            work,
            list: Vec::new(),
            end,
        }
    }

    /// Adds a payload. `None` if no work is left; what follows is unsearched.
    pub(super) fn push(&mut self, found: Found) -> Option<()> {
        if self.work.spend(FINDING).is_none() {
            self.give_up(found.range.start);
            return None;
        }
        self.list.push(found);
        Some(())
    }

    /// Ends the search at `from`: a check was refused there.
    pub(super) fn give_up(&mut self, from: usize) {
        self.list.push(Found::unsearched(from..self.end));
    }
}

/// What a structural check found out about a payload from its first byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) length: usize,
    pub(super) confidence: Confidence,
}

impl Extent {
    pub(super) const fn new(length: usize, confidence: Confidence) -> Self {
        Self { length, confidence }
    }
}
