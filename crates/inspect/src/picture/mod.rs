//! The structure of pictures: which bytes belong to one and where it truly ends.

mod bmff;
mod bmp;
mod gif;
mod ico;
mod jpeg;
mod png;
mod psd;
mod svg;
mod tiff;
mod webp;

use crate::layout::Layout;
use crate::report::PictureType;
use crate::work::Work;

pub(crate) use bmff::boxes;
pub(crate) use jpeg::MotionPhoto;

/// A picture at the start of some bytes.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) kind: PictureType,
    pub(crate) dimensions: Option<(u32, u32)>,
    /// Whether the structure was followed to its proper end.
    pub(crate) complete: bool,
    pub(crate) layout: Layout,
    /// What a JPEG announces about a film behind it.
    pub(crate) motion_photo: Option<MotionPhoto>,
}

impl Picture {
    fn new(kind: PictureType) -> Self {
        Self {
            kind,
            dimensions: None,
            complete: false,
            layout: Layout::default(),
            motion_photo: None,
        }
    }
}

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
