//! PNG, WebP, BMP, GIF and TIFF through the `image` library.

use std::io::Cursor;

use image::codecs::bmp::{BmpDecoder, BmpEncoder};
use image::codecs::gif::GifDecoder;
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageResult, Limits,
};

use super::{Decoded, Header};
use crate::{Error, Format, Picture, Result};

/// Memory for what surrounds the pixels: profiles, palettes, tables, one row.
const MAX_METADATA_BYTES: u64 = 64 * 1024 * 1024;

type AnyDecoder<'a> = Box<dyn ImageDecoder + 'a>;

pub(super) fn header(format: Format, bytes: &[u8]) -> Result<Header> {
    let mut decoder = open(format, bytes).map_err(|error| refused(format, &error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::Corrupt {
            format,
            detail: "a side of 0 pixels".to_owned(),
        });
    }
    let color = decoder.color_type();
    Ok(Header {
        width,
        height,
        has_alpha: color.has_alpha(),
        // Unreadable metadata is no reason to refuse the pixels.
        orientation: decoder.orientation().unwrap_or(Orientation::NoTransforms),
        // The decoder's buffer, one like it inside the decoder, and the 8-bit copy.
        decoder_bytes_per_pixel: color.bytes_per_pixel().saturating_mul(2).saturating_add(4),
    })
}

pub(super) fn decode(format: Format, bytes: &[u8]) -> Result<Decoded> {
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
        let image = DynamicImage::from_decoder(decoder)?;
        Ok(Decoded {
            image: narrowed(image),
            icc_profile,
        })
    };
    read().map_err(|error| refused(format, &error))
}

pub(super) fn encode(picture: &Picture, format: Format) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let color = if picture.has_alpha() {
        ExtendedColorType::Rgba8
    } else {
        ExtendedColorType::Rgb8
    };
    let (data, width, height) = (picture.as_bytes(), picture.width(), picture.height());
    let written = match format {
        Format::Bmp => BmpEncoder::new(&mut bytes).write_image(data, width, height, color),
        _ => PngEncoder::new(&mut bytes).write_image(data, width, height, color),
    };
    written.map(|()| bytes).map_err(|error| Error::Encode {
        format,
        detail: error.to_string(),
    })
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
        // JPEG has a module of its own and does not come here.
        Format::Png | Format::Jpeg => Box::new(PngDecoder::with_limits(source, limits)?),
    })
}

/// Narrows samples to 8 bits and spreads gray out to RGB; 8-bit RGB passes untouched.
fn narrowed(image: DynamicImage) -> DynamicImage {
    if image.color().has_alpha() {
        DynamicImage::ImageRgba8(image.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(image.into_rgb8())
    }
}

fn refused(format: Format, error: &ImageError) -> Error {
    let detail = error.to_string();
    match error {
        ImageError::Unsupported(_) => Error::UnsupportedFeature { format, detail },
        _ => Error::Corrupt { format, detail },
    }
}
