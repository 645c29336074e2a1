//! Super-resolution engines.

use std::fmt::Debug;

use crate::geometry::{Rect, Size};
use crate::{Picture, Result, memory, scale, sharpen};

/// Enlarges a picture by a whole factor, inventing the detail as well as it can.
pub trait Upscaler: Debug + Send + Sync {
    /// Short name to show beside the result, so that nobody takes one engine for another.
    fn name(&self) -> &'static str;

    /// How many times longer each side becomes.
    fn factor(&self) -> u32;

    /// The most memory that enlarging a picture of `size` takes, in bytes, with that picture and
    /// the result. `channels` is 3, or 4 with alpha.
    fn peak_bytes(&self, size: Size, channels: u64) -> u64;

    /// Enlarges `picture`. Limits have been checked by the caller.
    fn upscale(&self, picture: &Picture) -> Result<Picture>;
}

/// Doubles both sides with a Lanczos filter and sharpens lightly: plain interpolation, no model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lanczos3;

impl Upscaler for Lanczos3 {
    fn name(&self) -> &'static str {
        "lanczos3"
    }

    fn factor(&self) -> u32 {
        2
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        memory::upscale(size, size.enlarged(self.factor()), channels)
    }

    fn upscale(&self, picture: &Picture) -> Result<Picture> {
        let doubled = picture.size().enlarged(self.factor());
        sharpen::unsharp(&scale::lanczos(
            picture,
            Rect::whole(picture.size()),
            doubled,
        )?)
    }
}
