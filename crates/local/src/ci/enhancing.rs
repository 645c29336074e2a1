//! Pictures that are made larger or better while they are read, by operations of their own.

use bytes::Bytes;
use tcloud_ci::operation::get_ai_enhance_image::{
    GetAiEnhanceImageRequest, GetAiEnhanceImageResponse,
};
use tcloud_ci::operation::get_ai_super_resolution::{
    GetAiSuperResolutionRequest, GetAiSuperResolutionResponse,
};
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_imaging::{Format, Operation, Percent, Pipeline, Resize, probe};

use super::fault::invalid;
use crate::cos::{object_name, rendition};
use crate::pictures::{CI, Enhancement, PictureError, quality};
use crate::state::State;

/// The degrees of noise taken out and of sharpening, from none at 0.
const DEGREES: u8 = 5;
/// The one that is taken if the request names none.
const DEFAULT_DEGREE: i64 = 3;

/// A picture as it is sent.
struct Sent {
    bytes: Bytes,
    media_type: String,
}

/// Doubles a picture, once or twice.
pub(super) async fn enlarge(
    state: &State,
    _: Context,
    request: GetAiSuperResolutionRequest,
) -> Result<Answer<GetAiSuperResolutionResponse>, Fault> {
    let factor = match request.magnify {
        None | Some(2) => 2.0,
        Some(4) => 4.0,
        Some(other) => return Err(invalid(format!("magnify is {other}; it must be 2 or 4"))),
    };
    let to = Resize::scale(factor).map_err(|error| invalid(error.to_string()))?;
    let source = read(state, request.bucket, request.key, request.detect_url).await?;
    let enlarge = [Enhancement::Enlarge { input: None, to }];
    let sent = enhanced(state, source.bytes, &enlarge).await;
    let sent = sent.map_err(rendition::unprocessed)?;
    let mut answer = GetAiSuperResolutionResponse::new();
    answer.content_length = i64::try_from(sent.bytes.len()).ok();
    answer.content_type = Some(sent.media_type);
    Ok(Answer::new(answer).body(sent.bytes))
}

/// Takes noise out of a picture and sharpens it.
pub(super) async fn improve(
    state: &State,
    _: Context,
    request: GetAiEnhanceImageRequest,
) -> Result<Answer<GetAiEnhanceImageResponse>, Fault> {
    let denoise = degree("denoise", request.denoise)?;
    let sharpen = degree("sharpen", request.sharpen)?;
    let amount = Percent::new(i32::from(sharpen) * 100 / i32::from(DEGREES));
    let mut enhancements = vec![Enhancement::Denoise(
        f32::from(denoise) / f32::from(DEGREES),
    )];
    if sharpen > 0 {
        let amount = amount.map_err(|error| invalid(error.to_string()))?;
        enhancements.push(Enhancement::Sharpen(amount));
    }
    let source = read(state, request.bucket, request.key, request.detect_url).await?;
    let sent = match enhanced(state, source.bytes.clone(), &enhancements).await {
        Err(PictureError::Refused(_)) if request.ignore_error == Some(1) => source,
        sent => sent.map_err(rendition::unprocessed)?,
    };
    let mut answer = GetAiEnhanceImageResponse::new();
    answer.content_length = i64::try_from(sent.bytes.len()).ok();
    answer.content_type = Some(sent.media_type);
    Ok(Answer::new(answer).body(sent.bytes))
}

fn degree(name: &str, value: Option<i64>) -> Result<u8, Fault> {
    let value = value.unwrap_or(DEFAULT_DEGREE);
    u8::try_from(value)
        .ok()
        .filter(|degree| *degree <= DEGREES)
        .ok_or_else(|| invalid(format!("{name} is {value}; it must be from 0 to {DEGREES}")))
}

/// The object, or what is at `address`.
async fn read(
    state: &State,
    bucket: Option<String>,
    key: Option<String>,
    address: Option<String>,
) -> Result<Sent, Fault> {
    if let Some(address) = address {
        let fetched = state.fetch.get(&address, CI.max_input_bytes).await;
        let bytes = fetched.map_err(|error| invalid(format!("detect-url: {error}")))?;
        return Ok(Sent {
            bytes,
            media_type: "application/octet-stream".to_owned(),
        });
    }
    let (object, bytes) = rendition::read(state, &object_name(bucket, key)?, None).await?;
    Ok(Sent {
        bytes,
        media_type: object.attributes.content_type,
    })
}

/// The picture `input` with `enhancements`, in its own format and quality where that is written.
async fn enhanced(
    state: &State,
    input: Bytes,
    enhancements: &[Enhancement],
) -> Result<Sent, PictureError> {
    let limits = state.pictures.within(CI);
    let info = probe(&input, &limits)?;
    let mut operations = state.pictures.enhance(enhancements, &info, &input)?;
    operations.push(quality::wished(&input, info.format, None).into());
    if !info.format.is_writable() {
        operations.push(Operation::Format(Format::Png));
    }
    let pipeline = Pipeline::new(limits, operations);
    let made = state.pictures.run(pipeline, &info, input).await?;
    Ok(Sent {
        bytes: made.bytes.into(),
        media_type: made.format.media_type().to_owned(),
    })
}
