//! The structure of pictures: which bytes belong to one and where it truly ends.

mod bmff;
mod bmp;
mod gif;
mod ico;
mod jpeg;
mod png;
mod psd;
mod structure;
mod svg;
mod tiff;
mod webp;

use crate::work::Work;

pub(crate) use bmff::boxes;
pub(crate) use structure::{MotionPhoto, Picture};

/// The picture `bytes` begin with, if it is of a known format. Where the work is refused, the
/// account ends as if the picture were cut short.
pub(crate) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    type Parser = fn(&[u8], &Work<'_>) -> Option<Picture>;
    const PARSERS: [Parser; 10] = [
        jpeg::parse,
        png::parse,
        gif::parse,
        webp::parse,
        bmp::parse,
        bmff::parse,
        tiff::parse,
        ico::parse,
        psd::parse,
        svg::parse,
    ];
    PARSERS.iter().find_map(|parse| parse(bytes, work))
}
