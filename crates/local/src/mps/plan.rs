//! What a request asks for, decided before a task is made.

use std::ops::RangeInclusive;

use tcloud_core::server::Fault;
use tcloud_imaging::{Format, Mode, Resize};
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{
    ImageEncodeConfig, ImageResizeConfig, ImageTaskInput, SuperResolutionConfig, Switch,
};

use super::capability;
use super::fault::{invalid, missing, unsupported};
use super::path::OutputPath;
use super::source::Source;

/// The factors by which a picture may be scaled.
const FACTORS: RangeInclusive<f64> = 0.1..=10.0;
/// The lengths a side may be given, in pixels.
const SIDES: RangeInclusive<u32> = 1..=16_384;

/// A task: which picture, what to do with it, where the result goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) source: Source,
    pub(super) work: Work,
    pub(super) target: Target,
}

/// What to do with the picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Work {
    /// Format of the result; without one the input's is kept.
    pub(super) format: Option<Format>,
    /// Quality of the result as a percentage of the input's, 1 to 100.
    pub(super) quality: Option<u8>,
    /// Whether both sides are doubled first.
    pub(super) super_resolve: bool,
    /// The size of the result.
    pub(super) resize: Option<Resize>,
}

/// Where the result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) bucket: String,
    pub(super) region: String,
    pub(super) path: OutputPath,
}

impl Plan {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// `UnsupportedOperation` for what is not built, `InvalidParameterValue` or
    /// `MissingParameter` for what cannot be followed; each names the node.
    pub(super) fn new(request: &ProcessImageRequest) -> Result<Self, Fault> {
        capability::check(request)?;
        let input = request
            .input_info
            .as_ref()
            .ok_or_else(|| missing("InputInfo", "a task needs a picture"))?;
        let task = request
            .image_task
            .as_ref()
            .ok_or_else(|| missing("ImageTask", "say what to do with the picture"))?;
        let source = Source::new(input)?;
        Ok(Self {
            work: Work::new(task)?,
            target: Target::new(request, &source)?,
            source,
        })
    }
}

impl Work {
    fn new(task: &ImageTaskInput) -> Result<Self, Fault> {
        let mut work = Self::default();
        if let Some(encode) = &task.encode_config {
            work.encode(encode)?;
        }
        if let Some(config) = task
            .enhance_config
            .as_ref()
            .and_then(|enhance| enhance.super_resolution.as_ref())
        {
            work.super_resolve = super_resolve(config)?;
        }
        if let Some(config) = task
            .transform_config
            .as_ref()
            .and_then(|transform| transform.image_resize.as_ref())
        {
            work.resize = resize(config)?;
        }
        Ok(work)
    }

    fn encode(&mut self, config: &ImageEncodeConfig) -> Result<(), Fault> {
        if let Some(format) = &config.format {
            // The document's samples write the names in small letters, its table does not.
            let known = Format::from_name(format.as_str())
                .filter(|format| !matches!(format, Format::Gif | Format::Tiff));
            self.format = Some(known.ok_or_else(|| {
                invalid(
                    "ImageTask.EncodeConfig.Format",
                    "it must be JPEG, PNG, BMP or WebP",
                )
            })?);
        }
        if let Some(quality) = config.quality {
            let known = u8::try_from(quality)
                .ok()
                .filter(|quality| (1..=100).contains(quality));
            self.quality = Some(known.ok_or_else(|| {
                invalid("ImageTask.EncodeConfig.Quality", "it must be from 1 to 100")
            })?);
        }
        Ok(())
    }
}

fn super_resolve(config: &SuperResolutionConfig) -> Result<bool, Fault> {
    if is_off(config.switch.as_ref()) {
        return Ok(false);
    }
    if config.size.is_some_and(|size| size != 2) {
        return Err(invalid(
            "ImageTask.EnhanceConfig.SuperResolution.Size",
            "only 2 is supported",
        ));
    }
    Ok(true)
}

