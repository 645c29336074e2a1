//! What is asked for as a rule of picture processing, which Cloud Infinite does while it answers.

use tcloud_ci::picture::{
    Crop, Format as Word, Gravity, ImageMogr2, PicOperations, Pipeline, Quality, Rule, ScaleBy,
    Step, TextWatermark, Thumbnail,
};

use super::args::{Format, ProcessArgs};
use super::resize::{Mode, Size};
use crate::error::Error;

/// The rule that `args` ask for; `None` where a task of MPS does the work.
///
/// # Errors
///
/// Something that is asked for cannot be a rule.
pub(super) fn rule(args: &ProcessArgs) -> Result<Option<Pipeline>, Error> {
    let is_written_by_rule = args.format.is_some_and(|format| format.word().is_none());
    let is_drawn_by_rule = args.pipeline.is_some() || args.watermark_text.is_some();
    if !is_drawn_by_rule && args.quality.is_none() && !args.strip && !is_written_by_rule {
        return Ok(None);
    }
    if args.super_resolution || args.relative_quality.is_some() {
        return Err(Error::Usage(
            "process: --super-resolution and --relative-quality are done by a task, --pipeline, \
             --quality, --strip, --watermark-text and the formats AVIF and HEIF by a rule; give one or \
             the other"
                .to_owned(),
        ));
    }
    let mut pipeline = args.pipeline.clone().unwrap_or_default();
    if let Some(size) = args.resize
        && let Some(step) = resize(size, args.mode)?
    {
        pipeline = pipeline.then(step);
    }
    if let Some(text) = &args.watermark_text {
        pipeline = pipeline.then(watermark(text)?);
    }
    let mut written = ImageMogr2::new();
    let mut is_written = false;
    if let Some(format) = args.format {
        written = written.format(word(format));
        is_written = true;
    }
    if let Some(quality) = args.quality {
        written = written.quality(Quality::Exactly(quality));
        is_written = true;
    }
    if args.strip {
        written = written.strip();
        is_written = true;
    }
    if is_written {
        pipeline = pipeline.then(written);
    }
    Ok(Some(pipeline))
}

/// What writes `text` on a picture.
fn watermark(text: &str) -> Result<TextWatermark, Error> {
    /// Of the width of the picture, in thousandths.
    const SHARE: u32 = 250;
    /// In percent.
    const SHADOW: u32 = 60;
    if text.trim().is_empty() {
        return Err(Error::Usage(
            "process: --watermark-text is empty; give the text to write".to_owned(),
        ));
    }
    Ok(TextWatermark::new(text)
        .fill("#FFFFFF")
        .shadow(SHADOW)
        .scale_by(ScaleBy::Width)
        .scale(SHARE))
}

/// The header that has `pipeline` done to a picture, whose result has the name `name` beside it.
///
/// # Errors
///
/// The pipeline is out of the documents' bounds.
pub(super) fn header(pipeline: &Pipeline, name: &str) -> Result<String, Error> {
    let operations = PicOperations::new().rule(Rule::new(name, pipeline.clone()));
    operations
        .to_header()
        .map_err(|error| Error::Usage(format!("process: the rule cannot be sent: {error}")))
}

/// The format that the result of `pipeline` has, if it says so.
pub(super) fn format(pipeline: &Pipeline) -> Option<String> {
    let mut steps = pipeline.steps().iter().rev();
    steps.find_map(|step| match step {
        Step::ImageMogr2(it) => it.get_format().map(|word| word.as_str().to_owned()),
        Step::ImageView2(it) => it.get_format().map(|word| word.as_str().to_owned()),
        _ => None,
    })
}

fn word(format: Format) -> Word {
    match format {
        Format::Jpeg => Word::Jpg,
        Format::Png => Word::Png,
        Format::Webp => Word::Webp,
        Format::Bmp => Word::Bmp,
        Format::Avif => Word::Avif,
        Format::Heif => Word::Heif,
    }
}

fn resize(size: Size, mode: Mode) -> Result<Option<ImageMogr2>, Error> {
    let step = ImageMogr2::new();
    let (width, height) = match size {
        Size::Percent(percent) => {
            let whole = percent.to_string().parse().map_err(|_| {
                Error::Usage(format!(
                    "process: --resize {percent}% is no whole number of percent, which a rule needs"
                ))
            })?;
            return Ok(Some(step.thumbnail(Thumbnail::Percent(whole))));
        }
        Size::Box { width, height } => (side(width), side(height)),
    };
    Ok(Some(match (width, height, mode) {
        (Some(width), Some(height), Mode::Lfit) => {
            step.thumbnail(Thumbnail::Within { width, height })
        }
        (Some(width), Some(height), Mode::Pad) => step
            .thumbnail(Thumbnail::Within { width, height })
            .pad(true),
        (Some(width), Some(height), Mode::Mfit) => {
            step.thumbnail(Thumbnail::Around { width, height })
        }
        (Some(width), Some(height), Mode::Fixed) => {
            step.thumbnail(Thumbnail::Exact { width, height })
        }
        (Some(width), Some(height), Mode::Fill) => {
            let crop = step.crop(Crop::Size { width, height });
            crop.gravity(Gravity::Center)
        }
        (Some(width), None, _) => step.thumbnail(Thumbnail::Width(width)),
        (None, Some(height), _) => step.thumbnail(Thumbnail::Height(height)),
        (None, None, _) => return Ok(None),
    }))
}

/// Sizes are checked when they are read.
fn side(pixels: Option<i64>) -> Option<u32> {
    pixels.and_then(|pixels| u32::try_from(pixels).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_become_rules() {
        for (size, mode, rule) in [
            ("50%", Mode::Lfit, "imageMogr2/thumbnail/!50p"),
            ("80x60", Mode::Lfit, "imageMogr2/thumbnail/80x60"),
            ("80x60", Mode::Mfit, "imageMogr2/thumbnail/!80x60r"),
            ("80x60", Mode::Fixed, "imageMogr2/thumbnail/80x60!"),
            ("80x60", Mode::Fill, "imageMogr2/crop/80x60/gravity/center"),
            ("80x60", Mode::Pad, "imageMogr2/thumbnail/80x60/pad/1"),
            ("80x", Mode::Fill, "imageMogr2/thumbnail/80x"),
            ("x60", Mode::Pad, "imageMogr2/thumbnail/x60"),
        ] {
            let step = resize(size.parse().unwrap(), mode).unwrap().unwrap();
            assert_eq!(Pipeline::from(step).to_string(), rule);
        }
        assert!(resize("12.5%".parse().unwrap(), Mode::Lfit).is_err());
    }

    #[test]
    fn the_last_format_is_that_of_the_result() {
        let found = |text: &str| format(&text.parse().unwrap());
        let both = "imageMogr2/format/png|imageView2/2/w/9/format/webp|imageMogr2/rotate/9";
        assert_eq!(found(both).as_deref(), Some("webp"));
        assert_eq!(found("imageMogr2/rotate/9"), None);
    }
}
