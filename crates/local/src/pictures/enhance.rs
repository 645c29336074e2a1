//! What makes a picture larger or better, and by which engine.
//!
//! Which network is for which input follows the card of the networks
//! (`crates/networks/models/MODEL_CARD.md`).

use std::sync::Arc;

use tcloud_imaging::{
    AutoLevels, Engine, Format, Info, Inpaint, LowLight, Mode, Operation, Percent, Picture, Region,
    Resize, Size,
};

use super::{PictureError, Pictures, quality};

/// What a picture has to have for a task, in the order in which it is done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Enhancement {
    /// Filling a part by what is around it.
    Erase(Erased),
    /// A mosaic over a part, with blocks of so many pixels.
    #[cfg(feature = "codes")]
    Cover(Erased, f64),
    /// Brightening what is dark.
    LowLight,
    /// Improving colours, in percent.
    Color(Percent),
    /// Taking out noise: the share of what the network would change, 0 to 1.
    Denoise(f32),
    /// Bringing out detail, in percent.
    Sharpen(Percent),
    /// Making it larger.
    Enlarge {
        /// What kind of picture it is; without, its format decides.
        input: Option<Input>,
        /// The size of the result.
        to: Resize,
    },
}

/// What is erased.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Erased {
    /// What is within any of these outlines, by their corners: from the left, from the top.
    Outlines(Vec<Vec<(Place, Place)>>),
    /// What is light in this picture.
    Light(Picture),
}

/// A place along a side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Pixels(f64),
    /// A part of the side, 0 to 1.
    Share(f64),
}

/// What kind of picture is enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// Sharp, and not compressed with loss.
    Clean,
    /// Compressed, blurred or noisy.
    Worn,
}

/// A JPEG of this quality is as good as not compressed when it is enlarged.
const CLEAN_JPEG: u8 = 95;
/// From this quality on, a JPEG loses by denoising what it gains.
#[cfg(feature = "networks")]
const GOOD_JPEG: u8 = 90;
/// Most times that a picture is doubled by the engine; what is still missing is interpolated.
const MAX_DOUBLINGS: u32 = 2;

impl Input {
    fn of(info: &Info, input: &[u8]) -> Self {
        let clean = match info.format {
            Format::Jpeg => quality::jpeg_quality(input).is_some_and(|it| it >= CLEAN_JPEG),
            Format::Png | Format::Bmp | Format::Tiff => true,
            // GIF has few colours, and the others mostly losses.
            _ => false,
        };
        if clean { Self::Clean } else { Self::Worn }
    }
}

impl Place {
    fn on(self, side: u32) -> f64 {
        match self {
            Self::Pixels(pixels) => pixels,
            Self::Share(share) => share * f64::from(side),
        }
    }
}

impl Erased {
    fn on(&self, size: Size) -> Region {
        match self {
            Self::Light(picture) => Region::Light(picture.clone()),
            Self::Outlines(outlines) => {
                let corner = |&(x, y): &(Place, Place)| (x.on(size.width), y.on(size.height));
                let outlines = outlines.iter();
                Region::Polygons(outlines.map(|it| it.iter().map(corner).collect()).collect())
            }
        }
    }
}

impl Pictures {
    /// The operations of `enhancement` on a picture of `size`, which is made of the picture `input`, whose
    /// header is `info`.
    ///
    /// # Errors
    ///
    /// An engine cannot be had.
    pub(super) fn enhance(
        &self,
        enhancement: &Enhancement,
        size: Size,
        info: &Info,
        input: &[u8],
    ) -> Result<Vec<Operation>, PictureError> {
        let engine = |engine: Arc<dyn Engine>| vec![Operation::Engine(engine)];
        Ok(match enhancement {
            Enhancement::Erase(erased) => engine(Arc::new(Inpaint::new(erased.on(size)))),
            #[cfg(feature = "codes")]
            Enhancement::Cover(covered, block) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a float cast saturates"
                )]
                let mosaic = tcloud_imaging::Mosaic::new(covered.on(size), *block as u32);
                engine(Arc::new(mosaic))
            }
            Enhancement::LowLight => engine(Arc::new(LowLight)),
            Enhancement::Color(amount) => engine(Arc::new(AutoLevels::new(*amount))),
            Enhancement::Denoise(share) if *share > 0.0 => {
                engine(self.denoising(*share, info, input)?)
            }
            Enhancement::Denoise(_) => Vec::new(),
            Enhancement::Sharpen(amount) => vec![Operation::AdaptiveSharpen(*amount)],
            Enhancement::Enlarge { input: kind, to } => {
                let kind = kind.unwrap_or_else(|| Input::of(info, input));
                let doublings = doublings(size, to);
                let mut operations = Vec::new();
                for _ in 0..doublings {
                    operations.push(Operation::Engine(self.enlarging(kind)?));
                }
                // A factor counts from the size before it was doubled.
                let wanted = to.plan(size.width, size.height).canvas;
                if wanted != size.enlarged(1 << doublings) {
                    let Size { width, height } = wanted;
                    let exact = Resize::to_box(Mode::Fixed, Some(width), Some(height))?;
                    operations.push(Operation::Resize(exact));
                }
                operations
            }
        })
    }

    #[cfg(feature = "networks")]
    fn enlarging(&self, input: Input) -> Result<Arc<dyn Engine>, PictureError> {
        use tcloud_networks::{Enlarge, Role};
        let role = match input {
            Input::Clean => Role::Enlarge,
            Input::Worn => Role::EnlargeRobust,
        };
        Ok(Arc::new(Enlarge::new(self.model(role)?)?))
    }

    #[cfg(not(feature = "networks"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as with networks"
    )]
    fn enlarging(&self, _: Input) -> Result<Arc<dyn Engine>, PictureError> {
        Ok(Arc::new(tcloud_imaging::Lanczos3))
    }

    #[cfg(feature = "networks")]
    fn denoising(
        &self,
        share: f32,
        info: &Info,
        input: &[u8],
    ) -> Result<Arc<dyn Engine>, PictureError> {
        use tcloud_networks::{Denoise, Role};
        let is_good = info.format == Format::Jpeg
            && quality::jpeg_quality(input).is_some_and(|it| it >= GOOD_JPEG);
        let share = if is_good { share / 2.0 } else { share };
        Ok(Arc::new(Denoise::new(self.model(Role::Denoise)?, share)?))
    }

    #[cfg(not(feature = "networks"))]
    #[expect(clippy::unused_self, reason = "as with networks")]
    fn denoising(&self, _: f32, _: &Info, _: &[u8]) -> Result<Arc<dyn Engine>, PictureError> {
        Err(PictureError::Broken(
            "this build has no networks; build with the feature `networks`".to_owned(),
        ))
    }

    #[cfg(feature = "networks")]
    fn model(&self, role: tcloud_networks::Role) -> Result<tcloud_networks::Model, PictureError> {
        let model = self.models.get(role);
        model.map_err(|error| PictureError::Broken(error.to_string()))
    }
}

/// How often a picture of `size` is doubled on its way to what `to` asks for.
fn doublings(size: Size, to: &Resize) -> u32 {
    let plan = to.plan(size.width, size.height);
    let reaches = |times: u32| {
        let doubled = size.enlarged(1 << times);
        doubled.width >= plan.scaled.width && doubled.height >= plan.scaled.height
    };
    (0..MAX_DOUBLINGS)
        .find(|&times| reaches(times))
        .unwrap_or(MAX_DOUBLINGS)
}
