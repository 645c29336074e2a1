//! From the grammar of picture processing to operations of the engine: the one place that knows
//! what each parameter means, and which are not built.

use tcloud_ci::picture::{
    Flip as FlipWord, Format as FormatWord, ImageMogr2, ImageView2, Pipeline, Quality as Asked,
    SizeLimit, Step,
};
use tcloud_imaging::{Blur, Cut, Flip, Format, Gravity, Operation, Percent, Rgb, Sharpen};

use super::blind::{self, Hiding, Look};
use super::enhance::Enhancement;
use super::error::RecipeError;
use super::geometry;
use super::quality::Wish;
#[cfg(feature = "text")]
use super::watermark;
use super::watermark::Stamp;
#[cfg(feature = "codes")]
use tcloud_imaging::CodeKind;

/// The most operations with `|` between them.
const STEPS: usize = 10;

/// The frames that `cgif/1` stands for.
const CGIF_FRAMES: u32 = 30;
/// The colours that `cgif` leaves to each frame. The documents say that there are fewer.
const CGIF_COLORS: u16 = 128;

/// What a pipeline ends in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    /// The picture.
    #[default]
    Picture,
    /// What is known of it, as JSON.
    Info,
    /// Its main colour, as JSON.
    Average,
    /// What cameras and programs have noted in it, as JSON.
    Exif,
    /// A blind watermark that it may hold.
    Hidden(Look),
    /// The codes that it shows.
    #[cfg(feature = "codes")]
    Codes {
        /// Which ones.
        kind: CodeKind,
        /// Whether they are covered.
        cover: bool,
    },
}

/// One thing to be done to a picture.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Operation(Operation),
    Enhance(Enhancement),
    /// Lays another picture on it, which is to be read first.
    Stamp(Box<Stamp>),
    /// Hides a text or another picture in it.
    Hide(Hiding),
}

impl From<Enhancement> for Part {
    fn from(enhancement: Enhancement) -> Self {
        Self::Enhance(enhancement)
    }
}

impl<T: Into<Operation>> From<T> for Part {
    fn from(operation: T) -> Self {
        Self::Operation(operation.into())
    }
}

/// What is to be done to a picture.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recipe {
    /// The pipeline, as its text is.
    pub(super) text: String,
    pub(super) parts: Vec<Part>,
    pub(super) quality: Option<Wish>,
    /// Most bytes, which JPEG alone can have.
    pub(super) max_bytes: Option<u64>,
    /// Whether a picture that cannot be processed comes back as it is.
    pub(super) ignore_error: bool,
    /// Whether a result that is not smaller than the picture gives the picture itself.
    pub(super) or_original: bool,
    pub(super) ending: Ending,
    /// Whether a picture in a format that is only read becomes a PNG.
    pub(super) or_png: bool,
}

