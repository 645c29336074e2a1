//! Whether a bucket keeps versions of its objects.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::get_bucket_versioning::{
    GetBucketVersioningRequest, GetBucketVersioningResponse,
};
use tcloud_cos::operation::put_bucket_versioning::{
    PutBucketVersioningRequest, PutBucketVersioningResponse,
};
use tcloud_cos::types::VersioningStatus;

use super::setting::conflicts;
use crate::cos::names;
use crate::state::State;
use crate::store::Versioning;

/// Sets it. What was switched on once can only be suspended.
pub(in crate::cos) async fn put(
    state: &State,
    _: Context,
    request: PutBucketVersioningRequest,
) -> Result<Answer<PutBucketVersioningResponse>, Fault> {
    let versioning = match request.status {
        Some(VersioningStatus::Enabled) => Versioning::Enabled,
        // The table lets no other word through.
        _ => Versioning::Suspended,
    };
    let bucket = names::bucket(request.bucket)?;
    if versioning == Versioning::Suspended && conflicts::is_locked(state, &bucket).await? {
        return Err(conflicts::conflict(
            "the bucket has object lock, so its versioning cannot be suspended",
        ));
    }
    state.store.set_versioning(&bucket, versioning).await?;
    Ok(PutBucketVersioningResponse::new().into())
}

/// Reports it; nothing of a bucket that never kept any.
pub(in crate::cos) async fn get(
    state: &State,
    _: Context,
    request: GetBucketVersioningRequest,
) -> Result<Answer<GetBucketVersioningResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let mut answer = GetBucketVersioningResponse::new();
    answer.status = match state.store.bucket(&bucket).await?.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(VersioningStatus::Enabled),
        Versioning::Suspended => Some(VersioningStatus::Suspended),
    };
    Ok(answer.into())
}
