//! `?ci-process=AssessQuality`: how good a picture is, in figures.

use tcloud_ci::operation::assess_quality::{AssessQualityRequest, AssessQualityResponse};
use tcloud_core::server::{Context, Fault};

use super::fault::not_built;
use super::processed;
use crate::cos::rendition;
use crate::pictures::CI;
use crate::state::State;

/// A longer side of fewer pixels makes a picture small.
const SMALL: u32 = 179;
/// A shorter side of more pixels makes it big.
const BIG: u32 = 1000;
/// Sides of which one is at least so many times the other make it long.
const LONG: u32 = 3;

/// Measures a picture. How pleasing it is is not among the figures: only people, and networks that have
/// learnt from them, know that.
pub(super) async fn assess(
    state: &State,
    context: Context,
    request: AssessQualityRequest,
) -> Result<AssessQualityResponse, Fault> {
    let asked = request.enable_aesthetics.as_deref();
    if asked.is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "1" | "true")) {
        return Err(not_built(
            "enable_aesthetics: it takes a network that knows what people like, and there is none \
             here; leave it out",
        ));
    }
    let source = processed::read(state, request.bucket, request.key, request.detect_url).await?;
    let measured = state.pictures.figures(CI, source.bytes).await;
    let (info, figures) = measured.map_err(rendition::unprocessed)?;
    let (shorter, longer) = (info.width.min(info.height), info.width.max(info.height));
    let is_small = longer < SMALL;
    let wants = |word: Option<&str>| {
        !word.is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "0" | "false"))
    };
    let clarity = if is_small {
        0
    } else {
        i64::from(figures.clarity())
    };
    let poverty = if is_small { 0 } else { 100 - clarity };
    let mut answer = AssessQualityResponse::new();
    answer.long_image = Some(!is_small && longer / LONG >= shorter);
    answer.black_and_white = Some(!is_small && figures.is_gray);
    answer.small_image = Some(is_small);
    answer.big_image = Some(shorter > BIG);
    answer.pure_image = Some(!is_small && figures.is_plain);
    answer.clarity_score = wants(request.enable_clarity.as_deref()).then_some(clarity);
    answer.low_quality_score = wants(request.enable_low_quality.as_deref()).then_some(poverty);
    answer.request_id = Some(context.request_id);
    Ok(answer)
}
