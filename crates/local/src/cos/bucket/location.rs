//! Where a bucket is.

use tcloud_core::server::{Context, Fault};
use tcloud_cos::operation::get_bucket_location::{
    GetBucketLocationRequest, GetBucketLocationResponse,
};

use crate::cos::names;
use crate::state::State;

/// Returns the region of a bucket.
pub(in crate::cos) async fn get(
    state: &State,
    _: Context,
    request: GetBucketLocationRequest,
) -> Result<GetBucketLocationResponse, Fault> {
    let name = names::bucket(request.bucket)?;
    let bucket = state.store.bucket(&name).await?;
    Ok(GetBucketLocationResponse::new().location(bucket.region))
}
