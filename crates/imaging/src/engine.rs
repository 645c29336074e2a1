//! Engines: what makes a picture larger or better by more than a filter's rule.

use std::fmt::Debug;

use crate::geometry::{Rect, Size};
use crate::{Picture, Result, memory, scale, sharpen};

/// Makes a picture anew: larger by a whole factor, or as large as it was and better.
pub trait Engine: Debug + Send + Sync {
    /// Short name to show beside the result, so that nobody takes one engine for another.
    fn name(&self) -> &str;

    /// How many times longer each side becomes; 1 if the size is kept.
    fn factor(&self) -> u32;

    /// The most memory that a picture of `size` takes, in bytes, with that picture and the result.
    /// `channels` is 3, or 4 with alpha.
    fn peak_bytes(&self, size: Size, channels: u64) -> u64;

    /// Makes `picture` anew. Limits have been checked by the caller.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`](crate::Error::Cancelled) soon after `is_cancelled` has answered yes,
    /// which engines that take long ask now and then.
    fn run(&self, picture: &Picture, is_cancelled: &dyn Fn() -> bool) -> Result<Picture>;
}

/// Doubles both sides with a Lanczos filter and sharpens lightly: plain interpolation, no model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lanczos3;

impl Engine for Lanczos3 {
    fn name(&self) -> &'static str {
        "lanczos3"
    }

    fn factor(&self) -> u32 {
        2
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        memory::upscale(size, size.enlarged(self.factor()), channels)
    }

    fn run(&self, picture: &Picture, _: &dyn Fn() -> bool) -> Result<Picture> {
        let doubled = picture.size().enlarged(self.factor());
        sharpen::unsharp(&scale::lanczos(
            picture,
            Rect::whole(picture.size()),
            doubled,
        )?)
    }
}
