//! What a file's header says about the picture.

use crate::codec;
use crate::geometry::Size;
use crate::memory::{self, Cost};
use crate::{Format, Limits, Loss, Result};

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
    /// Frames of an animation or pages of a TIFF file; only the first one is decoded.
    pub frames: u32,
    /// Bits a sample: 8, 16 or 32; fewer count as 8. Pictures are decoded to 8.
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

    /// What no result can keep of this picture: later frames, and more than 8 bits a sample.
    pub fn losses(&self) -> Vec<Loss> {
        let frames = (self.frames > 1).then_some(Loss::Frames { count: self.frames });
        let depth = (self.depth > 8).then_some(Loss::Depth { bits: self.depth });
        frames.into_iter().chain(depth).collect()
    }

    /// Samples a pixel of the decoded picture, at most.
    pub(crate) const fn channels(&self) -> u64 {
        if self.has_alpha { 4 } else { 3 }
    }

    /// What decoding takes if the picture is made `shrink` times smaller meanwhile.
    pub(crate) fn decode_bytes(&self, shrink: u32) -> u64 {
        let size = self.size().shrunk(shrink);
        memory::decode(self.cost, shrink, size, self.channels(), self.is_turned())
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

/// Reads the header and compares it with `limits`; no pixel is decoded.
///
/// # Errors
///
/// [`Error::TooLarge`](crate::Error::TooLarge), [`Error::SideTooLong`](crate::Error::SideTooLong),
/// [`Error::TooManyPixels`](crate::Error::TooManyPixels) or
/// [`Error::TooManyFrames`](crate::Error::TooManyFrames) for a picture above a limit,
/// [`Error::UnsupportedFormat`](crate::Error::UnsupportedFormat) for bytes of another kind,
/// [`Error::UnsupportedFeature`](crate::Error::UnsupportedFeature) and
/// [`Error::Corrupt`](crate::Error::Corrupt) for a header that cannot be followed.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Info> {
    limits.check_bytes(bytes.len())?;
    let format = Format::sniff_or_refuse(bytes)?;
    codec::guarded(format, || {
        let header = codec::header(format, bytes)?;
        // Sides first: counting frames walks the file, which a refused one does not deserve.
        limits.check_input(header.width, header.height, 1)?;
        let frames = codec::frames::count(format, bytes, limits.max_frames)?;
        limits.check_input(header.width, header.height, frames)?;
        let turned = header.orientation.to_exif() >= 5;
        let (width, height) = if turned {
            (header.height, header.width)
        } else {
            (header.width, header.height)
        };
        Ok(Info {
            format,
            width,
            height,
            frames,
            has_alpha: header.has_alpha,
            orientation: header.orientation.to_exif(),
            depth: header.depth,
            cost: header.cost,
        })
    })
}
