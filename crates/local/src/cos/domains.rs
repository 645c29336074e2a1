//! At which hosts a bucket answers besides its own: global acceleration, and domains of its owner's.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_cos::types::DomainKind;

use super::bucket::setting::delivery;
use crate::state::State;

/// What a domain leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Led {
    pub(crate) bucket: String,
    /// Whether to its website.
    pub(crate) is_website: bool,
}

/// What the domain `name` leads to, if it was set for a bucket and is switched on.
pub(crate) async fn led(state: &State, name: &str) -> Result<Option<Led>, Fault> {
    let found = delivery::leads_to(state, name).await?;
    Ok(found.map(|(bucket, kind)| Led {
        bucket,
        is_website: kind == DomainKind::Website,
    }))
}

/// Refuses a request by global acceleration to a bucket without it.
pub(crate) async fn require_accelerated(state: &State, bucket: &str) -> Result<(), Fault> {
    if delivery::is_accelerated(state, bucket).await? {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::BAD_REQUEST,
        "BucketAccelerateNotEnabled",
        format!("the bucket {bucket} has no global acceleration; enable it by PutBucketAccelerate"),
    ))
}
