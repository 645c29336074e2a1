//! Writing lossy WebP with libwebp.

use webp::{Encoder, PixelLayout};

use crate::{Error, Format, Picture, Quality, Result};

/// Longest side the format can express.
pub(super) const MAX_SIDE: u32 = 16_383;

pub(super) fn encode(picture: &Picture, quality: Quality) -> Result<Vec<u8>> {
    let layout = if picture.has_alpha() {
        PixelLayout::Rgba
    } else {
        PixelLayout::Rgb
    };
    Encoder::new(
        picture.as_bytes(),
        layout,
        picture.width(),
        picture.height(),
    )
    .encode_simple(false, f32::from(quality.get()))
    .map(|memory| memory.to_vec())
    .map_err(|code| Error::Encode {
        format: Format::WebP,
        detail: format!("libwebp reports {code:?}"),
    })
}