impl Recipe {
    /// These parts in their order, as services ask for them that have no grammar.
    pub(crate) fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        Self {
            parts: parts.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Writes with a quality.
    pub(crate) fn quality(mut self, wish: Wish) -> Self {
        self.quality = Some(wish);
        self
    }

    /// Sends a picture that cannot be processed as it is.
    pub(crate) fn ignore_error(mut self, ignored: bool) -> Self {
        self.ignore_error = ignored;
        self
    }

    /// Writes PNG where the format of the picture is only read.
    pub(crate) fn or_png(mut self) -> Self {
        self.or_png = true;
        self
    }

    /// What `pipeline` asks for.
    ///
    /// # Errors
    ///
    /// See [`RecipeError`].
    pub(crate) fn new(pipeline: &Pipeline) -> Result<Self, RecipeError> {
        if let Some(unknown) = pipeline.unknown().next() {
            return Err(RecipeError::NotBuilt(unknown.to_owned()));
        }
        let invalid = |error: tcloud_ci::picture::Error| RecipeError::Invalid(error.to_string());
        let mut recipe = Self {
            text: pipeline.rule().map_err(invalid)?,
            ..Self::default()
        };
        if pipeline.steps().len() > STEPS {
            let message = format!("a pipeline has at most {STEPS} operations; use fewer");
            return Err(RecipeError::Invalid(message));
        }
        for step in pipeline.steps() {
            if recipe.ending != Ending::Picture {
                let message = format!(
                    "{} takes a picture, which is not what comes before it",
                    step.head()
                );
                return Err(RecipeError::Invalid(message));
            }
            match step {
                Step::ImageMogr2(it) => recipe.mogr2(step, it)?,
                Step::ImageView2(it) => recipe.view2(it)?,
                Step::ImageInfo(_) => recipe.ending = Ending::Info,
                Step::ImageAve(_) => recipe.ending = Ending::Average,
                Step::Exif(_) => recipe.ending = Ending::Exif,
                Step::ImageWatermark(it) => {
                    recipe.parts.push(Part::Stamp(Box::new(Stamp::new(it)?)));
                }
                #[cfg(feature = "text")]
                Step::TextWatermark(it) => {
                    let overlay = watermark::text(it)?;
                    recipe.parts.push(Operation::Overlay(overlay).into());
                }
                Step::BlindWatermark(it) => recipe.parts.push(Part::Hide(blind::hiding(it)?)),
                Step::ExtractBlindWatermark(it) => {
                    recipe.ending = Ending::Hidden(blind::look(it)?);
                }
                Step::ImageSlim(_) => recipe.slim(),
                #[cfg(feature = "codes")]
                Step::QrCode(it) => recipe.ending = codes(it)?,
                other => return Err(RecipeError::NotBuilt(other.head())),
            }
        }
        Ok(recipe)
    }

    /// The text of the pipeline: what is equal in it has equal results.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the result depends on other pictures than the one that is processed.
    pub(crate) fn reads_others(&self) -> bool {
        let mut parts = self.parts.iter();
        let looks = matches!(
            self.ending,
            Ending::Hidden(Look::Hidden(_) | Look::Original(_))
        );
        looks
            || parts.any(|part| matches!(part, Part::Stamp(_) | Part::Hide(Hiding::Picture { .. })))
    }

    /// What it ends in.
    pub(crate) const fn ending(&self) -> &Ending {
        &self.ending
    }

    /// Whether it ends in a picture, instead of words about one.
    pub(crate) fn makes_picture(&self) -> bool {
        matches!(
            self.ending,
            Ending::Picture | Ending::Hidden(Look::Hidden(_) | Look::Original(_))
        )
    }

    fn mogr2(&mut self, step: &Step, it: &ImageMogr2) -> Result<(), RecipeError> {
        let mut seen = Vec::new();
        for name in step.parameters() {
            if seen.contains(&name) {
                let message = format!(
                    "imageMogr2 has {name} twice; write the second one behind `|` as an \
                     operation of its own"
                );
                return Err(RecipeError::Invalid(message));
            }
            seen.push(name);
            let unread =
                || RecipeError::Invalid(format!("imageMogr2/{name}: the value is out of bounds"));
            match name {
                // The first three belong to others, wherever they are. Metadata is never kept, and
                // pictures are always upright.
                "pad" | "color" | "gravity" | "strip" | "auto-orient" => {}
                "ignore-error" => self.ignore_error |= it.get_ignore_error().unwrap_or_default(),
                "minisize" => self.or_original |= it.get_minisize().unwrap_or_default(),
                "quality" => self.quality = Some(wish(it.get_quality().ok_or_else(unread)?)?),
                "rquality" => {
                    self.quality = Some(Wish::Percent(it.get_rquality().ok_or_else(unread)?));
                }
                "lquality" => {
                    self.quality = Some(Wish::AtLeast(it.get_lquality().ok_or_else(unread)?));
                }
                "cgif" => {
                    let most = it.get_cgif().ok_or_else(unread)?;
                    let frames = if most == 1 { CGIF_FRAMES } else { most };
                    let smaller = [Operation::Frames(frames), Operation::Colors(CGIF_COLORS)];
                    self.parts.extend(smaller.map(Part::from));
                }
                "size-limit" => self.limit_size(it.get_size_limit().ok_or_else(unread)?),
                _ => {
                    let operation = mogr2_operation(name, it).unwrap_or_else(|| Err(unread()))?;
                    self.parts.extend(operation.map(Part::from));
                }
            }
        }
        Ok(())
    }

    /// Writes the picture so that nobody sees a difference and the file is smaller: with the quality at
    /// which JPEG and WebP begin to look compressed, and each scan of a JPEG with a code of its own. What
    /// does not become smaller stays as it is.
    fn slim(&mut self) {
        const QUALITY: u32 = 82;
        self.quality = Some(Wish::AtMost(QUALITY));
        self.parts.push(Operation::Progressive(true).into());
        self.or_original = true;
    }

    fn limit_size(&mut self, limit: SizeLimit) {
        let kibibytes = |value: u32, shift: u32| u64::from(value) << shift;
        let (bytes, or_original) = match limit {
            SizeLimit::Kilobytes(value) => (kibibytes(value, 10), false),
            SizeLimit::Megabytes(value) => (kibibytes(value, 20), false),
            SizeLimit::KilobytesOrOriginal(value) => (kibibytes(value, 10), true),
            SizeLimit::MegabytesOrOriginal(value) => (kibibytes(value, 20), true),
            _ => return,
        };
        self.max_bytes = Some(bytes);
        self.or_original |= or_original;
    }

    fn view2(&mut self, it: &ImageView2) -> Result<(), RecipeError> {
        self.parts.push(geometry::view(it)?.into());
        if let Some(word) = it.get_format() {
            self.parts.push(format("imageView2", &word)?.into());
        }
        let quality = it.get_quality().map(wish).transpose()?;
        let quality = quality
            .or(it.get_relative_quality().map(Wish::Percent))
            .or(it.get_lowest_quality().map(Wish::AtLeast));
        self.quality = quality.or(self.quality);
        self.ignore_error |= it.get_ignore_error().unwrap_or_default();
        Ok(())
    }
}

#[cfg(feature = "codes")]
fn codes(it: &tcloud_ci::picture::QrCode) -> Result<Ending, RecipeError> {
    if it.get_segment().unwrap_or_default() {
        return Err(RecipeError::NotBuilt("QRcode/segment/1".to_owned()));
    }
    let number = it.get_bar_type().unwrap_or_default();
    let kind = super::codes::of_bar_type(number).ok_or_else(|| {
        RecipeError::Invalid(format!("QRcode/bar-type is {number}; it must be 0, 1 or 2"))
    })?;
    let cover = it.get_cover().unwrap_or_default();
    Ok(Ending::Codes { kind, cover })
}

/// What the parameter `name` asks to be done: nothing where it is switched off, and no answer at
/// all where its value cannot be read.
fn mogr2_operation(name: &str, it: &ImageMogr2) -> Option<Result<Option<Operation>, RecipeError>> {
    let done = match name {
        "thumbnail" => {
            let pad = if it.get_pad().unwrap_or_default() {
                match color(it) {
                    Ok(color) => Some(color),
                    Err(error) => return Some(Err(error)),
                }
            } else {
                None
            };
            geometry::thumbnail(it.get_thumbnail()?, pad).map(Operation::Resize)
        }
        "cut" => {
            let (width, height, left, top) = it.get_cut()?;
            Cut::new(width, height, left, top)
                .map(Operation::Cut)
                .map_err(RecipeError::from)
        }
        "crop" => {
            let gravity = it.get_gravity().as_ref().map(geometry::gravity).transpose();
            let crop = it.get_crop()?;
            gravity
                .and_then(|gravity| geometry::crop(crop, gravity.unwrap_or(Gravity::Center)))
                .map(Operation::Resize)
        }
        "iradius" => Ok(Operation::Circle(it.get_iradius()?)),
        "rradius" => Ok(Operation::RoundCorners(it.get_rradius()?)),
        "rotate" => Ok(Operation::Rotate(it.get_rotate()?)),
        "flip" => match it.get_flip()? {
            FlipWord::Vertical => Ok(Operation::Flip(Flip::Vertical)),
            FlipWord::Horizontal => Ok(Operation::Flip(Flip::Horizontal)),
            other => {
                let message = format!("imageMogr2/flip/{} is no way to mirror", other.as_str());
                Err(RecipeError::Invalid(message))
            }
        },
        "format" => format("imageMogr2", &it.get_format()?).map(Operation::Format),
        "interlace" => Ok(Operation::Progressive(it.get_interlace()?)),
        "blur" => {
            let (radius, sigma) = it.get_blur()?;
            Blur::new(radius, sigma)
                .map(Operation::Blur)
                .map_err(RecipeError::from)
        }
        "bright" => percent(it.get_bright()?).map(Operation::Brightness),
        "contrast" => percent(it.get_contrast()?).map(Operation::Contrast),
        "sharpen" => Sharpen::new(it.get_sharpen()?)
            .map(Operation::Sharpen)
            .map_err(RecipeError::from),
        "grayscale" => {
            if !it.get_grayscale()? {
                return Some(Ok(None));
            }
            Ok(Operation::Grayscale)
        }
        other => Err(RecipeError::NotBuilt(format!("imageMogr2/{other}"))),
    };
    Some(done.map(Some))
}

fn percent(value: i32) -> Result<Percent, RecipeError> {
    Ok(Percent::new(value)?)
}

fn wish(quality: Asked) -> Result<Wish, RecipeError> {
    match quality {
        Asked::AtMost(value) => Ok(Wish::AtMost(value)),
        Asked::Exactly(value) => Ok(Wish::Exactly(value)),
        other => Err(RecipeError::NotBuilt(format!("quality as {other:?}"))),
    }
}

/// The colour that `pad` fills with.
fn color(it: &ImageMogr2) -> Result<Rgb, RecipeError> {
    let Some(text) = it.get_color() else {
        return Ok(Rgb::WHITE);
    };
    Rgb::from_hex(&text).ok_or_else(|| {
        let message =
            format!("imageMogr2/color is `{text}`; it must be the Base64 form of #RRGGBB");
        RecipeError::Invalid(message)
    })
}

fn format(operation: &str, word: &FormatWord) -> Result<Format, RecipeError> {
    match word {
        FormatWord::Jpg => Ok(Format::Jpeg),
        FormatWord::Png => Ok(Format::Png),
        FormatWord::Webp => Ok(Format::WebP),
        FormatWord::Bmp => Ok(Format::Bmp),
        FormatWord::Gif => Ok(Format::Gif),
        FormatWord::Avif => Ok(Format::Avif),
        FormatWord::Heif => Ok(Format::Heif),
        other => Err(RecipeError::NotBuilt(format!(
            "{operation}/format/{}",
            other.as_str()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(text: &str) -> Result<Recipe, RecipeError> {
        Recipe::new(&text.parse().unwrap())
    }

    #[test]
    fn parameters_are_done_in_the_order_in_which_they_are_written() {
        let named = |text: &str| {
            let parts = recipe(text).unwrap().parts;
            parts
                .iter()
                .map(|it| match it {
                    Part::Operation(Operation::Resize(_)) => 's',
                    Part::Operation(Operation::Rotate(_)) => 'r',
                    Part::Operation(Operation::Cut(_)) => 'c',
                    Part::Operation(Operation::Overlay(_)) => 't',
                    Part::Stamp(_) => 'w',
                    Part::Enhance(_) => 'e',
                    Part::Hide(_) => 'h',
                    Part::Operation(_) => '?',
                })
                .collect::<String>()
        };
        assert_eq!(
            named("imageMogr2/rotate/90/thumbnail/30x/cut/9x9x0x0"),
            "rsc"
        );
        assert_eq!(
            named("imageMogr2/cut/9x9x0x0/thumbnail/30x/rotate/90"),
            "csr"
        );
        assert_eq!(
            named("imageView2/1/w/9|imageMogr2/rotate/7|imageMogr2/rotate/8"),
            "srr"
        );
        let stamp = "watermark/1/image/aHR0cDovL2EvYg";
        assert_eq!(named(&format!("{stamp}|imageMogr2/rotate/7")), "wr");
        #[cfg(feature = "text")]
        assert_eq!(named("imageMogr2/rotate/7|watermark/2/text/YQ"), "rt");
    }

    #[test]
    fn what_is_not_built_is_named() {
        for (text, part) in [
            ("imageMogr2/scrop/30x30", "imageMogr2/scrop"),
            ("imageMogr2/format/svg", "imageMogr2/format/svg"),
            ("imageView2/2/w/9/format/tpg", "imageView2/format/tpg"),
            #[cfg(not(feature = "text"))]
            ("watermark/2/text/YQ", "watermark/2"),
            #[cfg(not(feature = "codes"))]
            ("QRcode/cover/0", "QRcode"),
            #[cfg(feature = "codes")]
            ("QRcode/segment/1", "QRcode/segment"),
            ("style/small", "style/small"),
            ("imageMogr2/new-thing/7", "new-thing/7"),
            ("imageMogr2/thumbnail/9x9!/pad/1", "imageMogr2/pad"),
        ] {
            match recipe(text) {
                Err(RecipeError::NotBuilt(message)) => assert!(message.contains(part), "{message}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_wrong_says_how() {
        let eleven = ["imageMogr2/rotate/1"; 11].join("|");
        for (text, part) in [
            ("imageMogr2/rotate/400", "rotate"),
            ("imageMogr2/rotate/1/rotate/2", "twice"),
            ("imageMogr2/thumbnail/9x9/pad/1/color/cmVk", "#RRGGBB"),
            (
                "watermark/1/image/aHR0cDovL2EvYg/scatype/1",
                "need each other",
            ),
            (
                "watermark/1/image/aHR0cDovL2EvYg/scatype/3/spcent/251",
                "at most 250",
            ),
            #[cfg(feature = "text")]
            ("watermark/2/text/YQ/fill/cmVk", "#RRGGBB"),
            ("imageView2/1", "side"),
            ("watermark/3/type/3", "watermark/3/text"),
            ("watermark/3/type/2", "watermark/3/image"),
            (
                "watermark/3/type/3/text/YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0",
                "29",
            ),
            ("watermark/4/type/1", "watermark/4/image"),
            ("watermark/4/type/3|imageMogr2/rotate/1", "imageMogr2"),
            ("imageInfo|imageMogr2/rotate/1", "imageMogr2"),
            (&eleven, "at most 10"),
        ] {
            match recipe(text) {
                Err(RecipeError::Invalid(message)) => assert!(message.contains(part), "{message}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
