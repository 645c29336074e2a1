//! Reading JPEG XL with jxl-oxide.

use image::metadata::Orientation;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use jxl_oxide::{
    AllocTracker, EnumColourEncoding, InitializeResult, JxlImage, JxlThreadPool, RenderingIntent,
};

use super::cost::Cost;
use super::decoded::{Decoded, Header};
use crate::geometry::Size;
use crate::{Error, Format, Result, memory};

/// Tables of the decoder, whatever the size of the picture.
const TABLES: u64 = 16 * 1024 * 1024;
/// How much of a file is looked at first for its header.
const HEADER_BYTES: usize = 4096;

pub(super) fn header(bytes: &[u8]) -> Result<Header> {
    let (image, _) = open(bytes, TABLES)?;
    let size = size(&image);
    if size.width == 0 || size.height == 0 {
        return Err(corrupt("a side of 0 pixels"));
    }
    if image.pixel_format().has_black() {
        return Err(Error::UnsupportedFeature {
            format: Format::JpegXl,
            detail: "colours of ink (CMYK)".to_owned(),
        });
    }
    let metadata = &image.image_header().metadata;
    let planes = u64::try_from(metadata.ec_info.len())
        .unwrap_or(u64::MAX)
        .saturating_add(3);
    let depth = u8::try_from(metadata.bit_depth.bits_per_sample()).unwrap_or(u8::MAX);
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let has_alpha = image.pixel_format().has_alpha();
    Ok(Header {
        width: size.width,
        height: size.height,
        has_alpha,
        depth: depth.max(8),
        // The decoder turns the picture upright.
        orientation: Orientation::NoTransforms,
        cost: Cost::Whole(
            decoder_bytes(size, planes, length)
                .saturating_add(memory::picture(size, if has_alpha { 8 } else { 6 })),
        ),
    })
}

/// What the decoder takes: each plane as floating point numbers, several times over while filters
/// are applied, and a copy of the file.
fn decoder_bytes(size: Size, planes: u64, length: u64) -> u64 {
    memory::picture(size, planes.saturating_mul(24))
        .saturating_add(2 * length)
        .saturating_add(TABLES)
}

/// Frames that are shown, at least 1. Counting stops above `limit`.
pub(super) fn frames(bytes: &[u8], limit: u32) -> Result<u32> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let (mut image, mut rest) = open(bytes, length.saturating_add(TABLES))?;
    if image.image_header().metadata.animation.is_none() {
        return Ok(1);
    }
    let shown = |image: &JxlImage| u32::try_from(image.num_loaded_keyframes()).unwrap_or(u32::MAX);
    // A file that breaks off later counts as far as it can be followed.
    while shown(&image) <= limit && !rest.is_empty() {
        let part = rest.get(..HEADER_BYTES).unwrap_or(rest);
        match image.feed_bytes(part) {
            Ok(0) | Err(_) => break,
            Ok(read) => rest = rest.get(read..).unwrap_or_default(),
        }
    }
    Ok(shown(&image).max(1))
}

/// Decodes the first frame, upright.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded> {
    let refused = |error: Box<dyn std::error::Error + Send + Sync>| corrupt(error.to_string());
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let (image, _) = open(bytes, TABLES)?;
    let (size, planes) = (
        size(&image),
        image.image_header().metadata.ec_info.len() + 3,
    );
    let planes = u64::try_from(planes).unwrap_or(u64::MAX);
    let (mut image, mut rest) = open(bytes, decoder_bytes(size, planes, length))?;
    while !rest.is_empty() && !image.is_loading_done() {
        match image.feed_bytes(rest).map_err(refused)? {
            0 => break,
            read => rest = rest.get(read..).unwrap_or_default(),
        }
    }
    let is_xyb = image.image_header().metadata.xyb_encoded;
    let profile = image.original_icc().filter(|_| !is_xyb).map(<[u8]>::to_vec);
    if profile.is_none() {
        let intent = RenderingIntent::Relative;
        image.request_color_encoding(if image.pixel_format().is_grayscale() {
            EnumColourEncoding::gray_srgb(intent)
        } else {
            EnumColourEncoding::srgb(intent)
        });
    }
    let frame = image.render_frame(0).map_err(refused)?;
    let mut stream = frame.stream();
    let (width, height, channels) = (stream.width(), stream.height(), stream.channels());
    let samples = memory::picture(Size { width, height }, u64::from(channels));
    let mut data = vec![0; usize::try_from(samples).unwrap_or_default()];
    stream.write_to_buffer(&mut data);
    let image = match channels {
        1 => GrayImage::from_raw(width, height, data).map(DynamicImage::ImageLuma8),
        2 => GrayAlphaImage::from_raw(width, height, data).map(DynamicImage::ImageLumaA8),
        3 => RgbImage::from_raw(width, height, data).map(DynamicImage::ImageRgb8),
        _ => RgbaImage::from_raw(width, height, data).map(DynamicImage::ImageRgba8),
    };
    Ok(Decoded {
        image: super::raster::narrowed(image.ok_or_else(|| corrupt("no pixels"))?),
        icc_profile: profile,
    })
}

/// The decoder once it has read the header within `limit` bytes, and what it has not read yet.
fn open(bytes: &[u8], limit: u64) -> Result<(JxlImage, &[u8])> {
    let refused = |error: Box<dyn std::error::Error + Send + Sync>| corrupt(error.to_string());
    let mut decoder = JxlImage::builder()
        .pool(JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(
            usize::try_from(limit).unwrap_or(usize::MAX),
        ))
        .build_uninit();
    // Twice as much each time: it begins anew whenever that is not enough.
    let (mut rest, mut most) = (bytes, HEADER_BYTES);
    loop {
        let part = rest.get(..most).unwrap_or(rest);
        let read = decoder.feed_bytes(part).map_err(refused)?;
        rest = rest.get(read..).unwrap_or_default();
        match decoder.try_init().map_err(refused)? {
            InitializeResult::Initialized(image) => return Ok((image, rest)),
            InitializeResult::NeedMoreData(more) if read > 0 => decoder = more,
            InitializeResult::NeedMoreData(_) => return Err(corrupt("it ends in its header")),
        }
        most = most.saturating_mul(2);
    }
}

fn size(image: &JxlImage) -> Size {
    Size {
        width: image.width(),
        height: image.height(),
    }
}

fn corrupt(detail: impl Into<String>) -> Error {
    Error::Corrupt {
        format: Format::JpegXl,
        detail: detail.into(),
    }
}
