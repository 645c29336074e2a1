//! `?ci-process=ImageInspect`: whether a picture hides another file, answered at once.

use tcloud_ci::operation::get_image_inspect::{GetImageInspectRequest, GetImageInspectResponse};
use tcloud_core::server::{Context, Fault};

use super::job::Failure;
use super::job::image_inspect::{details, inspect as inspected};
use crate::cos::object_name;
use crate::state::State;

/// Inspects a picture as the job `ImageInspect` does.
pub(super) async fn inspect(
    state: &State,
    _: Context,
    request: GetImageInspectRequest,
) -> Result<GetImageInspectResponse, Fault> {
    let name = object_name(request.bucket, request.key)?;
    let reader = state.store.get_object(&name, None).await?;
    let report = inspected(state, reader).await;
    let found = details(&report.map_err(Failure::into_fault)?);
    let mut answer = GetImageInspectResponse::new();
    answer.pic_size = found.pic_size;
    answer.pic_type = found.pic_type;
    answer.suspicious = found.suspicious;
    answer.suspicious_begin_byte = found.suspicious_begin_byte;
    answer.suspicious_end_byte = found.suspicious_end_byte;
    answer.suspicious_size = found.suspicious_size;
    answer.suspicious_type = found.suspicious_type;
    Ok(answer)
}
