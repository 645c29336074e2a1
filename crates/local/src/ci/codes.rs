//! `?ci-process=QRcode` and `qrcode-generate`: codes that are read from pictures and drawn.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tcloud_ci::operation::generate_qr_code::{GenerateQrCodeRequest, GenerateQrCodeResponse};
use tcloud_ci::operation::get_qr_code::{GetQrCodeRequest, GetQrCodeResponse};
use tcloud_ci::types::{QrCodeInfo, RecognitionPolygon};
use tcloud_core::server::{Context, Fault};
use tcloud_imaging::Code;

use super::fault::{invalid, not_built};
use super::processed;
use crate::cos::{object_name, rendition, version};
use crate::pictures::codes;
use crate::pictures::{CI, PictureError, Recipe};
use crate::state::State;

/// The widest picture of a code.
const WIDEST: u32 = 4096;

/// Reads the codes of a picture, and covers them if asked to.
pub(super) async fn read(
    state: &State,
    _: Context,
    request: GetQrCodeRequest,
) -> Result<GetQrCodeResponse, Fault> {
    if request.segment == Some(1) {
        return Err(not_built(
            "segment: pictures are searched as a whole here; leave it out",
        ));
    }
    let number = request.bar_type.unwrap_or_default();
    let kind = codes::of_bar_type(number)
        .ok_or_else(|| invalid(format!("bar-type is {number}; it must be 0, 1 or 2")))?;
    let version = version(request.version_id.as_deref())?;
    let name = object_name(request.bucket, request.key)?;
    let (object, input) = rendition::read(state, &name, version).await?;
    let found = state.pictures.codes(CI, kind, input.clone()).await;
    let found = found.map_err(rendition::unprocessed)?;
    let mut answer = GetQrCodeResponse::new();
    answer.code_status = Some(i64::from(!found.is_empty()));
    if request.cover == Some(1) {
        let source = processed::Sent::stored(input, object.attributes.content_type);
        let cover = codes::cover(&found).into_iter().map(Into::into);
        let covered = processed::made(state, source, Recipe::of(cover)).await?;
        answer.result_image = Some(BASE64_STANDARD.encode(covered.bytes));
    }
    Ok(answer.qr_code_info(described(found)))
}

/// The codes as the documents show them.
pub(super) fn described(codes: Vec<Code>) -> Vec<QrCodeInfo> {
    let whole = |value: f64| format!("{:.0}", value.max(0.0));
    let point = |(x, y)| format!("{},{}", whole(x), whole(y));
    let each = codes.into_iter().map(|code| {
        QrCodeInfo::new()
            .code_url(code.text)
            .code_location(RecognitionPolygon::new().point(code.corners.map(point)))
    });
    each.collect()
}

/// Draws a code.
pub(super) async fn generate(
    state: &State,
    _: Context,
    request: GenerateQrCodeRequest,
) -> Result<GenerateQrCodeResponse, Fault> {
    let is_bars = match request.mode {
        None | Some(0) => false,
        Some(1) => true,
        Some(other) => return Err(invalid(format!("mode is {other}; it must be 0 or 1"))),
    };
    let width = request.width.and_then(|width| u32::try_from(width).ok());
    let width = width
        .filter(|width| (1..=WIDEST).contains(width))
        .ok_or_else(|| invalid(format!("width must be from 1 to {WIDEST} pixels")))?;
    let text = request.qrcode_content.unwrap_or_default();
    if text.is_empty() {
        return Err(invalid("qrcode-content is empty; a code says something"));
    }
    let drawn = state.pictures.draw_code(text, is_bars, width).await;
    let drawn = drawn.map_err(|error| match error {
        PictureError::Refused(error) => invalid(error.to_string()),
        broken @ PictureError::Broken(_) => rendition::unprocessed(broken),
    })?;
    let mut answer = GenerateQrCodeResponse::new();
    answer.result_image = Some(BASE64_STANDARD.encode(drawn));
    Ok(answer)
}
