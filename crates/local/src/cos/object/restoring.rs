//! Archived objects: restored.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::post_object_restore::{
    PostObjectRestoreRequest, PostObjectRestoreResponse,
};
use tcloud_cos::types::RestoreTier;

use crate::cos::fault::invalid;
use crate::cos::names;
use crate::state::State;
use crate::store::{Restoring, Tier};

/// Restores an archived object, or prolongs the time for which it is.
pub(in crate::cos) async fn restore(
    state: &State,
    _: Context,
    request: PostObjectRestoreRequest,
) -> Result<Answer<PostObjectRestoreResponse>, Fault> {
    let days = request.days.map(u32::try_from);
    let Some(Ok(days)) = days else {
        return Err(invalid("Days must be 1 to 365"));
    };
    let tier = match request.cas_job_parameters.and_then(|it| it.tier) {
        Some(RestoreTier::Expedited) => Tier::Expedited,
        Some(RestoreTier::Bulk) => Tier::Bulk,
        // The table lets no other word through.
        _ => Tier::Standard,
    };
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let restoring = state.store.restore_object(&name, version, days, tier);
    let status = match restoring.await? {
        Restoring::Begun => StatusCode::ACCEPTED,
        Restoring::Prolonged => StatusCode::OK,
    };
    Ok(Answer::new(PostObjectRestoreResponse::new()).status(status))
}
