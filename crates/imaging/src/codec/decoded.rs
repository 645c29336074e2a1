//! What decoders give.

use image::DynamicImage;
use image::metadata::Orientation;

use super::cost::Cost;

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
