//! A picture made by a recipe.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::json;
use tcloud_imaging::{Error, Format, Info, Limits, Operation, Pipeline, Rgb, probe};

use super::quality;
use super::recipe::{Ending, Part};
use super::{PictureError, Pictures, Recipe};

/// What comes of a recipe.
#[derive(Debug, Clone)]
pub(crate) enum Rendition {
    /// A picture.
    Picture {
        /// The file.
        bytes: Bytes,
        /// Its format.
        format: Format,
    },
    /// An answer in JSON.
    Json(String),
    /// The picture as it was.
    Original(Bytes),
}

impl Pictures {
    /// What `recipe` makes of the picture `input`, which is in `bucket`.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn render(
        &self,
        limits: Limits,
        recipe: &Recipe,
        bucket: &str,
        input: Bytes,
    ) -> Result<Rendition, PictureError> {
        match self.rendered(limits, recipe, bucket, input.clone()).await {
            Err(PictureError::Refused(_)) if recipe.ignore_error => Ok(Rendition::Original(input)),
            Ok(Rendition::Picture { bytes, .. })
                if recipe.or_original && bytes.len() >= input.len() =>
            {
                Ok(Rendition::Original(input))
            }
            rendition => rendition,
        }
    }

    async fn rendered(
        &self,
        limits: Limits,
        recipe: &Recipe,
        bucket: &str,
        input: Bytes,
    ) -> Result<Rendition, PictureError> {
        let limits = self.within(limits);
        let is_about_input = recipe.parts.is_empty() && recipe.ending != Ending::Picture;
        let (bytes, format) = if is_about_input {
            (input, None)
        } else {
            let info = probe(&input, &limits)?;
            let pipeline = Pipeline::new(
                limits,
                self.operations(limits, recipe, bucket, &info, &input)
                    .await?,
            );
            let made = self.run(pipeline, &info, input).await?;
            (Bytes::from(made.bytes), Some(made.format))
        };
        match (recipe.ending, format) {
            (Ending::Picture, Some(format)) => Ok(Rendition::Picture { bytes, format }),
            (Ending::Picture, None) => Ok(Rendition::Original(bytes)),
            (Ending::Info, _) => {
                let info = self.information(limits, bytes).await?;
                Ok(Rendition::Json(info.to_json()))
            }
            (Ending::Average, _) => {
                let info = probe(&bytes, &limits)?;
                let color = self.average(limits, &info, bytes).await?;
                Ok(Rendition::Json(json!({ "RGB": hex(color) }).to_string()))
            }
        }
    }

    /// The operations of `recipe` for the picture `input`, whose header is `info`.
    async fn operations(
        &self,
        limits: Limits,
        recipe: &Recipe,
        bucket: &str,
        info: &Info,
        input: &[u8],
    ) -> Result<Vec<Operation>, PictureError> {
        let mut operations = Vec::with_capacity(recipe.parts.len());
        for part in &recipe.parts {
            operations.push(match part {
                Part::Operation(operation) => operation.clone(),
                Part::Stamp(stamp) => {
                    Operation::Overlay(self.stamped(limits, stamp, bucket).await?)
                }
            });
        }
        let writing = writing(recipe, &operations, info, input)?;
        operations.extend(writing);
        Ok(operations)
    }

    /// What the header of the picture `bytes` says.
    ///
    /// # Errors
    ///
    /// It is no picture, or one above `limits`.
    pub(crate) fn describe(&self, limits: Limits, bytes: &[u8]) -> Result<Description, Error> {
        let info = probe(bytes, &self.within(limits))?;
        Ok(Description {
            format: info.format,
            width: info.width.into(),
            height: info.height.into(),
            frames: info.frames.into(),
            orientation: info.orientation.into(),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            quality: quality::of_file(bytes, info.format).into(),
        })
    }

    /// What is known of the picture `input`.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn information(
        &self,
        limits: Limits,
        input: Bytes,
    ) -> Result<Information, PictureError> {
        let limits = self.within(limits);
        let info = probe(&input, &limits)?;
        let digest = Md5::digest(&input);
        Ok(Information {
            info,
            size: input.len(),
            md5: format!("{:032x}", u128::from_be_bytes(digest.into())),
            average: hex(self.average(limits, &info, input).await?),
        })
    }
}

/// What a picture is, without decoding it, in numbers as the documents have them.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) format: Format,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) frames: i64,
    /// The orientation as Exif has it, 1 if the file does not say.
    pub(crate) orientation: i64,
    /// Bytes of the file.
    pub(crate) size: i64,
    /// The quality it was written with, 1 to 100.
    pub(crate) quality: i64,
}

/// What is known of a picture.
#[derive(Debug)]
pub(crate) struct Information {
    /// The header.
    pub(crate) info: Info,
    /// Bytes of the file.
    pub(crate) size: usize,
    /// Its digest, in hexadecimal.
    pub(crate) md5: String,
    /// Its main colour, as `0xRRGGBB`.
    pub(crate) average: String,
}

impl Information {
    /// The format, as the documents name it.
    pub(crate) fn format(&self) -> String {
        self.info.format.to_string().to_ascii_lowercase()
    }

    /// As the documents show it, numbers as texts.
    fn to_json(&self) -> String {
        let answer = json!({
            "format": self.format(),
            "width": self.info.width.to_string(),
            "height": self.info.height.to_string(),
            "size": self.size.to_string(),
            "md5": self.md5,
            "photo_rgb": self.average,
            "frame_count": self.info.frames.to_string(),
            "bit_depth": self.info.depth.to_string(),
        });
        answer.to_string()
    }
}

/// What says how the result of `recipe` is written for the picture `input`, whose header is `info`
/// and to which `operations` are done.
fn writing(
    recipe: &Recipe,
    operations: &[Operation],
    info: &Info,
    input: &[u8],
) -> Result<Vec<Operation>, Error> {
    let quality = quality::wished(input, info.format, recipe.quality);
    let mut writing = vec![Operation::Quality(quality)];
    if let Some(bytes) = recipe.max_bytes {
        let formats = operations.iter().rev();
        let mut formats = formats.filter_map(|operation| match operation {
            Operation::Format(format) => Some(*format),
            _ => None,
        });
        let format = formats.next().unwrap_or(info.format);
        if format != Format::Jpeg {
            return Err(Error::InvalidParameter {
                name: "size-limit",
                found: format!("given for a result in {format}"),
                expected: "used with JPEG alone, as by format/jpg",
            });
        }
        writing.push(Operation::MaxBytes(bytes));
    }
    Ok(writing)
}

fn hex(Rgb([red, green, blue]): Rgb) -> String {
    format!("0x{red:02x}{green:02x}{blue:02x}")
}
