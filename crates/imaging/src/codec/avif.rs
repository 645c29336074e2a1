//! Writing AVIF with rav1e.

use ravif::{BitDepth, Encoder, Img, RGB8, RGBA8};
use rgb::bytemuck::{PodCastError, try_cast_slice};

use super::output::Output;
use crate::geometry::Size;
use crate::{Error, Format, Picture, Quality, Result, memory};

/// Longest side the format can express.
pub(super) const MAX_SIDE: u32 = 65_536;

/// Of 1, slow, to 10.
const SPEED: u8 = 9;

pub(super) fn encode(picture: &Picture, quality: Quality, limit: u64) -> Result<Vec<u8>> {
    let failed = |detail: String| Error::Encode {
        format: Format::Avif,
        detail,
    };
    let side = |length: u32| usize::try_from(length).map_err(|error| failed(error.to_string()));
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let encoder = Encoder::new()
        .with_quality(f32::from(quality.get()))
        .with_alpha_quality(f32::from(quality.get()))
        // Pictures have no more.
        .with_bit_depth(BitDepth::Eight)
        .with_speed(SPEED);
    let odd = |error: PodCastError| failed(error.to_string());
    let data = picture.as_bytes();
    let written = if picture.has_alpha() {
        let pixels: &[RGBA8] = try_cast_slice(data).map_err(odd)?;
        encoder.encode_rgba(Img::new(pixels, width, height))
    } else {
        let pixels: &[RGB8] = try_cast_slice(data).map_err(odd)?;
        encoder.encode_rgb(Img::new(pixels, width, height))
    };
    let file = written
        .map_err(|error| failed(error.to_string()))?
        .avif_file;
    let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
    let mut output = Output::new(limit.min(length));
    output.append(&file)?;
    output.finish(Ok(()))
}

/// What encoding takes beside the picture, and at most the size of the file.
pub(super) fn encoder_bytes(size: Size, channels: u64, quality: Quality) -> (u64, u64) {
    // Whole superblocks, of which the encoder keeps the picture and what it has made of it so far:
    // of noise 72 bytes a pixel up to quality 90, 92 at 95, 380 at the highest one. A photograph
    // takes 25 at 60.
    let blocks = Size {
        width: size.width.next_multiple_of(64),
        height: size.height.next_multiple_of(64),
    };
    let color = match quality.get() {
        ..=90 => 96,
        91..=95 => 128,
        _ => 420,
    };
    let work = if channels == 4 { color + 24 } else { color };
    let file = memory::picture(blocks, 4).saturating_add(64 * 1024);
    (memory::picture(blocks, work).saturating_add(64 << 20), file)
}
