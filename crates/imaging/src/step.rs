//! Operations on pixels, for a picture of known size.

use std::sync::Arc;

use crate::blur::{self, Blur, Sharpen};
use crate::detail;
use crate::geometry::{Plan, Size};
use crate::mask::RoundCorners;
use crate::memory::{self, OVERHEAD};
use crate::overlay::Placed;
use crate::tone::Tone;
use crate::turn::{self, Rotation, Turn};
use crate::{Cut, Engine, Error, Operation, Percent, Picture, Result, salient, scale};

/// What a picture measures between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) size: Size,
    /// Samples a pixel: 3, or 4 with alpha.
    pub(crate) channels: u64,
}

/// One step, for a picture of the shape `from`.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) from: Shape,
    pub(crate) work: Work<'a>,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Work<'a> {
    Engine(&'a Arc<dyn Engine>),
    Scale(Plan),
    Cut(Cut),
    /// The part of this size that draws the eye most.
    Salient(Size),
    RoundCorners(RoundCorners),
    Turn(Turn),
    /// Turning by an angle of this sine and cosine.
    Rotate(f64, f64),
    Blur(Blur),
    Sharpen(Sharpen),
    AdaptiveSharpen(Percent),
    Tone(Tone),
    Overlay(Placed<'a>),
}

/// What `operation` takes on a picture of `size`: nothing if it says how the result is written, or
/// changes nothing.
///
/// # Errors
///
/// It cannot be done to such a picture.
pub(crate) fn works(operation: &Operation, size: Size) -> Result<Vec<Work<'_>>> {
    let work = match operation {
        Operation::Engine(engine) => Work::Engine(engine),
        Operation::Resize(resize) => {
            let plan = resize.plan(size.width, size.height);
            // A resize that changes nothing is left out.
            if plan.canvas == size && plan.scaled == size && plan.is_whole(size) {
                return Ok(Vec::new());
            }
            Work::Scale(plan)
        }
        Operation::Cut(cut) => Work::Cut(cut.within(size)?),
        Operation::CutSalient(width, height) => Work::Salient(part(*width, *height, size)?),
        Operation::Circle(radius) => {
            check_radius(*radius, size)?;
            let square = Cut::middle(size, radius.saturating_mul(2));
            let corners = Work::RoundCorners(RoundCorners(*radius));
            return Ok(vec![Work::Cut(square), corners]);
        }
        Operation::RoundCorners(radius) => {
            check_radius(*radius, size)?;
            Work::RoundCorners(RoundCorners(*radius))
        }
        Operation::Rotate(degrees) => match Rotation::new(*degrees) {
            None => return Ok(Vec::new()),
            Some(Rotation::Quarters(turn)) => Work::Turn(turn),
            Some(Rotation::Free { sin, cos }) => Work::Rotate(sin, cos),
        },
        Operation::Flip(flip) => Work::Turn(Turn::flip(*flip)),
        Operation::Blur(blur) => Work::Blur(*blur),
        Operation::Sharpen(sharpen) => Work::Sharpen(*sharpen),
        Operation::AdaptiveSharpen(amount) => Work::AdaptiveSharpen(*amount),
        Operation::Brightness(by) => Work::Tone(Tone::brightness(*by)),
        Operation::Contrast(by) => Work::Tone(Tone::contrast(*by)),
        Operation::Grayscale => Work::Tone(Tone::Gray),
        Operation::Overlay(overlay) => Work::Overlay(overlay.on(size)?),
        Operation::Format(_)
        | Operation::Quality(_)
        | Operation::Progressive(_)
        | Operation::Frames(_)
        | Operation::Colors(_)
        | Operation::MaxBytes(_) => return Ok(Vec::new()),
    };
    Ok(vec![work])
}

fn part(width: u32, height: u32, size: Size) -> Result<Size> {
    if (1..=size.width).contains(&width) && (1..=size.height).contains(&height) {
        return Ok(Size { width, height });
    }
    Err(Error::InvalidParameter {
        name: "size of the part to cut out",
        found: format!(
            "{width} x {height} for a picture of {} x {} pixels",
            size.width, size.height
        ),
        expected: "at least 1 pixel on each side and at most that of the picture",
    })
}

fn check_radius(radius: u32, size: Size) -> Result<()> {
    if radius >= 1 && u64::from(radius) * 2 <= u64::from(size.width.min(size.height)) {
        return Ok(());
    }
    Err(Error::InvalidParameter {
        name: "radius",
        found: format!(
            "{radius} for a picture of {} x {} pixels",
            size.width, size.height
        ),
        expected: "at least 1 and at most half of the shorter side",
    })
}

impl Work<'_> {
    /// The shape of what comes of a picture of the shape `from`.
    pub(crate) fn to(&self, from: Shape) -> Shape {
        let sized = |size| Shape { size, ..from };
        let clear = |size| Shape { size, channels: 4 };
        match self {
            Self::Engine(engine) => sized(from.size.enlarged(engine.factor())),
            Self::Scale(plan) => sized(plan.canvas),
            Self::Cut(cut) => sized(cut.size()),
            Self::Salient(size) => sized(*size),
            Self::Turn(turn) => sized(turn.size(from.size)),
            Self::RoundCorners(_) => clear(from.size),
            Self::Rotate(sin, cos) => clear(turn::around(from.size, *sin, *cos)),
            Self::Blur(_)
            | Self::Sharpen(_)
            | Self::AdaptiveSharpen(_)
            | Self::Tone(_)
            | Self::Overlay(_) => from,
        }
    }
}

