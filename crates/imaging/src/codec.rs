//! One door to every decoder and encoder.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::DynamicImage;
use image::metadata::Orientation;

use crate::limits::check_side;
use crate::{Error, Format, Info, Picture, Quality, Result, color};

pub(crate) mod frames;
mod jpeg;
mod raster;
mod webp;

/// What a header tells, in the file's own coordinates.
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) has_alpha: bool,
    pub(crate) orientation: Orientation,
    pub(crate) decoder_bytes_per_pixel: u8,
}

/// Stored pixels, `Rgb8` or `Rgba8`, not yet upright nor converted to sRGB.
struct Decoded {
    image: DynamicImage,
    icc_profile: Option<Vec<u8>>,
}

/// Runs a decoder and turns its panic into an error.
pub(crate) fn guarded<T>(format: Format, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    // Nothing outlives the closure but its result, so no half-changed state can be seen.
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(Error::Corrupt {
            format,
            detail: "the decoder could not cope with it".to_owned(),
        })
    })
}

pub(crate) fn header(format: Format, bytes: &[u8]) -> Result<Header> {
    match format {
        Format::Jpeg => jpeg::header(bytes),
        _ => raster::header(format, bytes),
    }
}

/// Decodes the first frame, upright and in sRGB.
pub(crate) fn decode(info: &Info, bytes: &[u8]) -> Result<Picture> {
    let Decoded {
        mut image,
        icc_profile,
    } = match info.format {
        Format::Jpeg => jpeg::decode(bytes)?,
        format => raster::decode(format, bytes)?,
    };
    if let Some(orientation) = Orientation::from_exif(info.orientation) {
        image.apply_orientation(orientation);
    }
    let (width, height) = (image.width(), image.height());
    if (width, height) != (info.width, info.height) {
        return Err(Error::Corrupt {
            format: info.format,
            detail: "the pixels do not match the size in the header".to_owned(),
        });
    }
    let has_alpha = image.color().has_alpha();
    let mut data = image.into_bytes();
    if let Some(profile) = icc_profile {
        color::convert_to_srgb(&mut data, has_alpha, &profile);
    }
    if has_alpha {
        Picture::from_rgba(width, height, data)
    } else {
        Picture::from_rgb(width, height, data)
    }
}

pub(crate) fn encode(picture: &Picture, format: Format, quality: Quality) -> Result<Vec<u8>> {
    check_encodable(format, picture.width(), picture.height())?;
    match format {
        Format::Jpeg => jpeg::encode(&picture.flattened(), quality),
        Format::WebP => webp::encode(picture, quality),
        Format::Bmp => raster::encode(&picture.flattened(), format),
        _ => raster::encode(picture, format),
    }
}

/// Whether `format` is written at all and can hold a picture of that size.
pub(crate) fn check_encodable(format: Format, width: u32, height: u32) -> Result<()> {
    format.check_writable()?;
    match format {
        Format::Jpeg => check_side("a JPEG output picture", width, height, jpeg::MAX_SIDE),
        Format::WebP => check_side("a WebP output picture", width, height, webp::MAX_SIDE),
        _ => Ok(()),
    }
}
