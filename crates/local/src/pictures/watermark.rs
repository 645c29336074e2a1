//! Watermarks: what the grammar asks for, and where their pictures come from.

use percent_encoding::percent_decode_str;
use reqwest::Url;
#[cfg(feature = "text")]
use tcloud_ci::picture::TextWatermark;
use tcloud_ci::picture::{Gravity as GravityWord, ImageWatermark, Oversize as Word, ScaleBy};
use tcloud_imaging::{Error, Gravity, Limits, Measure, Overlay, Oversize, Picture, probe};
#[cfg(feature = "text")]
use tcloud_imaging::{Rgb, Text};

use super::error::RecipeError;
use super::{PictureError, Pictures, geometry};
use crate::fetch::shown;

/// Opacity in percent where none is asked for.
const OPACITY: u32 = 90;
/// Space between repetitions, in percent, where none is asked for.
const SPACING: u32 = 10;
/// The largest share of the area, in thousandths.
const MAX_AREA_SHARE: u32 = 250;

/// What a picture used as a watermark may measure, beside what any picture may: it stays in memory
/// while the one below waits for its turn.
const STAMP_PIXELS: u64 = 16_000_000;

tokio::task_local! {
    /// Set while the picture of a watermark is read.
    static READING_STAMP: ();
}

/// How a watermark is laid on a picture.
#[derive(Debug, Clone)]
pub(super) struct Laying {
    gravity: Gravity,
    offset: (i32, i32),
    opacity: u32,
    scale: Option<(Measure, u32)>,
    oversize: Oversize,
    /// Spacing and degrees.
    tiling: Option<(u32, u32)>,
}

/// A picture to be laid on another one.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    url: String,
    laying: Laying,
}

impl Laying {
    fn new(
        gravity: Option<&GravityWord>,
        offset: (Option<i32>, Option<i32>),
        opacity: Option<u32>,
        scale: (Option<ScaleBy>, Option<u32>),
    ) -> Result<Self, RecipeError> {
        let gravity = gravity.map(geometry::gravity).transpose()?;
        Ok(Self {
            gravity: gravity.unwrap_or(Gravity::SouthEast),
            offset: (offset.0.unwrap_or_default(), offset.1.unwrap_or_default()),
            opacity: opacity.unwrap_or(OPACITY),
            scale: match scale {
                (None, None) => None,
                (Some(measure), Some(share)) => Some(scaled(&measure, share)?),
                _ => {
                    let message = "watermark: scatype and spcent need each other";
                    return Err(RecipeError::Invalid(message.to_owned()));
                }
            },
            oversize: Oversize::Crop,
            tiling: None,
        })
    }

    fn tiled(mut self, batch: Option<bool>, spacing: Option<u32>, degree: Option<u32>) -> Self {
        let tiling = (spacing.unwrap_or(SPACING), degree.unwrap_or_default());
        self.tiling = batch.unwrap_or_default().then_some(tiling);
        self
    }

    fn lay(&self, overlay: Overlay) -> Result<Overlay, Error> {
        let mut overlay = overlay
            .gravity(self.gravity)
            .offset(self.offset.0, self.offset.1)
            .opacity(self.opacity)?
            .oversize(self.oversize);
        if let Some((measure, share)) = self.scale {
            overlay = overlay.scale(measure, share)?;
        }
        if let Some((spacing, degrees)) = self.tiling {
            overlay = overlay.tiled(spacing, degrees);
        }
        Ok(overlay)
    }
}

/// The text watermark `it`.
///
/// Its font is looked for by the name of its file without the ending; without one, and where the
/// machine does not have it, the text is written without serifs.
#[cfg(feature = "text")]
pub(super) fn text(it: &TextWatermark) -> Result<Overlay, RecipeError> {
    let unread = |name| RecipeError::Invalid(format!("watermark/2/{name} cannot be read"));
    let mut text = Text::new(it.get_text().ok_or_else(|| unread("text"))?)?
        .size_in_pixels(it.get_font_size().unwrap_or(13))?
        .shadow(it.get_shadow().unwrap_or_default())?;
    if let Some(font) = it.get_font() {
        let name = font
            .rsplit_once('.')
            .map_or(font.as_str(), |(name, _)| name);
        text = text.family(name);
    }
    let fill = it.get_fill().unwrap_or_else(|| "#3D3D3D".to_owned());
    let color = Rgb::from_hex(&fill).ok_or_else(|| {
        let message =
            format!("watermark/2/fill is `{fill}`; it must be the Base64 form of #RRGGBB");
        RecipeError::Invalid(message)
    })?;
    let laying = Laying::new(
        it.get_gravity().as_ref(),
        (it.get_dx(), it.get_dy()),
        it.get_dissolve(),
        (it.get_scale_by(), it.get_scale()),
    )?;
    let laying = laying.tiled(it.get_batch(), it.get_spacing(), it.get_degree());
    Ok(laying.lay(Overlay::text(text.color(color)))?)
}

