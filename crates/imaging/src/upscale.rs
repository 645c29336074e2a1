//! Super-resolution engines.

use std::fmt::Debug;

use crate::geometry::{Rect, Size};
use crate::{Picture, Result, scale, sharpen};

/// Enlarges a picture by a whole factor, inventing the detail as well as it can.
pub trait Upscaler: Debug + Send + Sync {
    /// Short name to show beside the result, so that nobody takes one engine for another.
    fn name(&self) -> &'static str;

    /// How many times longer each side becomes.
    fn factor(&self) -> u32;

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

    fn upscale(&self, picture: &Picture) -> Result<Picture> {
        let whole = Rect {
            left: 0.0,
            top: 0.0,
            width: f64::from(picture.width()),
            height: f64::from(picture.height()),
        };
        let doubled = Size {
            width: picture.width().saturating_mul(self.factor()),
            height: picture.height().saturating_mul(self.factor()),
        };
        sharpen::unsharp(&scale::lanczos(picture, whole, doubled)?)
    }
}
