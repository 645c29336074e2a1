//! What decoders give.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};

use super::cost::Cost;
use crate::geometry::Size;
use crate::{Error, Result};

/// What a header states, in the file's own coordinates.
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) has_alpha: bool,
    /// Bits a sample.
    pub(crate) depth: u8,
    pub(crate) orientation: Orientation,
    pub(crate) cost: Cost,
}

/// Stored pixels, `Rgb8` or `Rgba8`, not yet upright nor converted to sRGB.
pub(super) struct Decoded {
    pub(super) image: DynamicImage,
    pub(super) icc_profile: Option<Vec<u8>>,
}

/// The samples of a picture as an image, which can be turned upright.
pub(super) fn image(size: Size, has_alpha: bool, data: Vec<u8>) -> Result<DynamicImage> {
    let Size { width, height } = size;
    let image = if has_alpha {
        RgbaImage::from_raw(width, height, data).map(DynamicImage::ImageRgba8)
    } else {
        RgbImage::from_raw(width, height, data).map(DynamicImage::ImageRgb8)
    };
    image.ok_or(Error::InvalidParameter {
        name: "picture data",
        found: format!("too short for {width} x {height} pixels"),
        expected: "one full set of samples for each pixel",
    })
}
