//! A picture made by a recipe.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::json;
use tcloud_imaging::{Error, Format, Info, Limits, Operation, Outcome, Pipeline, Rgb, probe};

use super::blind::Sought;
use super::quality;
use super::recipe::{Ending, Part};
use super::{PictureError, Pictures, Recipe, exif};

/// What comes of a recipe.
#[derive(Debug, Clone)]
pub(crate) enum Rendition {
    /// A picture.
    Picture {
        /// The file.
        bytes: Bytes,
        /// Its format.
        format: Format,
        /// What ran whose result depends on how it is made, by name.
        engines: Vec<String>,
    },
    /// An answer in JSON.
    Json(String),
    /// The picture as it was.
    Original(Bytes),
    /// The text of a blind watermark, if there is one.
    Text(Option<String>),
    /// What was found of a picture that was hidden as a blind watermark.
    Found {
        /// Its outline, in PNG.
        outline: Bytes,
        /// How sure it is, 0 to 100.
        certainty: u8,
    },
    /// The codes that a picture shows.
    #[cfg(feature = "codes")]
    Codes {
        /// What they say, and where they are.
        codes: Vec<tcloud_imaging::Code>,
        /// The picture, with the codes covered if that was asked for.
        bytes: Bytes,
        /// What covered them, by name.
        engines: Vec<String>,
    },
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
        let (bytes, made) = if is_about_input {
            (input, None)
        } else {
            let made = self.make(limits, recipe, bucket, input).await?;
            (Bytes::from(made.bytes), Some((made.format, made.engines)))
        };
        match (&recipe.ending, made) {
            (Ending::Picture, Some((format, engines))) => Ok(Rendition::Picture {
                bytes,
                format,
                engines,
            }),
            (Ending::Picture, None) => Ok(Rendition::Original(bytes)),
            (Ending::Hidden(look), _) => Ok(match self.look(limits, look, bucket, bytes).await? {
                Sought::Text(text) => Rendition::Text(text),
                Sought::Outline(outline, certainty) => Rendition::Found { outline, certainty },
            }),
            #[cfg(feature = "codes")]
            (Ending::Codes { kind, cover }, made) => {
                let codes = self.codes(limits, *kind, bytes.clone()).await?;
                let mut engines = made.map(|(_, engines)| engines).unwrap_or_default();
                let mut bytes = bytes;
                if *cover && !codes.is_empty() {
                    let cover = super::codes::cover(&codes).into_iter().map(Into::into);
                    let recipe = Recipe::of(cover).or_png();
                    let covered = self.make(limits, &recipe, bucket, bytes).await?;
                    bytes = covered.bytes.into();
                    engines.extend(covered.engines);
                }
                Ok(Rendition::Codes {
                    codes,
                    bytes,
                    engines,
                })
            }
            (Ending::Info, _) => {
                let info = self.information(limits, bytes).await?;
                Ok(Rendition::Json(info.to_json()))
            }
            (Ending::Exif, _) => {
                probe(&bytes, &limits)?;
                Ok(Rendition::Json(exif::exif(&bytes)))
            }
            (Ending::Average, _) => {
                let info = probe(&bytes, &limits)?;
                let color = self.average(limits, &info, bytes).await?;
                Ok(Rendition::Json(json!({ "RGB": hex(color) }).to_string()))
            }
        }
    }

    /// The picture that `recipe` makes of the picture `input`, which is in `bucket`: every way in to
    /// pictures ends here.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn make(
        &self,
        limits: Limits,
        recipe: &Recipe,
        bucket: &str,
        input: Bytes,
    ) -> Result<Outcome, PictureError> {
        let limits = self.within(limits);
        let info = probe(&input, &limits)?;
        let operations = self.operations(limits, recipe, bucket, &info, &input);
        let pipeline = Pipeline::new(limits, operations.await?);
        self.run(pipeline, &info, input).await
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
        let mut operations: Vec<Operation> = Vec::with_capacity(recipe.parts.len());
        for part in &recipe.parts {
            match part {
                Part::Operation(operation) => operations.push(operation.clone()),
                Part::Enhance(enhancement) => {
                    // How it is written is said later.
                    let so_far = Pipeline::new(limits, operations.clone()).then(Format::Png);
                    let size = so_far.output_size(info)?;
                    operations.extend(self.enhance(enhancement, size, info, input)?);
                }
                Part::Hide(hiding) => {
                    operations.push(self.hidden(limits, hiding, bucket).await?);
                }
                Part::Stamp(stamp) => {
                    let overlay = self.stamped(limits, stamp, bucket).await?;
                    operations.push(Operation::Overlay(overlay));
                }
            }
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
    if recipe.or_png && !info.format.is_writable() {
        writing.push(Operation::Format(Format::Png));
    }
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
