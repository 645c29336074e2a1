//! What can be done to a picture.

use std::sync::Arc;

use crate::{Blur, Cut, Engine, Flip, Format, Overlay, Percent, Quality, Resize, Sharpen};

/// One operation of a [`Pipeline`](crate::Pipeline).
///
/// Those that change the pixels are done in the order of the list. Those that say how the result is
/// written ([`Format`](Self::Format), [`Quality`](Self::Quality),
/// [`Progressive`](Self::Progressive), [`MaxBytes`](Self::MaxBytes), [`Frames`](Self::Frames),
/// [`Colors`](Self::Colors)) may be anywhere in it; of each the last one counts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Operation {
    /// Has an engine make the picture anew, larger by its factor.
    Engine(Arc<dyn Engine>),
    /// Scales the picture, with a part cut off or a margin added where its mode asks for that.
    Resize(Resize),
    /// Cuts out a part, as far as it lies within the picture.
    Cut(Cut),
    /// Cuts out the part of this width and height that draws the eye most: where colours differ from those
    /// of the picture as a whole. The picture is at least as wide and as high.
    CutSalient(u32, u32),
    /// Cuts out the circle of this radius around the middle, with what is around it transparent.
    /// The radius is at least 1, and at most half of the shorter side.
    Circle(u32),
    /// Rounds the corners by this radius, with what is outside transparent. Bounds as for
    /// [`Circle`](Self::Circle).
    RoundCorners(u32),
    /// Turns the picture clockwise by degrees. Where that is by no quarter, the picture grows to
    /// hold all of it, and what is added is transparent.
    Rotate(u32),
    /// Mirrors the picture.
    Flip(Flip),
    /// Blurs by Gauss.
    Blur(Blur),
    /// Sharpens by an unsharp mask.
    Sharpen(Sharpen),
    /// Sharpens edges and leaves faint differences, which are mostly noise, by so much: not at all at
    /// 0 or below.
    AdaptiveSharpen(Percent),
    /// Adds a share of the whole range to every sample: white at 100, black at -100.
    Brightness(Percent),
    /// Spreads the samples around the middle of the range, or draws them together below 0.
    Contrast(Percent),
    /// Leaves nothing but luminance, by the weights of ITU-R BT.709.
    Grayscale,
    /// Lays a picture or a text on the picture.
    Overlay(Overlay),
    /// Keeps at most so many frames of an animation, at least 1: the others are left out at equal
    /// distances, and those before them are seen for longer.
    Frames(u32),
    /// Writes GIF with at most so many colours a frame, from 65 to 256.
    Colors(u16),
    /// Writes this format instead of that of the input. A TIFF input needs one.
    Format(Format),
    /// Writes with this quality instead of the default, 85.
    Quality(Quality),
    /// Whether a JPEG is written so that it can be shown before all of it has come. Other formats
    /// are written as always.
    Progressive(bool),
    /// Writes a file of at most so many bytes: JPEG and WebP with the highest quality up to
    /// [`Quality`](Self::Quality) that allows it. What cannot be so small is refused.
    MaxBytes(u64),
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
