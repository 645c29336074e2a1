//! Writing lossy WebP with libwebp.

mod frames;
mod writer;

use webp::{Encoder, PixelLayout, WebPConfig, WebPMemory};

pub(super) use self::frames::Frames;
pub(super) use self::writer::Writer;

use super::output::Output;
use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::{Error, Format, Picture, Quality, Result};

/// Longest side the format can express.
pub(super) const MAX_SIDE: u32 = 16_383;

pub(super) fn encode(picture: &Picture, quality: Quality, limit: u64) -> Result<Vec<u8>> {
    let file = file(picture, quality)?;
    let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
    let mut output = Output::new(limit.min(length));
    output.append(&file)?;
    output.finish(Ok(()))
}

/// The file, in memory of libwebp.
fn file(picture: &Picture, quality: Quality) -> Result<WebPMemory> {
    let layout = if picture.has_alpha() {
        PixelLayout::Rgba
    } else {
        PixelLayout::Rgb
    };
    let failed = |detail: String| Error::Encode {
        format: Format::WebP,
        detail,
    };
    let mut config =
        WebPConfig::new().map_err(|()| failed("libwebp has another version".to_owned()))?;
    config.quality = f32::from(quality.get());
    config.low_memory = i32::from(is_large(picture.size()));
    Encoder::new(
        picture.as_bytes(),
        layout,
        picture.width(),
        picture.height(),
    )
    .encode_advanced(&config)
    .map_err(|code| failed(format!("libwebp reports {code:?}")))
}

/// Larger pictures are coded in two passes instead of keeping all tokens, which costs time.
fn is_large(size: Size) -> bool {
    size.pixels() > 32_000_000
}

/// What encoding takes beside the picture, and at most the size of the file.
pub(super) fn encoder_bytes(size: Size, channels: u64) -> (u64, u64) {
    // Whole blocks: planes of 1.5 bytes a pixel, tokens, of which noise takes 30 bytes a pixel and
    // a photograph 2, and the file twice while it grows. Alpha is compressed as a lossless picture
    // of its own.
    let blocks = Size {
        width: size.width.next_multiple_of(16),
        height: size.height.next_multiple_of(16),
    };
    let color = if is_large(size) { 8 } else { 36 };
    let work = if channels == 4 { color + 24 } else { color };
    let file = memory::picture(blocks, 2) + 4096;
    (memory::picture(blocks, work) + OVERHEAD, file)
}
