//! What a result does not keep of its source.

use std::fmt;

/// Something of the source that a result does not hold.
///
/// Nothing is lost silently: [`Info::losses`](crate::Info::losses) reports before the work, and
/// [`Outcome::losses`](crate::Outcome::losses) after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// Later frames of an animation, or later pages of a TIFF file.
    Frames {
        /// How many the source has.
        count: u32,
    },
    /// Samples of more than 8 bits are reduced to 8.
    Depth {
        /// Bits a sample of the source.
        bits: u8,
    },
    /// Colours and half transparent pixels, of which a GIF frame holds 256 colours and none.
    Palette,
    /// Transparency, which JPEG and BMP do not hold: it is laid on white.
    Transparency,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frames { count } => write!(f, "only the first of {count} frames is kept"),
            Self::Depth { bits } => write!(f, "{bits} bits a sample are reduced to 8"),
            Self::Palette => f.write_str(
                "colours are reduced to one palette a frame, in which pixels are seen or not",
            ),
            Self::Transparency => f.write_str("transparency is laid on white"),
        }
    }
}
