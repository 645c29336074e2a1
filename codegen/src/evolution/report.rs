//! The changes of one service, as they are found.

use super::change::{Change, What};

/// Why it matters that a message is written differently.
pub(super) const OTHER_MESSAGE: &str = "what travels is another message";

/// What is known of a service so far.
#[derive(Default)]
pub(super) struct Report {
    /// The changes, not yet signed with the service's name.
    pub(super) changes: Vec<Change>,
    /// How many items differ in their documentation only.
    pub(super) documentation: usize,
}

impl Report {
    pub(super) fn tell(&mut self, item: impl Into<String>, what: What, why: impl Into<String>) {
        self.changes.push(Change {
            service: String::new(),
            item: item.into(),
            what,
            why: why.into(),
        });
    }

    pub(super) fn removed(&mut self, item: impl Into<String>, why: impl Into<String>) {
        self.tell(item, What::Removed, why);
    }

    pub(super) fn reshaped(
        &mut self,
        item: impl Into<String>,
        what: String,
        why: impl Into<String>,
    ) {
        self.tell(item, What::Reshaped(what), why);
    }

    pub(super) fn behaves(
        &mut self,
        item: impl Into<String>,
        what: String,
        why: impl Into<String>,
    ) {
        self.tell(item, What::Behaves(what), why);
    }

    pub(super) fn added(&mut self, item: impl Into<String>, why: impl Into<String>) {
        self.tell(item, What::Added, why);
    }

    /// Has `compare` look at one item, and counts it as newly documented if `described` says that
    /// its documentation differs and nothing else does.
    pub(super) fn item(&mut self, compare: impl FnOnce(&mut Self), described: bool) {
        let known = self.changes.len();
        compare(self);
        if described && self.changes.len() == known {
            self.documentation += 1;
        }
    }
}