fn resize(config: &ImageResizeConfig) -> Result<Option<Resize>, Fault> {
    const NODE: &str = "ImageTask.TransformConfig.ImageResize";
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    let node = |name: &str| format!("{NODE}.{name}");
    let mode = config.mode.as_ref().map_or("percent", |mode| mode.as_str());
    if mode.eq_ignore_ascii_case("percent") {
        let factor = config.percent.unwrap_or(1.0);
        if !FACTORS.contains(&factor) {
            return Err(invalid(&node("Percent"), "it must be from 0.1 to 10"));
        }
        return Resize::scale(factor)
            .map(Some)
            .map_err(|error| invalid(&node("Percent"), &error.to_string()));
    }
    let mode = mode_of(mode).ok_or_else(|| {
        invalid(
            &node("Mode"),
            "it must be percent, mfit, lfit, fill, pad or fixed",
        )
    })?;
    let side = |name: &str, value: Option<i64>| {
        value
            .map(u32::try_from)
            .transpose()
            .map_err(|_| invalid(&node(name), "it must be from 1 to 16384"))
    };
    let (width, height) = (side("Width", config.width)?, side("Height", config.height)?);
    let (long, short) = (
        side("LongSide", config.long_side)?,
        side("ShortSide", config.short_side)?,
    );
    let mut sides = [width, height, long, short].into_iter().flatten();
    if !sides.all(|side| SIDES.contains(&side)) {
        return Err(invalid(NODE, "its sides must be from 1 to 16384 pixels"));
    }
    let resize = match (width, height, long, short) {
        (None, None, None, None) => {
            return Err(invalid(
                NODE,
                "this Mode needs Width, Height, LongSide or ShortSide",
            ));
        }
        (None, None, long, short) => Resize::to_sides(mode, long, short),
        (width, height, ..) => Resize::to_box(mode, width, height),
    };
    resize
        .map(Some)
        .map_err(|error| invalid(NODE, &error.to_string()))
}

/// The mode of this name, in any case. `percent` is not among them: it has no box.
fn mode_of(name: &str) -> Option<Mode> {
    match name.to_ascii_lowercase().as_str() {
        "mfit" => Some(Mode::Cover),
        "lfit" => Some(Mode::Contain),
        "fill" => Some(Mode::Fill),
        "pad" => Some(Mode::Pad),
        "fixed" => Some(Mode::Fixed),
        _ => None,
    }
}

/// A switch that is not set is on, throughout the service.
fn is_off(switch: Option<&Switch>) -> bool {
    switch.is_some_and(|switch| switch.as_str().eq_ignore_ascii_case("OFF"))
}

impl Target {
    /// Reads `OutputStorage`, `OutputDir` and `OutputPath`. What they leave open is as with the
    /// input.
    fn new(request: &ProcessImageRequest, source: &Source) -> Result<Self, Fault> {
        let storage = request.output_storage.as_ref();
        let kind = storage.and_then(|storage| storage.type_.as_ref());
        if kind.is_some_and(|kind| !kind.as_str().eq_ignore_ascii_case("COS")) {
            return Err(unsupported("OutputStorage.Type", "store the result in COS"));
        }
        let place = storage.and_then(|storage| storage.cos_output_storage.as_ref());
        let inherited = match source {
            Source::Object { name, region } => Some((&name.bucket, region)),
            Source::Address(_) if storage.is_none() => {
                return Err(invalid(
                    "OutputStorage",
                    "it must say where the result goes, since the input is no object in COS",
                ));
            }
            Source::Address(_) => None,
        };
        let bucket = place
            .and_then(|place| place.bucket.as_ref())
            .filter(|text| !text.is_empty());
        let region = place
            .and_then(|place| place.region.as_ref())
            .filter(|text| !text.is_empty());
        let open = |name: &str| {
            invalid(
                &format!("OutputStorage.CosOutputStorage.{name}"),
                "it must be set, since the input is no object in COS",
            )
        };
        Ok(Self {
            bucket: bucket
                .or(inherited.map(|(bucket, _)| bucket))
                .ok_or_else(|| open("Bucket"))?
                .clone(),
            region: region
                .or(inherited.map(|(_, region)| region))
                .ok_or_else(|| open("Region"))?
                .clone(),
            path: OutputPath::new(
                request.output_dir.as_deref(),
                request.output_path.as_deref(),
                source,
            )?,
        })
    }
}

#[cfg(test)]
mod tests;
