//! Archived objects: what has to be restored before it can be read, and for how long it can be.

use serde::{Deserialize, Serialize};

use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{Object, ObjectName};
use super::rows;
use super::sql::sql;
use super::version::VersionId;

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// By how much the clocks of Beijing are ahead: a restored copy ends with a day there.
const BEIJING: i64 = 8 * HOUR;

/// How fast an object is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tier {
    /// In minutes.
    Expedited,
    /// In hours.
    Standard,
    /// In more hours.
    Bulk,
}

/// The restoration of an archived object. Times are those of the cloud's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restoration {
    /// How fast it was to be.
    pub(crate) tier: Tier,
    /// When it was asked for.
    pub(crate) requested: i64,
    /// From when on the object can be read.
    pub(crate) from: i64,
    /// Until when it can be read.
    pub(crate) until: i64,
}

/// How far a restoration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restored {
    /// The object cannot be read yet.
    UnderWay,
    /// The object can be read.
    Done,
    /// The object cannot be read any more.
    Over,
}

/// What an accepted request for a restoration comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restoring {
    /// The object is going to be restored.
    Begun,
    /// It is restored already, and can be read for another time.
    Prolonged,
}

impl Restoration {
    /// How far it is at the time `now`.
    pub(crate) const fn at(&self, now: i64) -> Restored {
        if now < self.from {
            Restored::UnderWay
        } else if now < self.until {
            Restored::Done
        } else {
            Restored::Over
        }
    }
}

/// How long it takes to restore an object of `class`, in milliseconds: as long as the documents say
/// that it may. `None` if the class has no such tier.
const fn duration(is_deep: bool, tier: Tier) -> Option<i64> {
    match (is_deep, tier) {
        (false, Tier::Expedited) => Some(5 * MINUTE),
        (false, Tier::Standard) => Some(5 * HOUR),
        (false, Tier::Bulk) => Some(12 * HOUR),
        (true, Tier::Expedited) => None,
        (true, Tier::Standard) => Some(24 * HOUR),
        (true, Tier::Bulk) => Some(48 * HOUR),
    }
}

/// The end of the day in Beijing that is `days` after the time `from`.
const fn end_after(from: i64, days: i64) -> i64 {
    let local = from.saturating_add(BEIJING);
    let midnight = local.div_euclid(DAY).saturating_add(days).saturating_add(1);
    midnight.saturating_mul(DAY).saturating_sub(BEIJING)
}

impl Object {
    /// The last restoration, if it is an archived object and there was one.
    pub(crate) fn restoration(&self) -> Option<Restoration> {
        // Nobody else has written it.
        serde_json::from_str(self.restoration.as_deref()?).ok()
    }

    /// Whether it has to be restored before it can be read: for most classes it does not.
    fn is_archived(&self) -> bool {
        matches!(self.storage_class(), Some("ARCHIVE" | "DEEP_ARCHIVE"))
    }

    /// Refuses an object that cannot be read at the time `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Archived`].
    pub(crate) fn require_readable(&self, now: i64) -> Result<()> {
        let restored = self.restoration().map(|it| it.at(now));
        if !self.is_archived() || restored == Some(Restored::Done) {
            return Ok(());
        }
        Err(StoreError::Archived {
            name: self.name(),
            class: self.storage_class().unwrap_or_default().to_owned(),
        })
    }

    /// The restoration that begins with a request at `now` for `days`.
    fn restored(&self, now: i64, days: u32, tier: Tier) -> Result<(Restoration, Restoring)> {
        if !self.is_archived() {
            return Err(StoreError::NotArchived(self.name()));
        }
        let is_deep = self.storage_class() == Some("DEEP_ARCHIVE");
        let duration =
            duration(is_deep, tier).ok_or_else(|| StoreError::NoSuchTier(self.name()))?;
        let last = self.restoration().map(|it| (it, it.at(now)));
        let (from, restoring) = match last {
            Some((_, Restored::UnderWay)) => {
                return Err(StoreError::RestoreUnderWay(self.name()));
            }
            Some((last, Restored::Done)) => (last.from, Restoring::Prolonged),
            _ => (now.saturating_add(duration), Restoring::Begun),
        };
        let restoration = Restoration {
            tier,
            requested: now,
            from,
            until: end_after(from.max(now), i64::from(days)),
        };
        Ok((restoration, restoring))
    }
}

impl Store {
    /// Restores the archived object `name`, or a version of it, so that it can be read for `days`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotArchived`], [`StoreError::NoSuchTier`], [`StoreError::RestoreUnderWay`];
    /// there is no such bucket, object or version.
    pub(crate) async fn restore_object(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        days: u32,
        tier: Tier,
    ) -> Result<Restoring> {
        let mut tx = self.write().await?;
        let restored = restore(&mut tx, name, version, (days, tier), self.now()).await;
        tx.end(restored).await
    }
}

/// [`Store::restore_object`] in a transaction.
pub(super) async fn restore(
    tx: &mut Connection,
    name: &ObjectName,
    version: Option<VersionId>,
    (days, tier): (u32, Tier),
    now: i64,
) -> Result<Restoring> {
    rows::lock(tx, name).await?;
    let object = rows::find_version(tx, name, version).await?;
    let (restoration, restoring) = object.restored(now, days, tier)?;
    let kept =
        serde_json::to_string(&restoration).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let set = sql(format!(
        "UPDATE objects SET restoration = $5 WHERE {}",
        rows::THIS_ROW
    ));
    rows::bind_row(set, &object).bind(kept).execute(tx).await?;
    Ok(restoring)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, Restoration, Restored, Tier, duration, end_after};

    /// 2020-04-10T12:30:00Z.
    const NOON: i64 = 1_586_521_800_000;

    #[test]
    fn a_restored_copy_ends_with_a_day_in_beijing() {
        // Out of a documented answer: restored on that day for three days, it ends at
        // "Mon, 13 Apr 2020 16:00:00 GMT".
        assert_eq!(end_after(NOON, 3), 1_586_793_600_000);
        assert_eq!(end_after(NOON + 3 * HOUR, 3), 1_586_793_600_000);
        assert_eq!(end_after(NOON + 4 * HOUR, 3), 1_586_793_600_000 + DAY);
    }

    #[test]
    fn it_can_be_read_between_its_times() {
        let restoration = Restoration {
            tier: Tier::Bulk,
            requested: 0,
            from: 10,
            until: 20,
        };
        let states = [9, 10, 19, 20].map(|now| restoration.at(now));
        let expected = [
            Restored::UnderWay,
            Restored::Done,
            Restored::Done,
            Restored::Over,
        ];
        assert_eq!(states, expected);
    }

    #[test]
    fn what_is_archived_deeper_takes_longer_and_is_never_expedited() {
        for tier in [Tier::Standard, Tier::Bulk] {
            assert!(duration(true, tier) > duration(false, tier));
        }
        assert_eq!(duration(true, Tier::Expedited), None);
    }
}
