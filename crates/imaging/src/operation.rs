//! What can be done to a picture.

use std::sync::Arc;

use crate::{Format, Quality, Resize, Upscaler};

/// One operation of a [`Pipeline`](crate::Pipeline).
///
/// Those that change the pixels are done in the order of the list. [`Operation::Format`] and
/// [`Operation::Quality`] say how the result is written, wherever they are in it; of each the last
/// one counts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Operation {
    /// Enlarges the picture by the factor of the engine.
    SuperResolve(Arc<dyn Upscaler>),
    /// Scales the picture, with a part cut off or a margin added where its mode asks for that.
    Resize(Resize),
    /// Writes this format instead of that of the input. A GIF or TIFF input needs one.
    Format(Format),
    /// Writes with this quality instead of the default, 85.
    Quality(Quality),
}

impl From<Resize> for Operation {
    fn from(resize: Resize) -> Self {
        Self::Resize(resize)
    }
}

impl From<Format> for Operation {
    fn from(format: Format) -> Self {
        Self::Format(format)
    }
}

impl From<Quality> for Operation {
    fn from(quality: Quality) -> Self {
        Self::Quality(quality)
    }
}
