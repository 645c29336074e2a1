//! AVIF and HEIF by codecs outside of this crate, which are given a file and give one back.

use image::{DynamicImage, GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};

use super::container::{self, Container};
use super::cost::Cost;
use super::decoded::{Decoded, Header};
use super::raster;
use crate::external::Outside;
use crate::geometry::Size;
use crate::{CodecWork, Error, Format, Picture, Quality, Result, memory};

const MEBIBYTE: u64 = 1024 * 1024;

/// Longest side that HEIF is written with.
pub(super) const MAX_HEIF_SIDE: u32 = 16_384;

/// A picture that goes through a file of its own has this many bytes a pixel at most: four samples of
/// 16 bits.
const FILE_CHANNELS: u64 = 8;

pub(super) fn header(format: Format, bytes: &[u8]) -> Result<Header> {
    let container = container::read(format, bytes)?;
    let (_, _, size) = container.part;
    // The codec, the file between, and what is read from that.
    let cost = codec_bytes(CodecWork::Reading, container.coded)
        .saturating_add(memory::picture(container.coded, 4 * FILE_CHANNELS));
    Ok(Header {
        width: size.width,
        height: size.height,
        has_alpha: container.has_alpha,
        depth: container.depth,
        orientation: container.orientation,
        cost: Cost::Whole(cost),
    })
}

/// Frames, of which the primary picture is one.
pub(super) fn frames(format: Format, bytes: &[u8]) -> Result<u32> {
    container::read(format, bytes).map(|container| container.frames)
}

/// Decodes the primary picture: AVIF as it is stored, HEIF upright.
pub(super) fn decode(format: Format, bytes: &[u8], outside: Outside<'_>) -> Result<Decoded> {
    let container = container::read(format, bytes)?;
    let codec = outside.codec(CodecWork::Reading, format)?;
    let memory = codec_bytes(CodecWork::Reading, container.coded);
    let file = memory::picture(container.coded, FILE_CHANNELS + 1).saturating_add(MEBIBYTE);
    let png = codec.decode(format, bytes, &outside.allowance(memory, file))?;
    let corrupt = |detail: String| Error::Corrupt { format, detail };
    let between = |error: Error| corrupt(format!("what the codec made of it: {error}"));
    let header = raster::header(Format::Png, &png).map_err(between)?;
    let made = Size {
        width: header.width,
        height: header.height,
    };
    let (_, _, part) = container.part;
    let is_whole = made == container.coded;
    if !is_whole && made != part && made != part.turned() {
        return Err(corrupt(format!(
            "the codec made {} x {} pixels of it",
            made.width, made.height
        )));
    }
    let mut decoded = raster::decode(Format::Png, &png).map_err(between)?;
    if is_whole && format == Format::Avif && part != container.coded {
        decoded.image = cut(&decoded.image, &container);
    }
    Ok(decoded)
}

/// Writes a file of at most `limit` bytes.
pub(super) fn encode(
    picture: &Picture,
    format: Format,
    quality: Quality,
    limit: u64,
    outside: Outside<'_>,
) -> Result<Vec<u8>> {
    let codec = outside.codec(CodecWork::Writing, format)?;
    let png = raster::encode(picture, Format::Png, u64::MAX)?;
    let memory = codec_bytes(CodecWork::Writing, picture.size());
    let file = codec.encode(format, &png, quality, &outside.allowance(memory, limit))?;
    if u64::try_from(file.len()).is_ok_and(|length| length <= limit) {
        return Ok(file);
    }
    Err(Error::OutputTooLarge { bytes: None, limit })
}

/// What encoding takes beside the picture, and at most the size of the file.
pub(super) fn encoder_bytes(size: Size, channels: u64) -> (u64, u64) {
    let (work, png) = raster::encoder_bytes(size, channels, Format::Png);
    let codec = codec_bytes(CodecWork::Writing, size);
    let file = memory::picture(size, 6).saturating_add(MEBIBYTE);
    (png.saturating_add(work.max(codec)), file)
}

/// What a codec may take itself. Those of libheif and libavif were seen to take 10 and 20 bytes a
/// pixel.
fn codec_bytes(work: CodecWork, size: Size) -> u64 {
    let (fixed, each) = match work {
        CodecWork::Reading => (64, 16),
        CodecWork::Writing => (96, 32),
    };
    memory::picture(size, each).saturating_add(fixed * MEBIBYTE)
}

/// The part of a stored picture that is shown.
fn cut(image: &DynamicImage, container: &Container) -> DynamicImage {
    let (left, top, Size { width, height }) = container.part;
    let part = image.view(left, top, width, height);
    if image.color().has_alpha() {
        DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, y| {
            part.get_pixel(x, y)
        }))
    } else {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            let Rgba([red, green, blue, _]) = part.get_pixel(x, y);
            Rgb([red, green, blue])
        }))
    }
}
