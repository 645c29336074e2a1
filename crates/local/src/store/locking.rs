//! Objects that can be neither replaced nor deleted until a time, not even by their owner.

use super::bucket::Bucket;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::object::ObjectName;
use super::sql::Sql;

/// How long a day is, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What [`require_none`] is to select, of the row that is about to go.
pub(super) const LOCK: &str = "SELECT locked_until FROM objects";

/// Until when a new object of `bucket` is locked at the time `now`.
pub(super) fn new_lock(bucket: &Bucket, now: i64) -> Option<i64> {
    let days = bucket.retention.filter(|days| *days > 0)?;
    Some(now.saturating_add(days.saturating_mul(DAY)))
}

/// Refuses to go on if the version of `name` that `selected` finds is locked at the time `now`. Nothing
/// is asked in buckets without locks.
pub(super) async fn require_none(
    tx: &mut Connection,
    bucket: &Bucket,
    name: &ObjectName,
    selected: Sql,
    now: i64,
) -> Result<()> {
    if bucket.retention.is_none() {
        return Ok(());
    }
    let found: Option<Option<i64>> = selected.scalar_optional(tx).await?;
    match found.flatten() {
        Some(until) if until > now => Err(StoreError::ObjectLocked {
            name: name.clone(),
            until,
        }),
        _ => Ok(()),
    }
}
