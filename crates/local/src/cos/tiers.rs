//! Objects move between tiers by use.
//!
//! Nothing is moved: the tier follows from when an object was read last and from the clock, so it is
//! right at any time, after a crash as well. Days end at the next midnight in Beijing, like those of
//! lifecycle rules; so it is enough to note the first read of a day, and of objects in a class with
//! tiers alone. Archive tiers are in no table of answers, so no object is ever in one.
//!
//! To read an object is to ask for its content: by `GetObject`, and by nothing else.

use tcloud_core::server::Fault;
use tcloud_cos::types::StorageTier;

use super::bucket::setting::tiering::{self, Infrequent};
use super::midnight::{self, DAY};
use crate::state::State;
use crate::store::Object;

/// Smaller objects are always in the tier for frequent use, in bytes.
const SMALLEST_MOVED: u64 = 64 * 1024;

/// How objects of a bucket move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiers {
    rule: Option<Infrequent>,
    now: i64,
}

impl Tiers {
    /// Those of `objects`, which are all of `bucket`.
    pub(super) async fn of<'a>(
        state: &State,
        bucket: &str,
        mut objects: impl Iterator<Item = &'a Object>,
    ) -> Result<Self, Fault> {
        let now = state.store.now();
        let rule = if objects.any(Object::is_tiered) {
            tiering::infrequent(state, bucket).await?
        } else {
            None
        };
        Ok(Self { rule, now })
    }

    /// The tier of `object`, if it is in a class that has tiers.
    pub(super) fn tier(&self, object: &Object) -> Option<StorageTier> {
        if !object.is_tiered() {
            return None;
        }
        let is_out_of_use = self.rule.is_some_and(|rule| {
            let used = object.accessed().unwrap_or(object.last_modified);
            let used = used.max(object.last_modified).max(rule.since);
            let until = end_of_day(used).saturating_add(rule.days.saturating_mul(DAY));
            object.size >= SMALLEST_MOVED && self.now >= until
        });
        Some(if is_out_of_use {
            StorageTier::Infrequent
        } else {
            StorageTier::Frequent
        })
    }

    /// Notes that `object` is being read, which brings it back.
    pub(super) async fn note_read(&self, state: &State, object: &Object) {
        let today = midnight::last(self.now);
        let is_noted = object.accessed().is_some_and(|noted| noted >= today);
        if self.rule.is_none() || !object.is_tiered() || is_noted {
            return;
        }
        // It is read all the same.
        if let Err(error) = state.store.note_access(object, self.now).await {
            tracing::warn!(%error, object = %object.name(), "a read is not noted");
        }
    }
}

/// The midnight that ends the day of `time`.
const fn end_of_day(time: i64) -> i64 {
    midnight::last(time).saturating_add(DAY)
}
