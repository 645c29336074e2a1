//! What a request asks for, decided before a task is made.

mod enhance;
mod erase;
mod resize;

use tcloud_core::server::Fault;
use tcloud_imaging::{Format, Resize};
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{ImageEncodeConfig, ImageTaskInput};

use super::capability;
use super::fault::{invalid, missing, unsupported};
use super::path::OutputPath;
use super::source::Source;
use crate::pictures::quality::Wish;
use crate::pictures::{Enhancement, Recipe};

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
    /// What makes it larger or better, before it is resized.
    pub(super) enhance: Vec<Enhancement>,
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
        if let Some(config) = &task.erase_config {
            work.enhance.extend(erase::erased(config)?);
        }
        if let Some(config) = &task.enhance_config {
            work.enhance.extend(enhance::enhancements(config)?);
        }
        if let Some(config) = task
            .transform_config
            .as_ref()
            .and_then(|transform| transform.image_resize.as_ref())
        {
            work.resize = resize::resize(config)?;
        }
        Ok(work)
    }

    /// The same as the other ways in to pictures have it.
    pub(super) fn recipe(&self) -> Recipe {
        let enhance = self.enhance.iter().cloned().map(Into::into);
        let resize = self.resize.map(Into::into);
        let format = self.format.map(Into::into);
        let recipe = Recipe::of(enhance.chain(resize).chain(format));
        match self.quality {
            Some(percent) => recipe.quality(Wish::Percent(percent.into())),
            None => recipe,
        }
    }

    fn encode(&mut self, config: &ImageEncodeConfig) -> Result<(), Fault> {
        if let Some(format) = &config.format {
            // The document's samples write the names in small letters, its table does not.
            let known = Format::from_name(format.as_str()).filter(|format| {
                use Format::{Bmp, Jpeg, Png, WebP};
                matches!(format, Jpeg | Png | Bmp | WebP)
            });
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
