//! What a picture takes at its peak, predicted from its header.
//!
//! Every figure is an upper bound in bytes, with the pictures that are alive meanwhile and without
//! the input file. `tests/memory.rs` holds them against an allocator that counts.

use crate::geometry::{Plan, Rect, Size};

/// Tables, rows and state of the codecs and filters, whatever the size of the picture.
pub(crate) const OVERHEAD: u64 = 1024 * 1024;

/// A picture of 3 or 4 bytes a pixel.
pub(crate) fn picture(size: Size, channels: u64) -> u64 {
    size.pixels().saturating_mul(channels)
}

/// Decoding and turning upright, where the decoder alone takes `decoder`; the result has `size`.
pub(crate) fn decode(decoder: u64, size: Size, channels: u64, turned: bool) -> u64 {
    let stored = picture(size, channels);
    let upright = if turned { 2 * stored } else { stored };
    // An alpha channel that hides nothing is dropped by copying.
    let opaque = if channels == 4 {
        stored + picture(size, 3)
    } else {
        stored
    };
    OVERHEAD + decoder.max(upright).max(opaque)
}

/// Scaling and placing by `plan`, which was made for `source`.
pub(crate) fn resize(source: Size, plan: &Plan, channels: u64) -> u64 {
    let scaled = picture(plan.scaled, channels);
    let canvas = if plan.canvas == plan.scaled {
        0
    } else {
        scaled + picture(plan.canvas, channels)
    };
    let filter = filter(source, plan.crop, plan.scaled, channels) + scaled;
    picture(source, channels) + filter.max(canvas)
}

/// Scaling the whole picture to sides of at most `longest`, without the picture itself.
pub(crate) fn shrunk(source: Size, longest: u32, channels: u64) -> u64 {
    let scaled = Size {
        width: longest,
        height: longest,
    };
    let filter = filter(source, Rect::whole(source), scaled, channels);
    filter + picture(scaled, channels) + OVERHEAD
}

/// What the filter needs beside its source and its result.
fn filter(source: Size, part: Rect, scaled: Size, channels: u64) -> u64 {
    // Alpha is premultiplied in a copy of the whole source.
    let premultiplied = if channels == 4 {
        picture(source, channels)
    } else {
        0
    };
    // Columns are filtered first.
    let columns = f64_to_u64(part.width.ceil()).min(u64::from(source.width)) + 1;
    let between = columns
        .saturating_mul(u64::from(scaled.height))
        .saturating_mul(channels);
    // Six weights an input or output pixel, as f64, f32 or i32 and i16, and bounds.
    let weights = |from: u32, to: u32| 160 * u64::from(from.max(to));
    OVERHEAD
        + premultiplied
        + between
        + weights(source.width, scaled.width)
        + weights(source.height, scaled.height)
}

/// Doubling by the built-in filter and sharpening what comes out.
pub(crate) fn upscale(source: Size, doubled: Size, channels: u64) -> u64 {
    let whole = Rect::whole(source);
    let filter = filter(source, whole, doubled, channels) + picture(doubled, channels);
    let rows = 16 * u64::from(doubled.height) + 20 * u64::from(doubled.width) * channels;
    let sharpen = 2 * picture(doubled, channels) + rows + OVERHEAD;
    picture(source, channels) + filter.max(sharpen)
}

/// A length of at least 0; what no length can be is capped.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn f64_to_u64(length: f64) -> u64 {
    length as u64
}
