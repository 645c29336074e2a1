//! `?ci-process=ImageRepair` and `AIImageCrop`: parts of pictures that are erased, or kept alone.

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use tcloud_ci::operation::get_ai_image_crop::{GetAiImageCropRequest, GetAiImageCropResponse};
use tcloud_ci::operation::get_image_repair::{GetImageRepairRequest, GetImageRepairResponse};
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_imaging::{Mode, Operation, Resize, probe};

use super::fault::{invalid, not_built};
use super::processed;
use crate::cos::rendition;
use crate::pictures::{CI, Enhancement, Erased, Place, Recipe};
use crate::state::State;

/// Base64 for addresses, with padding or without, as clients write it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The most outlines, and corners of all: more would be a picture's work.
const CORNERS: usize = 10_000;

/// Erases parts of a picture and fills the gaps.
pub(super) async fn repair(
    state: &State,
    _: Context,
    request: GetImageRepairRequest,
) -> Result<Answer<GetImageRepairResponse>, Fault> {
    let source = processed::read(state, request.bucket, request.key, request.detect_url).await?;
    let erased = match (request.mask_pic.as_deref(), request.mask_poly.as_deref()) {
        (Some(address), _) => {
            let address = decoded("MaskPic", address)?;
            let mask = processed::fetched(state, "MaskPic", &address).await?;
            let mask = state.pictures.picture(CI, mask).await;
            Erased::Light(mask.map_err(rendition::unprocessed)?)
        }
        (None, Some(text)) => Erased::Outlines(outlines(&decoded("MaskPoly", text)?)?),
        (None, None) => {
            return Err(not_built(
                "finding logos takes a network that is not here; give MaskPic or MaskPoly",
            ));
        }
    };
    let recipe = Recipe::of([Enhancement::Erase(erased).into()]);
    let sent = processed::made(state, source, recipe).await?;
    let mut answer = GetImageRepairResponse::new();
    answer.content_length = sent.length();
    answer.content_type = Some(sent.media_type);
    Ok(processed::answer(answer, sent.bytes, sent.headers))
}

fn decoded(name: &str, text: &str) -> Result<String, Fault> {
    let bytes = BASE64.decode(text).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid(format!("{name} is no text in URL-safe Base64")))
}

/// A list of corners, or several: `[[608,794],[1024,794],[1024,842]]`.
fn outlines(text: &str) -> Result<Vec<Vec<(Place, Place)>>, Fault> {
    type Outline = Vec<(f64, f64)>;
    let one = serde_json::from_str::<Outline>(text).map(|outline| vec![outline]);
    let several = one.or_else(|_| serde_json::from_str::<Vec<Outline>>(text));
    let several = several.map_err(|_| {
        invalid(
            "MaskPoly is no list of corners; write it like [[608,794],[1024,794],[1024,842]], or a \
             list of such lists",
        )
    })?;
    let corners: usize = several.iter().map(Vec::len).sum();
    if several.iter().any(|outline| outline.len() < 3) || corners > CORNERS || several.is_empty() {
        return Err(invalid(format!(
            "MaskPoly must have outlines of at least 3 corners, and at most {CORNERS} in all"
        )));
    }
    let place = |(x, y): (f64, f64)| (Place::Pixels(x), Place::Pixels(y));
    let outlines = several.into_iter();
    Ok(outlines
        .map(|it| it.into_iter().map(place).collect())
        .collect())
}

/// Cuts a picture to what draws the eye.
pub(super) async fn crop(
    state: &State,
    _: Context,
    request: GetAiImageCropRequest,
) -> Result<Answer<GetAiImageCropResponse>, Fault> {
    let length = |name: &str, value: Option<i64>| {
        let length = value.and_then(|value| u32::try_from(value).ok());
        length
            .filter(|length| (1..=CI.max_output_side).contains(length))
            .ok_or_else(|| {
                let most = CI.max_output_side;
                invalid(format!("{name} must be from 1 to {most} pixels"))
            })
    };
    let wanted = (
        length("width", request.width)?,
        length("height", request.height)?,
    );
    let ignores = request.ignore_error == Some(1);
    let source = processed::read(state, request.bucket, request.key, request.detect_url).await?;
    let info = match probe(&source.bytes, &state.pictures.within(CI)) {
        Ok(info) => Some(info),
        Err(_) if ignores => None,
        Err(error) => return Err(rendition::unprocessed(error.into())),
    };
    // A picture that cannot be read is sent as it is, by the recipe.
    let size = info.map_or(wanted, |info| (info.width, info.height));
    let is_within = wanted.0 <= size.0 && wanted.1 <= size.1;
    if !is_within && !ignores {
        return Err(invalid(format!(
            "{} x {} is more than the picture has, {} x {} pixels; ask for less",
            wanted.0, wanted.1, size.0, size.1
        )));
    }
    let mut recipe = Recipe::default();
    if is_within {
        let (width, height) = largest(wanted, size);
        let mut parts = vec![Operation::CutSalient(width, height).into()];
        if request.fixed == Some(1) {
            let exact = Resize::to_box(Mode::Fixed, Some(wanted.0), Some(wanted.1));
            parts.push(exact.map_err(|error| invalid(error.to_string()))?.into());
        }
        recipe = Recipe::of(parts).ignore_error(ignores);
    }
    let sent = if is_within {
        processed::made(state, source, recipe).await?
    } else {
        source
    };
    let mut answer = GetAiImageCropResponse::new();
    answer.content_length = sent.length();
    answer.content_type = Some(sent.media_type);
    Ok(processed::answer(answer, sent.bytes, sent.headers))
}

/// The largest size in the proportions of `wanted` within `size`.
fn largest(wanted: (u32, u32), size: (u32, u32)) -> (u32, u32) {
    let [width, height, most_width, most_height] =
        [wanted.0, wanted.1, size.0, size.1].map(u64::from);
    let found = if width * most_height >= height * most_width {
        (most_width, (most_width * height + width / 2) / width)
    } else {
        ((most_height * width + height / 2) / height, most_height)
    };
    let within = |side: u64, most: u32| u32::try_from(side).unwrap_or(most).clamp(1, most);
    (within(found.0, size.0), within(found.1, size.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_part_keeps_its_proportions() {
        for (wanted, size, found) in [
            ((100, 100), (640, 480), (480, 480)),
            ((200, 100), (640, 480), (640, 320)),
            ((1, 2), (640, 480), (240, 480)),
            ((640, 480), (640, 480), (640, 480)),
            ((9999, 1), (10_000, 10), (10_000, 1)),
        ] {
            assert_eq!(largest(wanted, size), found);
        }
    }

    #[test]
    fn outlines_are_one_or_several() {
        assert_eq!(outlines("[[0,0],[9,0],[9,9]]").unwrap().len(), 1);
        assert_eq!(
            outlines("[[[0,0],[9,0],[9,9]],[[1.5,1],[2,1],[2,2]]]")
                .unwrap()
                .len(),
            2
        );
        for text in [
            "",
            "[]",
            "[[]]",
            "[[0,0],[9,0]]",
            "[[0,0,0],[1,1,1],[2,2,2]]",
            "{}",
            "[[1e999,0],[1,1],[2,2]]",
        ] {
            assert!(outlines(text).is_err(), "{text}");
        }
    }
}
