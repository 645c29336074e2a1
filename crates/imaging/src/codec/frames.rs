//! Counting frames without decoding them.

use std::io::Cursor;

use super::external;
#[cfg(feature = "jxl")]
use super::jxl;
use crate::{Error, Format, Result};

/// Memory for what a decoder keeps while it only looks for frames.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Frames of an animation or pages of a TIFF file, at least 1. Counting stops above `limit`.
///
/// A file that breaks off later counts as far as it can be followed: the first frame decides
/// whether it can be used.
pub(crate) fn count(format: Format, bytes: &[u8], limit: u32) -> Result<u32> {
    let frames = match format {
        Format::Png => png(bytes)?,
        Format::WebP => webp(bytes)?,
        Format::Gif => gif(bytes, limit)?,
        Format::Tiff => tiff(bytes, limit)?,
        Format::Avif | Format::Heif => external::frames(format, bytes)?,
        #[cfg(feature = "jxl")]
        Format::JpegXl => jxl::frames(bytes, limit)?,
        _ => 1,
    };
    Ok(frames.max(1))
}

fn png(bytes: &[u8]) -> Result<u32> {
    let limits = png::Limits { bytes: MAX_BYTES };
    let reader = png::Decoder::new_with_limits(Cursor::new(bytes), limits)
        .read_info()
        .map_err(|error| corrupt(Format::Png, &error))?;
    Ok(reader
        .info()
        .animation_control()
        .map_or(1, |control| control.num_frames))
}

fn webp(bytes: &[u8]) -> Result<u32> {
    image_webp::WebPDecoder::new(Cursor::new(bytes))
        .map(|decoder| decoder.num_frames())
        .map_err(|error| corrupt(Format::WebP, &error))
}

fn gif(bytes: &[u8], limit: u32) -> Result<u32> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options
        .read_info(Cursor::new(bytes))
        .map_err(|error| corrupt(Format::Gif, &error))?;
    let mut frames = 0;
    while frames <= limit && matches!(decoder.next_frame_info(), Ok(Some(_))) {
        frames += 1;
    }
    Ok(frames)
}

fn tiff(bytes: &[u8], limit: u32) -> Result<u32> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes))
        .map_err(|error| corrupt(Format::Tiff, &error))?;
    let mut pages = 1;
    while pages <= limit && decoder.more_images() && decoder.next_image().is_ok() {
        pages += 1;
    }
    Ok(pages)
}

fn corrupt(format: Format, error: &impl ToString) -> Error {
    Error::Corrupt {
        format,
        detail: error.to_string(),
    }
}
