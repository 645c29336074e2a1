//! What makes a picture larger or better, and by which engine.
//!
//! Which network is for which input follows the card of the networks
//! (`crates/networks/models/MODEL_CARD.md`).

use std::sync::Arc;

use tcloud_imaging::{Engine, Format, Info, Mode, Operation, Percent, Resize, Size};

use super::{PictureError, Pictures, quality};

/// What a picture has to have for a task, in the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Enhancement {
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

impl Pictures {
    /// The operations of `enhancements` on the picture `input`, whose header is `info`.
    ///
    /// # Errors
    ///
    /// An engine cannot be had.
    pub(crate) fn enhance(
        &self,
        enhancements: &[Enhancement],
        info: &Info,
        input: &[u8],
    ) -> Result<Vec<Operation>, PictureError> {
        let mut operations = Vec::new();
        let mut size = info.size();
        for enhancement in enhancements {
            match *enhancement {
                Enhancement::Denoise(share) => {
                    if share > 0.0 {
                        operations.push(Operation::Engine(self.denoising(share, info, input)?));
                    }
                }
                Enhancement::Sharpen(amount) => operations.push(Operation::AdaptiveSharpen(amount)),
                Enhancement::Enlarge { input: kind, to } => {
                    let kind = kind.unwrap_or_else(|| Input::of(info, input));
                    let doublings = doublings(size, &to);
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
                    size = wanted;
                }
            }
        }
        Ok(operations)
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
