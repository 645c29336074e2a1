//! Until when objects are locked.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::Timestamp;
use tcloud_cos::operation::get_object_retention::{
    GetObjectRetentionRequest, GetObjectRetentionResponse,
};
use tcloud_cos::operation::put_object_retention::{
    PutObjectRetentionRequest, PutObjectRetentionResponse,
};
use tcloud_cos::types::RetentionMode;

use super::finding::find;
use super::listing::with_millis;
use crate::cos::bucket::setting::conflicts::conflict;
use crate::cos::fault::invalid;
use crate::cos::names;
use crate::state::State;

/// Locks an object, or prolongs its lock.
pub(in crate::cos) async fn put(
    state: &State,
    _: Context,
    request: PutObjectRetentionRequest,
) -> Result<Answer<PutObjectRetentionResponse>, Fault> {
    let until = request.retain_until_date.as_ref();
    let until = until.and_then(Timestamp::unix_seconds).ok_or_else(|| {
        invalid("RetainUntilDate is no time; write one as in 2026-12-10T08:34:48.000Z")
    })?;
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    if state.store.bucket(&name.bucket).await?.retention.is_none() {
        return Err(conflict(
            "objects of the bucket cannot be locked; let them by PutBucketObjectLock first",
        ));
    }
    let until = until.saturating_mul(1000);
    state.store.lock_object(&name, version, until).await?;
    Ok(PutObjectRetentionResponse::new().into())
}

/// Says until when an object is locked, or was.
pub(in crate::cos) async fn get(
    state: &State,
    _: Context,
    request: GetObjectRetentionRequest,
) -> Result<GetObjectRetentionResponse, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let object = find(state, &name, version).await?;
    let until = object.locked_until.ok_or_else(|| {
        Fault::new(
            StatusCode::NOT_FOUND,
            "NoSuchObjectLockConfiguration",
            format!("{name} was never locked; lock it by PutObjectRetention"),
        )
    })?;
    Ok(GetObjectRetentionResponse::new()
        .retain_until_date(Timestamp::from_text(with_millis(until)))
        .mode(RetentionMode::Compliance))
}