impl Stamp {
    /// The picture watermark `it`.
    pub(super) fn new(it: &ImageWatermark) -> Result<Self, RecipeError> {
        let url = it.get_image().ok_or_else(|| {
            RecipeError::Invalid("watermark/1/image is no address in Base64".to_owned())
        })?;
        let laying = Laying::new(
            it.get_gravity().as_ref(),
            (it.get_dx(), it.get_dy()),
            it.get_dissolve(),
            (it.get_scale_by(), it.get_scale()),
        )?;
        let mut laying = laying.tiled(it.get_batch(), it.get_spacing(), it.get_degree());
        laying.oversize = match it.get_oversize() {
            None | Some(Word::Crop) => Oversize::Crop,
            Some(Word::Scale) => Oversize::Shrink,
            Some(other) => {
                let message = format!("watermark/1/blogo/{} is no choice", other.as_str());
                return Err(RecipeError::Invalid(message));
            }
        };
        Ok(Self { url, laying })
    }
}

/// Whether what is being done is reading the picture of a watermark.
pub(super) fn is_being_read() -> bool {
    READING_STAMP.try_with(|()| ()).is_ok()
}

impl Pictures {
    /// What lays `stamp`, whose picture is in `bucket`, on a picture within `limits`.
    pub(super) async fn stamped(
        &self,
        limits: Limits,
        stamp: &Stamp,
        bucket: &str,
    ) -> Result<Overlay, PictureError> {
        let picture = self.linked(limits, "watermark/1/image", &stamp.url, bucket);
        Ok(stamp.laying.lay(Overlay::picture(picture.await?))?)
    }

    /// Whether `url` is the address of a picture in `bucket`.
    fn leads_to(&self, bucket: &str, url: &str) -> bool {
        let url = Url::parse(url).ok();
        let led = url.filter(|url| url.scheme() == "http").and_then(|url| {
            let host = match url.port() {
                Some(port) => format!("{}:{port}", url.host_str()?),
                None => url.host_str()?.to_owned(),
            };
            let path = percent_decode_str(url.path()).decode_utf8().ok()?;
            self.fetch.bucket_at(&host, &path)
        });
        led.is_some_and(|(found, _)| found == bucket)
    }

    /// The picture at `url`, which the parameter `name` of a rule has and which is in `bucket`, if it is
    /// one within `limits`.
    pub(super) async fn linked(
        &self,
        limits: Limits,
        name: &'static str,
        url: &str,
        bucket: &str,
    ) -> Result<Picture, PictureError> {
        let refused = |found, expected| Error::InvalidParameter {
            name,
            found,
            expected,
        };
        if !self.leads_to(bucket, url) {
            return Err(refused(
                shown(url),
                "the http:// address of a picture in the bucket of the one below, by a name of \
                 that bucket",
            )
            .into());
        }
        // One with a watermark of its own could lead to itself.
        if is_being_read() {
            let found = "given for a picture that is a watermark itself".to_owned();
            return Err(refused(found, "left out there").into());
        }
        let bytes = self.fetch.get(url, limits.max_input_bytes);
        let bytes = READING_STAMP.scope((), bytes).await.map_err(|error| {
            refused(
                format!("not readable: {error}"),
                "an address that anyone may read, or one with a signature in it",
            )
        })?;
        let limits = limits.max_pixels(limits.max_pixels.min(STAMP_PIXELS));
        let info = probe(&bytes, &limits)?;
        self.decoded(limits, &info, bytes).await
    }
}

fn scaled(measure: &ScaleBy, share: u32) -> Result<(Measure, u32), RecipeError> {
    let measure = match measure {
        ScaleBy::Width => Measure::Width,
        ScaleBy::Height => Measure::Height,
        ScaleBy::Area if share > MAX_AREA_SHARE => {
            let message = format!(
                "watermark/spcent is {share}; of the area it is at most {MAX_AREA_SHARE} \
                 thousandths"
            );
            return Err(RecipeError::Invalid(message));
        }
        ScaleBy::Area => Measure::Area,
        other => {
            let message = format!("watermark/scatype/{} is no measure", other.as_str());
            return Err(RecipeError::Invalid(message));
        }
    };
    Ok((measure, share))
}
