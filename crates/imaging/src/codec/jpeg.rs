//! JPEG. The only module that knows which library does it.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use libjpeg_turbo_rs::{
    DecodeLimits, Decoder, Encoder, JpegError, PixelFormat, Subsampling, common::types::FrameHeader,
};

use super::{Decoded, Header};
use crate::{Error, Format, Picture, Quality, Result};

/// Longest side the encoder writes.
pub(super) const MAX_SIDE: u32 = 65_500;

/// A progressive file has ten scans or so. Each costs a pass over all coefficients, so a small
/// file with thousands of empty scans would keep the processor busy for hours.
const MAX_SCANS: usize = 128;

/// Quality from which colour keeps its full resolution.
const FULL_COLOR_QUALITY: u8 = 90;

pub(super) fn header(bytes: &[u8]) -> Result<Header> {
    let decoder = open(bytes)?;
    let frame = decoder.header();
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let (width, height) = (side(frame.width()), side(frame.height()));
    if width == 0 || height == 0 {
        return Err(corrupt("a side of 0 pixels"));
    }
    Ok(Header {
        width,
        height,
        has_alpha: false,
        orientation: decoder
            .exif_orientation()
            .and_then(Orientation::from_exif)
            .unwrap_or(Orientation::NoTransforms),
        decoder_bytes_per_pixel: bytes_per_pixel(frame),
    })
}

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded> {
    // CMYK comes out as RGB too, read the way Adobe writes it: inverted.
    let image = open(bytes)?
        .with_output_format(PixelFormat::Rgb)
        .decode_image()
        .map_err(refused)?;
    let size = u32::try_from(image.width)
        .ok()
        .zip(u32::try_from(image.height).ok());
    let icc_profile = image.icc_profile;
    let pixels = size
        .and_then(|(width, height)| RgbImage::from_raw(width, height, image.data))
        .ok_or_else(|| corrupt("fewer pixels than the header states"))?;
    Ok(Decoded {
        image: DynamicImage::ImageRgb8(pixels),
        icc_profile,
    })
}

pub(super) fn encode(picture: &Picture, quality: Quality) -> Result<Vec<u8>> {
    let failed = |detail: String| Error::Encode {
        format: Format::Jpeg,
        detail,
    };
    let side = |length: u32| usize::try_from(length).map_err(|error| failed(error.to_string()));
    let subsampling = if quality.get() >= FULL_COLOR_QUALITY {
        Subsampling::S444
    } else {
        Subsampling::S420
    };
    Encoder::new(
        picture.as_bytes(),
        side(picture.width())?,
        side(picture.height())?,
        PixelFormat::Rgb,
    )
    .quality(quality.get())
    .subsampling(subsampling)
    .encode()
    .map_err(|error| failed(error.to_string()))
}

fn open(bytes: &[u8]) -> Result<Decoder<'_>> {
    // Sizes are compared with the caller's limits, whose message is the better one.
    let limits = DecodeLimits {
        max_width: usize::MAX,
        max_height: usize::MAX,
        max_pixels: u64::MAX,
        max_scans: MAX_SCANS,
        max_memory: None,
    };
    let decoder = Decoder::new_with_limits(bytes, limits).map_err(refused)?;
    let precision = decoder.header().precision;
    if precision != 8 {
        return Err(unsupported(format!("{precision} bits a sample")));
    }
    Ok(decoder)
}

/// Output, one plane a component, the same again while chroma is spread out and, for a
/// progressive file, a coefficient of two bytes for each sample.
fn bytes_per_pixel(frame: &FrameHeader) -> u8 {
    let components = u8::try_from(frame.components.len()).unwrap_or(4).min(4);
    let coefficients = if frame.is_progressive { 2 } else { 0 };
    3 + components * (2 + coefficients)
}

fn refused(error: JpegError) -> Error {
    match error {
        JpegError::Unsupported(detail) => unsupported(detail),
        other => corrupt(other.to_string()),
    }
}

fn unsupported(detail: String) -> Error {
    Error::UnsupportedFeature {
        format: Format::Jpeg,
        detail,
    }
}

fn corrupt(detail: impl Into<String>) -> Error {
    Error::Corrupt {
        format: Format::Jpeg,
        detail: detail.into(),
    }
}
