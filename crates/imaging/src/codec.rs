//! One door to every decoder and encoder.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;

use crate::external::Outside;
use crate::geometry::Size;
use crate::limits::check_side;
use crate::{CodecWork, Error, Format, Info, Picture, Quality, Result, Subject, color, memory};

pub(crate) mod animation;
#[cfg(feature = "avif")]
mod avif;
mod change;
mod container;
pub(crate) mod cost;
pub(crate) mod decoded;
mod extent;
mod external;
pub(crate) mod frame;
pub(crate) mod frames;
pub(crate) mod gif;
pub(crate) mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod output;
mod raster;
mod vp8l;
mod webp;

use self::decoded::{Decoded, Header};
pub(crate) use self::raster::{decode_deep, encode_deep};

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
        Format::Avif | Format::Heif => external::header(format, bytes),
        #[cfg(feature = "jxl")]
        Format::JpegXl => jxl::header(bytes),
        #[cfg(not(feature = "jxl"))]
        Format::JpegXl => Err(Error::missing_codec(CodecWork::Reading, format)),
        _ => raster::header(format, bytes),
    }
}

/// Decodes the first frame, upright and in sRGB, `shrink` times smaller where the format can.
pub(crate) fn decode(
    info: &Info,
    bytes: &[u8],
    shrink: u32,
    outside: Outside<'_>,
) -> Result<Picture> {
    let Decoded {
        mut image,
        icc_profile,
    } = match info.format {
        Format::Jpeg => jpeg::decode(bytes, shrink)?,
        format @ (Format::Avif | Format::Heif) => external::decode(format, bytes, outside)?,
        #[cfg(feature = "jxl")]
        Format::JpegXl => jxl::decode(bytes)?,
        format => raster::decode(format, bytes)?,
    };
    // What reads HEIF turns it upright itself.
    if info.format != Format::Heif
        && let Some(orientation) = Orientation::from_exif(info.orientation)
    {
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
    /// The most colours of a GIF frame.
    pub(crate) colors: u16,
    /// The most frames of an animation.
    pub(crate) frames: u32,
}

impl Writing {
    /// This format, and everything else as by default.
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            quality: Quality::default(),
            progressive: false,
            max_bytes: u64::MAX,
            colors: gif::MAX_COLORS,
            frames: u32::MAX,
        }
    }
}

/// A written file.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) file: Vec<u8>,
    pub(crate) quality: Quality,
    /// Whether colours had to be left out.
    pub(crate) is_reduced: bool,
}

/// Has `write` write a file of at most `limit` bytes, and of no more than were asked for: where that
/// takes a lower quality, with the highest one that does. It is given how, and the limit.
pub(crate) fn write_within(
    writing: Writing,
    limit: u64,
    mut write: impl FnMut(Writing, u64) -> Result<(Vec<u8>, bool)>,
) -> Result<Written> {
    let limit = limit.min(writing.max_bytes);
    let mut written = |quality| {
        let (file, is_reduced) = write(Writing { quality, ..writing }, limit)?;
        Ok(Written {
            file,
            quality,
            is_reduced,
        })
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

/// Writes a file of at most `limit` bytes, and says whether colours had to be left out.
pub(crate) fn encode(
    picture: &Picture,
    writing: Writing,
    limit: u64,
    outside: Outside<'_>,
) -> Result<(Vec<u8>, bool)> {
    let Writing {
        format,
        quality,
        progressive,
        colors,
        ..
    } = writing;
    check_encodable(format, picture.size(), outside)?;
    let file = match format {
        Format::Gif => return gif::encode(picture, colors, limit),
        Format::Jpeg => jpeg::encode(&picture.flattened(), quality, progressive, limit),
        Format::WebP => webp::encode(picture, quality, limit),
        Format::Heif => external::encode(picture, format, quality, limit, outside),
        #[cfg(feature = "avif")]
        Format::Avif => avif::encode(picture, quality, limit),
        Format::Bmp => raster::encode(&picture.flattened(), format, limit),
        _ => raster::encode(picture, format, limit),
    };
    Ok((file?, false))
}

/// Whether `format` holds an alpha channel.
pub(crate) const fn keeps_alpha(format: Format) -> bool {
    !matches!(format, Format::Jpeg | Format::Bmp)
}

/// What writing takes, with the picture and the file, which has `limit` bytes at most.
pub(crate) fn encode_bytes(size: Size, channels: u64, writing: Writing, limit: u64) -> u64 {
    let Writing {
        format, max_bytes, ..
    } = writing;
    let flattened = if keeps_alpha(format) || channels == 3 {
        0
    } else {
        memory::picture(size, 3)
    };
    let (work, file) = work_bytes(size, channels, writing);
    let picture = memory::picture(size, channels);
    // While a higher quality is looked for, the best file so far is kept.
    let files = if max_bytes < u64::MAX { 2 } else { 1 };
    memory::OVERHEAD + picture + flattened + work + files * file.min(limit).min(max_bytes)
}

/// What writing takes beside the picture and the file, and at most the size of the file.
fn work_bytes(size: Size, channels: u64, writing: Writing) -> (u64, u64) {
    match writing.format {
        Format::Jpeg => jpeg::encoder_bytes(size, writing.quality, writing.progressive),
        Format::WebP => webp::encoder_bytes(size, channels),
        Format::Gif => gif::encoder_bytes(size),
        Format::Heif => external::encoder_bytes(size, channels),
        #[cfg(feature = "avif")]
        Format::Avif => avif::encoder_bytes(size, channels, writing.quality),
        format => raster::encoder_bytes(size, channels, format),
    }
}

/// The exact size of the file, where that does not depend on the pixels.
pub(crate) fn file_bytes(size: Size, format: Format) -> Option<u64> {
    (format == Format::Bmp).then(|| raster::bmp_bytes(size))
}

/// Whether `format` is written at all and can hold a picture of that size.
pub(crate) fn check_encodable(format: Format, size: Size, outside: Outside<'_>) -> Result<()> {
    if !format.is_writable() {
        return Err(Error::UnsupportedFormat {
            found: format!("writing {format}"),
            is_known: true,
            supported: "JPEG, PNG, WebP, GIF, BMP, AVIF or HEIF",
        });
    }
    let Size { width, height } = size;
    match format {
        Format::Jpeg => check_side(Subject::OutputAs(format), width, height, jpeg::MAX_SIDE),
        Format::WebP => check_side(Subject::OutputAs(format), width, height, webp::MAX_SIDE),
        Format::Gif => check_side(Subject::OutputAs(format), width, height, gif::MAX_SIDE),
        #[cfg(feature = "avif")]
        Format::Avif => check_side(Subject::OutputAs(format), width, height, avif::MAX_SIDE),
        #[cfg(not(feature = "avif"))]
        Format::Avif => Err(Error::missing_codec(CodecWork::Writing, format)),
        Format::Heif => {
            outside.codec(CodecWork::Writing, format)?;
            let limit = external::MAX_HEIF_SIDE;
            check_side(Subject::OutputAs(format), width, height, limit)
        }
        _ => Ok(()),
    }
}
