//! PNG, WebP, BMP, GIF and TIFF through the `image` library.

use std::io::Cursor;

use image::codecs::bmp::{BmpDecoder, BmpEncoder};
use image::codecs::gif::GifDecoder;
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError,
    ImageResult, Limits,
};

use super::cost::Cost;
use super::decoded::{Decoded, Header};
use super::extent::{self, MAX_METADATA_BYTES, WebP};
use super::output::Output;
use crate::geometry::Size;
use crate::{Error, Format, Picture, Result, memory};

/// Header and information header of a BMP file.
const BMP_HEADERS: u64 = 54;

type AnyDecoder<'a> = Box<dyn ImageDecoder + 'a>;

pub(super) fn header(format: Format, bytes: &[u8]) -> Result<Header> {
    // Before the decoder sees the file: it believes the lengths in it.
    let directories = match format {
        Format::Tiff => extent::tiff(bytes)?,
        _ => 0,
    };
    let webp = match format {
        Format::WebP => WebP::read(bytes)?,
        _ => WebP::default(),
    };
    let mut decoder = open(format, bytes).map_err(|error| refused(format, &error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::Corrupt {
            format,
            detail: "a side of 0 pixels".to_owned(),
        });
    }
    let size = Size { width, height };
    let color = decoder.color_type();
    let row = u64::from(width) * u64::from(color.bytes_per_pixel());
    let inner = match format {
        Format::WebP => webp.inner_bytes(size, color.has_alpha()),
        Format::Gif => extent::gif(bytes)?,
        Format::Tiff => directories + tiff_samples(size, decoder.original_color_type(), color),
        Format::Bmp => 8 * row,
        _ => extent::png(bytes) + 16 * row,
    };
    let narrowed = match color {
        ColorType::Rgb8 | ColorType::Rgba8 => 0,
        _ => memory::picture(size, if color.has_alpha() { 4 } else { 3 }),
    };
    let samples = decoder.total_bytes();
    Ok(Header {
        width,
        height,
        has_alpha: color.has_alpha(),
        depth: depth(color),
        // Unreadable metadata is no reason to refuse the pixels.
        orientation: decoder.orientation().unwrap_or(Orientation::NoTransforms),
        cost: Cost::Whole(samples.saturating_add(inner.max(narrowed))),
    })
}

pub(super) fn decode(format: Format, bytes: &[u8]) -> Result<Decoded> {
    let (image, icc_profile) = stored(format, bytes)?;
    Ok(Decoded {
        image: narrowed(image),
        icc_profile,
    })
}

/// The stored picture as it is, and its colour profile.
fn stored(format: Format, bytes: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>)> {
    let read = || {
        let mut decoder = open(format, bytes)?;
        let icc_profile = decoder.icc_profile().unwrap_or_default();
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(
            decoder
                .total_bytes()
                .saturating_mul(2)
                .saturating_add(MAX_METADATA_BYTES),
        );
        decoder.set_limits(limits)?;
        Ok((DynamicImage::from_decoder(decoder)?, icc_profile))
    };
    read().map_err(|error| refused(format, &error))
}

/// The stored picture of 16 bits a sample, `Rgb16` or `Rgba16`, and its colour profile.
pub(crate) fn decode_deep(format: Format, bytes: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>)> {
    let (image, profile) = stored(format, bytes)?;
    let image = if image.color().has_alpha() {
        DynamicImage::ImageRgba16(image.into_rgba16())
    } else {
        DynamicImage::ImageRgb16(image.into_rgb16())
    };
    Ok((image, profile))
}

/// Writes PNG of 16 bits a sample, of at most `limit` bytes.
pub(crate) fn encode_deep(image: &DynamicImage, limit: u64) -> Result<Vec<u8>> {
    let size = Size {
        width: image.width(),
        height: image.height(),
    };
    let bytes = u64::from(image.color().bytes_per_pixel());
    let (_, largest) = encoder_bytes(size, bytes, Format::Png);
    let mut output = Output::new(limit.min(largest));
    let written = image.write_with_encoder(PngEncoder::new(&mut output));
    output.finish(written.map_err(|error| Error::Encode {
        format: Format::Png,
        detail: error.to_string(),
    }))
}

