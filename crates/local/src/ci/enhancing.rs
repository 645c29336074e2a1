//! Pictures that are made larger or better while they are read, by operations of their own.

use tcloud_ci::operation::get_ai_enhance_image::{
    GetAiEnhanceImageRequest, GetAiEnhanceImageResponse,
};
use tcloud_ci::operation::get_ai_super_resolution::{
    GetAiSuperResolutionRequest, GetAiSuperResolutionResponse,
};
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_imaging::{Percent, Resize};

use super::fault::invalid;
use super::processed;
use crate::pictures::{Enhancement, Recipe};
use crate::state::State;

/// The degrees of noise taken out and of sharpening, from none at 0.
const DEGREES: u8 = 5;
/// The one that is taken if the request names none.
const DEFAULT_DEGREE: i64 = 3;

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
    let source = processed::read(state, request.bucket, request.key, request.detect_url).await?;
    let recipe = Recipe::of([Enhancement::Enlarge { input: None, to }.into()]);
    let sent = processed::made(state, source, recipe).await?;
    let mut answer = GetAiSuperResolutionResponse::new();
    answer.content_length = sent.length();
    answer.content_type = Some(sent.media_type);
    Ok(processed::answer(answer, sent.bytes, sent.headers))
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
    let share = f32::from(denoise) / f32::from(DEGREES);
    let mut parts = vec![Enhancement::Denoise(share).into()];
    if sharpen > 0 {
        let amount = amount.map_err(|error| invalid(error.to_string()))?;
        parts.push(Enhancement::Sharpen(amount).into());
    }
    let recipe = Recipe::of(parts).ignore_error(request.ignore_error == Some(1));
    let source = processed::read(state, request.bucket, request.key, request.detect_url).await?;
    let sent = processed::made(state, source, recipe).await?;
    let mut answer = GetAiEnhanceImageResponse::new();
    answer.content_length = sent.length();
    answer.content_type = Some(sent.media_type);
    Ok(processed::answer(answer, sent.bytes, sent.headers))
}

fn degree(name: &str, value: Option<i64>) -> Result<u8, Fault> {
    let value = value.unwrap_or(DEFAULT_DEGREE);
    u8::try_from(value)
        .ok()
        .filter(|degree| *degree <= DEGREES)
        .ok_or_else(|| invalid(format!("{name} is {value}; it must be from 0 to {DEGREES}")))
}
