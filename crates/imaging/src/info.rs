//! What a file's header says about the picture.

use crate::codec::cost::Cost;
use crate::geometry::Size;
use crate::{Format, Loss, memory};

/// What is known about a picture without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Format, from the first bytes.
    pub format: Format,
    /// Width in pixels as displayed, that is, after [`orientation`](Self::orientation).
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// Frames of an animation or pages of a TIFF file.
    pub frames: u32,
    /// Bits a sample: 8, 16 or 32, in AVIF, HEIF and JPEG XL others between; fewer count as 8.
    /// Pictures are decoded to 8.
    pub depth: u8,
    /// Whether pixels may be transparent. GIF always says so, whatever its pixels are.
    pub has_alpha: bool,
    /// Orientation noted in the file, as an Exif value from 1 (upright) to 8. From 5 on, the
    /// stored width and height are the displayed ones swapped.
    pub orientation: u8,
    /// What the decoder takes.
    pub(crate) cost: Cost,
}

impl Info {
    /// Displayed width and height.
    pub fn size(&self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }

    /// Whether it is an animation whose frames a result of that format keeps.
    pub fn moves_as(&self, format: Format) -> bool {
        self.frames > 1 && self.format.moves() && format.moves()
    }

    /// What no result of that format can keep of this picture: later frames, where it holds one,
    /// and more than 8 bits a sample, of which PNG keeps 16 where pixels are only scaled, cut or
    /// turned.
    pub fn losses(&self, format: Format) -> Vec<Loss> {
        let is_cut = self.frames > 1 && !self.moves_as(format);
        let frames = is_cut.then_some(Loss::Frames { count: self.frames });
        let is_narrowed = self.depth > 8 && !self.keeps_depth(format);
        let depth = is_narrowed.then_some(Loss::Depth { bits: self.depth });
        frames.into_iter().chain(depth).collect()
    }

    /// Whether a result of that format can have all bits of a sample that this picture has.
    pub(crate) const fn keeps_depth(&self, format: Format) -> bool {
        self.depth == 16
            && matches!(self.format, Format::Png | Format::Tiff)
            && matches!(format, Format::Png)
    }

    /// Samples a pixel of the decoded picture, at most.
    pub(crate) const fn channels(&self) -> u64 {
        if self.has_alpha { 4 } else { 3 }
    }

    /// What decoding takes if the picture is made `shrink` times smaller meanwhile.
    pub(crate) fn decode_bytes(&self, shrink: u32) -> u64 {
        let size = self.size().shrunk(shrink);
        let decoder = self.cost.decoder(shrink);
        memory::decode(decoder, size, self.channels(), self.is_turned())
    }

    /// What decoding to 16 bits a sample takes.
    pub(crate) fn deep_bytes(&self) -> u64 {
        let wide = 2 * self.channels();
        // Gray is spread out to colours in a copy.
        let decoder = self
            .cost
            .decoder(1)
            .saturating_add(memory::picture(self.size(), wide));
        memory::decode(decoder, self.size(), wide, self.is_turned())
    }

    /// What going through all frames takes.
    pub(crate) fn moving_bytes(&self) -> u64 {
        // The canvas, what is given of it, that turned upright, and that without alpha.
        let canvas = memory::picture(self.size(), 16);
        self.decode_bytes(1).saturating_add(canvas)
    }

    /// Whether width and height are the stored ones swapped.
    const fn is_turned(&self) -> bool {
        self.orientation >= 5
    }

    /// Whether the stored picture is flipped across and down to be upright; where it is turned as
    /// well, the axes are those of the upright one.
    pub(crate) const fn flips(&self) -> (bool, bool) {
        (
            matches!(self.orientation, 2 | 3 | 6 | 7),
            matches!(self.orientation, 3 | 4 | 7 | 8),
        )
    }
}