impl Step<'_> {
    /// Does it, unless it is cancelled before or meanwhile.
    pub(crate) fn run(
        &self,
        mut picture: Picture,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Picture> {
        if is_cancelled() {
            return Err(Error::Cancelled);
        }
        match &self.work {
            Work::Engine(engine) => engine.run(&picture, is_cancelled),
            Work::Scale(plan) => scale::apply(&picture, plan),
            Work::Cut(cut) => cut.apply(&picture),
            Work::Salient(size) => salient::window(&picture, *size)?.apply(&picture),
            Work::RoundCorners(corners) => corners.apply(&picture),
            Work::Turn(turn) => turn.apply(picture),
            Work::Rotate(sin, cos) => turn::rotate(&picture, *sin, *cos),
            Work::Blur(bell) => blur::blur(&picture, *bell),
            Work::Sharpen(sharpen) => blur::sharpen(&picture, *sharpen),
            Work::Overlay(placed) => placed.apply(picture),
            Work::AdaptiveSharpen(amount) => detail::sharpen(&picture, amount.amount()),
            Work::Tone(tone) => {
                tone.apply(&mut picture);
                Ok(picture)
            }
        }
    }

    /// The most memory it takes, with the pictures before and after it.
    pub(crate) fn peak(&self) -> u64 {
        let Shape { size, channels } = self.from;
        let before = memory::picture(size, channels);
        let to = self.work.to(self.from);
        let after = memory::picture(to.size, to.channels);
        match &self.work {
            Work::Engine(engine) => engine.peak_bytes(size, channels),
            Work::Scale(plan) => memory::resize(size, plan, channels),
            Work::Turn(turn) => OVERHEAD + turn.pictures() * before,
            Work::Tone(_) => OVERHEAD + before,
            Work::Overlay(placed) => before.saturating_add(placed.bytes()),
            // Looking at the picture is over before the part is cut out.
            Work::Salient(_) => before + after.max(salient::peak_bytes(size, channels)),
            Work::Cut(_) | Work::RoundCorners(_) | Work::Rotate(..) => OVERHEAD + before + after,
            Work::Blur(_) | Work::Sharpen(_) | Work::AdaptiveSharpen(_) => {
                let row = u64::from(size.width) * channels;
                OVERHEAD + before + after + Blur::row_bytes(row)
            }
        }
    }

    /// As [`peak`](Self::peak), for samples of 16 bits, whose rows are filtered before columns.
    pub(crate) fn deep_peak(&self) -> u64 {
        let Shape { size, channels } = self.from;
        let between = match &self.work {
            Work::Scale(plan) => {
                let width = plan.scaled.width;
                memory::picture(Size { width, ..size }, 2 * channels)
            }
            _ => 0,
        };
        (2 * self.peak()).saturating_add(between)
    }
}
