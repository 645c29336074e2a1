//! One door to every decoder and encoder.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;

use crate::geometry::Size;
use crate::limits::check_side;
use crate::{Error, Format, Info, Picture, Quality, Result, Subject, color, memory};

pub(crate) mod cost;
pub(crate) mod decoded;
mod extent;
pub(crate) mod frames;
pub(crate) mod jpeg;
mod output;
mod raster;
mod vp8l;
mod webp;

use self::decoded::{Decoded, Header};

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

/// Decodes the first frame, upright and in sRGB, `shrink` times smaller where the format can.
pub(crate) fn decode(info: &Info, bytes: &[u8], shrink: u32) -> Result<Picture> {
    let Decoded {
        mut image,
        icc_profile,
    } = match info.format {
        Format::Jpeg => jpeg::decode(bytes, shrink)?,
        format => raster::decode(format, bytes)?,
    };
    if let Some(orientation) = Orientation::from_exif(info.orientation) {
        image.apply_orientation(orientation);
    }
    let (width, height) = (image.width(), image.height());
    if (Size { width, height }) != info.size().shrunk(shrink) {
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

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writing {
    pub(crate) format: Format,
    pub(crate) quality: Quality,
    /// Whether a JPEG is progressive.
    pub(crate) progressive: bool,
    /// The most bytes that the caller asked for.
    pub(crate) max_bytes: u64,
}

impl Writing {
    /// This format, and everything else as by default.
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            quality: Quality::default(),
            progressive: false,
            max_bytes: u64::MAX,
        }
    }
}

/// Writes a file of at most `limit` bytes, and of no more than were asked for: where that takes a
/// lower quality, the highest one that does.
pub(crate) fn encode_within(
    picture: &Picture,
    writing: Writing,
    limit: u64,
) -> Result<(Vec<u8>, Quality)> {
    let limit = limit.min(writing.max_bytes);
    let written = |quality| {
        let writing = Writing { quality, ..writing };
        encode(picture, writing, limit).map(|file| (file, quality))
    };
    let highest = written(writing.quality);
    let can_be_smaller = writing.max_bytes < u64::MAX
        && matches!(writing.format, Format::Jpeg | Format::WebP)
        && matches!(highest, Err(Error::OutputTooLarge { .. }));
    if !can_be_smaller {
        return highest;
    }
    // Files of a lower quality are smaller: what is known to be too large is above `upper`.
    let (mut lower, mut upper) = (1, writing.quality.get().saturating_sub(1));
    let mut best = highest;
    while lower <= upper {
        let middle = lower + (upper - lower) / 2;
        match written(Quality::new(middle)?) {
            Ok(found) => {
                best = Ok(found);
                lower = middle + 1;
            }
            Err(Error::OutputTooLarge { .. }) => upper = middle - 1,
            Err(error) => return Err(error),
        }
    }
    best
}

/// Writes a file of at most `limit` bytes.
pub(crate) fn encode(picture: &Picture, writing: Writing, limit: u64) -> Result<Vec<u8>> {
    let Writing {
        format,
        quality,
        progressive,
        ..
    } = writing;
    check_encodable(format, picture.size())?;
    match format {
        Format::Jpeg => jpeg::encode(&picture.flattened(), quality, progressive, limit),
        Format::WebP => webp::encode(picture, quality, limit),
        Format::Bmp => raster::encode(&picture.flattened(), format, limit),
        _ => raster::encode(picture, format, limit),
    }
}

/// Whether `format` holds an alpha channel.
pub(crate) const fn keeps_alpha(format: Format) -> bool {
    !matches!(format, Format::Jpeg | Format::Bmp)
}

/// What writing takes, with the picture and the file, which has `limit` bytes at most.
pub(crate) fn encode_bytes(size: Size, channels: u64, writing: Writing, limit: u64) -> u64 {
    let Writing {
        format,
        quality,
        progressive,
        max_bytes,
    } = writing;
    let flattened = if keeps_alpha(format) || channels == 3 {
        0
    } else {
        memory::picture(size, 3)
    };
    let (work, file) = match format {
        Format::Jpeg => jpeg::encoder_bytes(size, quality, progressive),
        Format::WebP => webp::encoder_bytes(size, channels),
        _ => raster::encoder_bytes(size, channels, format),
    };
    let picture = memory::picture(size, channels);
    // While a higher quality is looked for, the best file so far is kept.
    let files = if max_bytes < u64::MAX { 2 } else { 1 };
    memory::OVERHEAD + picture + flattened + work + files * file.min(limit).min(max_bytes)
}

/// The exact size of the file, where that does not depend on the pixels.
pub(crate) fn file_bytes(size: Size, format: Format) -> Option<u64> {
    (format == Format::Bmp).then(|| raster::bmp_bytes(size))
}

/// Whether `format` is written at all and can hold a picture of that size.
pub(crate) fn check_encodable(format: Format, size: Size) -> Result<()> {
    if !format.is_writable() {
        return Err(Error::UnsupportedFormat {
            found: format!("writing {format}"),
            is_known: true,
            supported: "JPEG, PNG, WebP or BMP",
        });
    }
    let Size { width, height } = size;
    match format {
        Format::Jpeg => check_side(Subject::OutputAs(format), width, height, jpeg::MAX_SIDE),
        Format::WebP => check_side(Subject::OutputAs(format), width, height, webp::MAX_SIDE),
        _ => Ok(()),
    }
}
