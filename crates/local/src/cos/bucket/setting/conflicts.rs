//! Which settings of a bucket exclude each other.

use http::StatusCode;
use tcloud_core::server::Fault;

use crate::state::State;
use crate::store::SettingName;

/// The kind of object lock.
pub(super) const OBJECT_LOCK: &str = "object-lock";
/// The kind of the switch of tiering by use.
pub(super) const TIERING: &str = "intelligenttiering";
/// The kind of the rules of tiering by use.
pub(super) const TIERING_RULES: &str = "intelligent-tiering";

/// Whether objects of `bucket` can be locked.
pub(in crate::cos) async fn is_locked(state: &State, bucket: &str) -> Result<bool, Fault> {
    is_set(state, bucket, OBJECT_LOCK).await
}

/// Refuses what moves objects between tiers, where they can be locked.
pub(super) async fn require_unlocked(state: &State, bucket: &str) -> Result<(), Fault> {
    if is_locked(state, bucket).await? {
        return Err(conflict(
            "the bucket has object lock, which excludes tiering by use",
        ));
    }
    Ok(())
}

/// Refuses what locks objects, where they move between tiers.
pub(super) async fn require_untiered(state: &State, bucket: &str) -> Result<(), Fault> {
    let is_tiered =
        is_set(state, bucket, TIERING).await? || is_set(state, bucket, TIERING_RULES).await?;
    if is_tiered {
        return Err(conflict(
            "the bucket has tiering by use, which excludes object lock",
        ));
    }
    Ok(())
}

/// The refusal of what does not go with what the bucket is.
pub(in crate::cos) fn conflict(message: &str) -> Fault {
    Fault::new(StatusCode::CONFLICT, "InvalidBucketState", message)
}

/// Whether `bucket` has a setting of the kind `kind`.
async fn is_set(state: &State, bucket: &str, kind: &'static str) -> Result<bool, Fault> {
    let all = SettingName {
        bucket: bucket.to_owned(),
        kind,
        id: String::new(),
    };
    let has_one = state.store.bucket_setting(&all).await?.is_some();
    // Those with a name follow the empty one.
    let named = state.store.bucket_settings(bucket, kind, "", 1).await?;
    Ok(has_one || !named.is_empty())
}