/// The colour profile in a file, if it can be read.
pub(super) fn icc_profile(format: Format, bytes: &[u8]) -> Option<Vec<u8>> {
    open(format, bytes).ok()?.icc_profile().ok().flatten()
}

pub(super) fn encode(picture: &Picture, format: Format, limit: u64) -> Result<Vec<u8>> {
    let (_, largest) = encoder_bytes(picture.size(), channels(picture), format);
    let mut output = Output::new(limit.min(largest));
    let color = if picture.has_alpha() {
        ExtendedColorType::Rgba8
    } else {
        ExtendedColorType::Rgb8
    };
    let (data, width, height) = (picture.as_bytes(), picture.width(), picture.height());
    let written = match format {
        Format::Bmp => BmpEncoder::new(&mut output).write_image(data, width, height, color),
        _ => PngEncoder::new(&mut output).write_image(data, width, height, color),
    };
    output.finish(written.map_err(|error| Error::Encode {
        format,
        detail: error.to_string(),
    }))
}

/// What encoding takes beside the picture, and at most the size of the file.
pub(super) fn encoder_bytes(size: Size, channels: u64, format: Format) -> (u64, u64) {
    if format == Format::Bmp {
        return (0, bmp_bytes(size));
    }
    // Each row has one byte more, and what cannot be compressed grows a little.
    let raw = memory::picture(size, channels) + u64::from(size.height);
    let file = raw + raw / 64 + 1024;
    // The compressed pixels are in memory as a whole before they are written, in a list that is
    // copied to one of twice the size when it is full; where that was in vain, it is done again
    // without compression.
    (5 * file + 16 * u64::from(size.width) * channels, file)
}

const fn channels(picture: &Picture) -> u64 {
    if picture.has_alpha() { 4 } else { 3 }
}

/// The size of a BMP file of 24 bits a pixel.
pub(super) fn bmp_bytes(size: Size) -> u64 {
    let row = (u64::from(size.width) * 3).next_multiple_of(4);
    row * u64::from(size.height) + BMP_HEADERS
}

/// The samples as the TIFF file has them, which the decoder reads apart.
fn tiff_samples(size: Size, original: ExtendedColorType, color: ColorType) -> u64 {
    memory::picture(
        size,
        match original {
            ExtendedColorType::Cmyk8 => 4,
            ExtendedColorType::Cmyk16 => 8,
            _ => u64::from(color.bytes_per_pixel()),
        },
    )
}

fn depth(color: ColorType) -> u8 {
    8 * (color.bytes_per_pixel() / color.channel_count().max(1))
}

fn open(format: Format, bytes: &[u8]) -> ImageResult<AnyDecoder<'_>> {
    let source = Cursor::new(bytes);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_METADATA_BYTES);
    Ok(match format {
        Format::WebP => Box::new(WebPDecoder::new(source)?),
        Format::Bmp => Box::new(BmpDecoder::new(source)?),
        Format::Gif => Box::new(GifDecoder::new(source)?),
        Format::Tiff => Box::new(TiffDecoder::new(source)?),
        // Formats that have modules of their own do not come here.
        _ => Box::new(PngDecoder::with_limits(source, limits)?),
    })
}

/// Narrows samples to 8 bits and spreads gray out to RGB; 8-bit RGB passes untouched.
pub(super) fn narrowed(image: DynamicImage) -> DynamicImage {
    if image.color().has_alpha() {
        DynamicImage::ImageRgba8(image.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(image.into_rgb8())
    }
}

pub(super) fn refused(format: Format, error: &ImageError) -> Error {
    let detail = error.to_string();
    match error {
        ImageError::Unsupported(_) => Error::UnsupportedFeature { format, detail },
        _ => Error::Corrupt { format, detail },
    }
}
