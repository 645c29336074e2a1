//! What following the structure of a picture yields.

use crate::layout::Layout;
use crate::report::PictureType;

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
    pub(super) fn new(kind: PictureType) -> Self {
        Self {
            kind,
            dimensions: None,
            complete: false,
            layout: Layout::default(),
            motion_photo: None,
        }
    }
}

/// What the metadata of a JPEG announces about a film behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MotionPhoto {
    /// Bytes from the start of the film to the end of the file, where they are stated.
    pub(crate) from_end: Option<usize>,
}
