//! What is known of a picture, asked for by an operation of its own, and protected originals.

use std::io;

use tcloud_ci::operation::get_image_ave::{GetImageAveRequest, GetImageAveResponse};
use tcloud_ci::operation::get_image_exif::{GetImageExifRequest, GetImageExifResponse};
use tcloud_ci::operation::get_image_info::{GetImageInfoRequest, GetImageInfoResponse};
use tcloud_ci::operation::get_origin_image::{GetOriginImageRequest, GetOriginImageResponse};
use tcloud_core::body::Body;
use tcloud_core::server::{Answer, Context, Fault};

use futures_util::TryStreamExt;

use crate::cos::{object_name, rendition};
use crate::pictures::{CI, Information, exif};
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

/// Tells what cameras and programs have noted in a picture.
pub(super) async fn exif(
    state: &State,
    _: Context,
    request: GetImageExifRequest,
) -> Result<Answer<GetImageExifResponse>, Fault> {
    let name = object_name(request.bucket, request.key)?;
    let (_, picture) = rendition::read(state, &name, None).await?;
    let about = state.pictures.describe(CI, &picture);
    about.map_err(|error| rendition::unprocessed(error.into()))?;
    let text = exif::exif(&picture);
    let mut answer = GetImageExifResponse::new();
    answer.content_type = Some("application/json".to_owned());
    answer.content_length = i64::try_from(text.len()).ok();
    Ok(Answer::new(answer).body(text))
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

/// Returns a picture as it was stored, whatever protects it.
pub(super) async fn original(
    state: &State,
    _: Context,
    request: GetOriginImageRequest,
) -> Result<Answer<GetOriginImageResponse>, Fault> {
    let name = object_name(request.bucket, request.key)?;
    let reader = state.store.get_object(&name, None).await?;
    let size = reader.object.size;
    let mut answer = GetOriginImageResponse::new();
    answer.content_type = Some(reader.object.attributes.content_type.clone());
    answer.content_length = i64::try_from(size).ok();
    let body = Body::from_stream(reader.content.map_err(io::Error::other), Some(size));
    Ok(Answer::new(answer).body(body))
}
