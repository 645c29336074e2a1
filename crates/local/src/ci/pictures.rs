//! What is known of a picture, asked for by an operation of its own.

use tcloud_ci::operation::get_image_ave::{GetImageAveRequest, GetImageAveResponse};
use tcloud_ci::operation::get_image_info::{GetImageInfoRequest, GetImageInfoResponse};
use tcloud_core::server::{Context, Fault};

use crate::cos::{object_name, rendition};
use crate::pictures::{CI, Information};
use crate::state::State;

async fn information(
    state: &State,
    bucket: Option<String>,
    key: Option<String>,
) -> Result<Information, Fault> {
    let name = object_name(bucket, key)?;
    let (_, picture) = rendition::read(state, &name, None).await?;
    let information = state.pictures.information(CI, picture).await;
    information.map_err(rendition::unprocessed)
}

/// Tells format, size and frames of a picture.
pub(super) async fn info(
    state: &State,
    _: Context,
    request: GetImageInfoRequest,
) -> Result<GetImageInfoResponse, Fault> {
    let found = information(state, request.bucket, request.key).await?;
    let mut answer = GetImageInfoResponse::new();
    answer.format = Some(found.format());
    answer.width = Some(i64::from(found.info.width));
    answer.height = Some(i64::from(found.info.height));
    answer.size = i64::try_from(found.size).ok();
    answer.md5 = Some(found.md5);
    answer.photo_rgb = Some(found.average);
    answer.frame_count = Some(i64::from(found.info.frames));
    answer.bit_depth = Some(i64::from(found.info.depth));
    Ok(answer)
}

/// Tells the main colour of a picture.
pub(super) async fn average(
    state: &State,
    _: Context,
    request: GetImageAveRequest,
) -> Result<GetImageAveResponse, Fault> {
    let found = information(state, request.bucket, request.key).await?;
    let mut answer = GetImageAveResponse::new();
    answer.rgb = Some(found.average);
    Ok(answer)
}
