//! Where pixels go: ways to resize, computed without touching a pixel.

use crate::{Error, Gravity, Result, Rgb};

/// How a picture meets a target width and height. Pictures are enlarged as well as reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Keeps the proportions; the smallest size that covers the target.
    Cover,
    /// Keeps the proportions; the largest size within the target.
    Contain,
    /// Covers the target, then cuts the surplus off, evenly on both sides unless
    /// [`Resize::gravity`] says otherwise.
    Fill,
    /// Fits within the target, then adds [`Resize::background`] evenly on both sides.
    Pad,
    /// Exactly the target, whatever happens to the proportions.
    Fixed,
}

/// A checked resize request; [`plan`](Self::plan) applies it to one picture's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resize {
    kind: Kind,
    when: When,
    gravity: Gravity,
    background: Rgb,
}

/// Which pictures are resized at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// Those that would become smaller.
    Larger,
    /// Those that would become larger.
    Smaller,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Width and height, each by its factor.
    Scale(f64, f64),
    /// To so many pixels in all, or a little less.
    Area(u64),
    Box(Mode, Sides),
    /// As `Box`, where a length that is not given stays what it is.
    Side(Mode, Sides),
    /// Long and short side; which one is the width depends on the picture.
    LongShort(Mode, Sides),
}

/// One or two given lengths.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sides {
    First(u32),
    Second(u32),
    Both(u32, u32),
}

impl Resize {
    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            when: When::Always,
            gravity: Gravity::Center,
            background: Rgb::WHITE,
        }
    }

    /// Both sides times `factor`, a finite number above 0 (1.0 changes nothing).
    pub fn scale(factor: f64) -> Result<Self> {
        Self::scale_sides(factor, factor)
    }

    /// The width and the height, each times a factor of its own, as in [`Self::scale`].
    pub fn scale_sides(across: f64, down: f64) -> Result<Self> {
        let is_factor = |factor: &f64| factor.is_finite() && *factor > 0.0;
        match [across, down].iter().find(|factor| !is_factor(factor)) {
            None => Ok(Self::of(Kind::Scale(across, down))),
            Some(factor) => Err(Error::InvalidParameter {
                name: "resize factor",
                found: factor.to_string(),
                expected: "a number above 0",
            }),
        }
    }

    /// In proportion, to the largest size of no more than `pixels` in all, at least 1.
    pub fn to_area(pixels: u64) -> Result<Self> {
        if pixels == 0 {
            return Err(Error::InvalidParameter {
                name: "resize area",
                found: pixels.to_string(),
                expected: "at least 1 pixel",
            });
        }
        Ok(Self::of(Kind::Area(pixels)))
    }

    /// Aims at one side or both; one that is not given stays as long as it is, so that the
    /// proportions change or, with [`Mode::Fill`], a part is cut off.
    pub fn to_side(mode: Mode, width: Option<u32>, height: Option<u32>) -> Result<Self> {
        let sides = Sides::new(["resize width", "resize height"], width, height)?;
        Ok(Self::of(Kind::Side(mode, sides)))
    }

    /// The same for pictures that become smaller by it; others stay as they are.
    pub const fn only_shrink(mut self) -> Self {
        self.when = When::Larger;
        self
    }

    /// The same for pictures that become larger by it; others stay as they are.
    pub const fn only_enlarge(mut self) -> Self {
        self.when = When::Smaller;
        self
    }

    /// Which part [`Mode::Fill`] keeps. Default: the middle.
    pub const fn gravity(mut self, gravity: Gravity) -> Self {
        self.gravity = gravity;
        self
    }

    /// What [`Mode::Pad`] adds. Default: white.
    pub const fn background(mut self, background: Rgb) -> Self {
        self.background = background;
        self
    }

    /// Aims at a width and a height in pixels, each at least 1.
    ///
    /// With only one of them the other follows the proportions of the picture, so that every
    /// mode gives the same result.
    pub fn to_box(mode: Mode, width: Option<u32>, height: Option<u32>) -> Result<Self> {
        let sides = Sides::new(["resize width", "resize height"], width, height)?;
        Ok(Self::of(Kind::Box(mode, sides)))
    }

    /// Aims at a longer and a shorter side in pixels, each at least 1.
    ///
    /// The longer one is the width of a landscape or square picture and the height of a portrait
    /// one. With only one of them the other follows the proportions.
    pub fn to_sides(mode: Mode, long: Option<u32>, short: Option<u32>) -> Result<Self> {
        let sides = Sides::new(["resize long side", "resize short side"], long, short)?;
        Ok(Self::of(Kind::LongShort(mode, sides)))
    }

    /// Computes the geometry for a picture of `width` by `height` pixels.
    ///
    /// A length that follows from another is rounded to the nearest pixel, halves up, and is
    /// never below 1. The result may exceed the output limits; whoever applies it checks them.
    pub fn plan(&self, width: u32, height: u32) -> Plan {
        let source = Size {
            width: width.max(1),
            height: height.max(1),
        };
        let plan = self.whenever(source);
        let is_wanted = match self.when {
            When::Always => true,
            When::Larger => plan.scaled.pixels() < source.pixels(),
            When::Smaller => plan.scaled.pixels() > source.pixels(),
        };
        if is_wanted {
            return plan;
        }
        Plan::whole(source, source)
    }

    /// The geometry, whichever pictures are resized at all.
    fn whenever(&self, source: Size) -> Plan {
        let meet = |mode, target| {
            let plan = source.meet(mode, target, self.gravity);
            Plan {
                background: self.background,
                ..plan
            }
        };
        match self.kind {
            Kind::Scale(across, down) => Plan::whole(
                source,
                Size {
                    width: scaled(source.width, across),
                    height: scaled(source.height, down),
                },
            ),
            Kind::Area(pixels) => Plan::whole(source, source.of_area(pixels)),
            Kind::Box(mode, sides) => meet(mode, sides.resolve(source)),
            Kind::Side(mode, sides) => meet(mode, sides.beside(source)),
            Kind::LongShort(mode, sides) if source.width >= source.height => {
                meet(mode, sides.resolve(source))
            }
            Kind::LongShort(mode, sides) => meet(mode, sides.resolve(source.turned()).turned()),
        }
    }
}

impl Sides {
    fn new(names: [&'static str; 2], first: Option<u32>, second: Option<u32>) -> Result<Self> {
        let [first_name, second_name] = names;
        let check = |name, side: u32| {
            if side > 0 {
                Ok(side)
            } else {
                Err(Error::InvalidParameter {
                    name,
                    found: side.to_string(),
                    expected: "at least 1 pixel",
                })
            }
        };
        match (first, second) {
            (Some(first), Some(second)) => Ok(Self::Both(
                check(first_name, first)?,
                check(second_name, second)?,
            )),
            (Some(first), None) => check(first_name, first).map(Self::First),
            (None, Some(second)) => check(second_name, second).map(Self::Second),
            (None, None) => Err(Error::InvalidParameter {
                name: "resize target",
                found: "empty".to_owned(),
                expected: "at least one side",
            }),
        }
    }

    /// The lengths, where one that is not given stays.
    fn beside(self, source: Size) -> Size {
        match self {
            Self::Both(width, height) => Size { width, height },
            Self::First(width) => Size { width, ..source },
            Self::Second(height) => Size { height, ..source },
        }
    }

    /// The lengths, where one that is not given follows the proportions.
    fn resolve(self, source: Size) -> Size {
        match self {
            Self::Both(width, height) => Size { width, height },
            Self::First(width) => Size {
                width,
                height: proportion(source.height, width, source.width),
            },
            Self::Second(height) => Size {
                width: proportion(source.width, height, source.height),
                height,
            },
        }
    }
}

/// A width and a height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
}

impl Size {
    /// Number of pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// This size `times` times larger, as far as sides can be expressed.
    pub fn enlarged(self, times: u32) -> Self {
        Self {
            width: self.width.saturating_mul(times),
            height: self.height.saturating_mul(times),
        }
    }

    /// This size `times` times smaller, each side rounded up.
    pub(crate) fn shrunk(self, times: u32) -> Self {
        Self {
            width: self.width.div_ceil(times.max(1)),
            height: self.height.div_ceil(times.max(1)),
        }
    }

    /// Width and height swapped.
    pub(crate) const fn turned(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }

    /// This size in proportion, of no more than so many pixels in all.
    fn of_area(self, pixels: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "what is lost is below a pixel")]
        let factor = (pixels as f64 / self.pixels() as f64).sqrt();
        let side = |side: u32| floored(side, factor);
        let Self { width, height } = self;
        // A line cannot become thinner, so it becomes shorter.
        let most = |other: u32| {
            u32::try_from(pixels / u64::from(other))
                .unwrap_or(u32::MAX)
                .max(1)
        };
        Self {
            width: side(width).min(most(side(height))),
            height: side(height).min(most(side(width))),
        }
    }

    fn meet(self, mode: Mode, target: Self, gravity: Gravity) -> Plan {
        match mode {
            Mode::Fixed => Plan::whole(self, target),
            Mode::Cover => Plan::whole(self, self.proportional(target, true)),
            Mode::Contain => Plan::whole(self, self.proportional(target, false)),
            Mode::Fill => Plan {
                crop: self.part_of_shape(target, gravity),
                ..Plan::whole(self, target)
            },
            Mode::Pad => {
                let scaled = self.proportional(target, false);
                Plan {
                    canvas: target,
                    left: target.width.saturating_sub(scaled.width) / 2,
                    top: target.height.saturating_sub(scaled.height) / 2,
                    ..Plan::whole(self, scaled)
                }
            }
        }
    }

    /// This size in proportion, covering `target` or within it: one side is met exactly.
    fn proportional(self, target: Self, cover: bool) -> Self {
        if self.width_binds(target) == cover {
            Self {
                width: target.width,
                height: proportion(self.height, target.width, self.width),
            }
        } else {
            Self {
                width: proportion(self.width, target.height, self.height),
                height: target.height,
            }
        }
    }

    /// Whether the width needs the larger factor of the two to reach `target`.
    fn width_binds(self, target: Self) -> bool {
        u64::from(target.width) * u64::from(self.height)
            >= u64::from(target.height) * u64::from(self.width)
    }

    /// The largest part with the proportions of `shape`. At least one pixel is kept.
    fn part_of_shape(self, shape: Self, gravity: Gravity) -> Rect {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let ratio = f64::from(shape.width) / f64::from(shape.height);
        let (part_width, part_height) = if self.width_binds(shape) {
            (width, (width / ratio).clamp(1.0, height))
        } else {
            ((height * ratio).clamp(1.0, width), height)
        };
        let (across, down) = gravity.shares();
        Rect {
            left: (width - part_width) * across,
            top: (height - part_height) * down,
            width: part_width,
            height: part_height,
        }
    }
}

/// A part of the source picture, in pixels; edges may fall within a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Distance from the left edge.
    pub left: f64,
    /// Distance from the top edge.
    pub top: f64,
    /// Width, above 0.
    pub width: f64,
    /// Height, above 0.
    pub height: f64,
}

impl Rect {
    pub(crate) fn whole(size: Size) -> Self {
        Self {
            left: 0.0,
            top: 0.0,
            width: f64::from(size.width),
            height: f64::from(size.height),
        }
    }
}

/// How one picture becomes another: `crop` of the source is scaled to `scaled` and put on a
/// `canvas` of one colour at `left`, `top`.
///
/// Cutting before scaling gives the picture that cutting afterwards would, without ever building
/// the far larger one in between.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// Part of the source that is kept.
    pub crop: Rect,
    /// Size that part is scaled to.
    pub scaled: Size,
    /// Size of the result; larger than `scaled` only with [`Mode::Pad`].
    pub canvas: Size,
    /// Colour of the rest of the canvas.
    pub background: Rgb,
    /// Columns of it left of the scaled part.
    pub left: u32,
    /// Rows of it above the scaled part.
    pub top: u32,
}

impl Plan {
    /// Whether nothing of a picture of `source` is cut off.
    pub(crate) fn is_whole(&self, source: Size) -> bool {
        self.crop == Rect::whole(source)
    }

    /// By how much the part is reduced in the direction in which it is reduced least.
    pub(crate) fn reduction(&self) -> f64 {
        let across = self.crop.width / f64::from(self.scaled.width);
        across.min(self.crop.height / f64::from(self.scaled.height))
    }

    /// The same plan for a source that was made `times` times smaller, each side rounded up. What
    /// was added by that lies at the right and the bottom, unless the source was flipped since.
    pub(crate) fn after_shrinking(
        self,
        source: Size,
        times: u32,
        (flipped_across, flipped_down): (bool, bool),
    ) -> Self {
        let factor = f64::from(times);
        let smaller = source.shrunk(times);
        let added = |smaller: u32, side: u32, flipped: bool| {
            if flipped {
                f64::from(smaller) - f64::from(side) / factor
            } else {
                0.0
            }
        };
        Self {
            crop: Rect {
                left: self.crop.left / factor + added(smaller.width, source.width, flipped_across),
                top: self.crop.top / factor + added(smaller.height, source.height, flipped_down),
                width: self.crop.width / factor,
                height: self.crop.height / factor,
            },
            ..self
        }
    }

    fn whole(source: Size, scaled: Size) -> Self {
        Self {
            crop: Rect::whole(source),
            scaled,
            canvas: scaled,
            background: Rgb::WHITE,
            left: 0,
            top: 0,
        }
    }
}

/// `value * numerator / denominator`, to the nearest, at least 1, capped at `u32::MAX`.
fn proportion(value: u32, numerator: u32, denominator: u32) -> u32 {
    let denominator = u64::from(denominator.max(1));
    let exact_twice = 2 * u128::from(value) * u128::from(numerator);
    let rounded = (exact_twice + u128::from(denominator)) / (2 * u128::from(denominator));
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}

/// `side * factor`, to the nearest, at least 1.
fn scaled(side: u32, factor: f64) -> u32 {
    to_u32((f64::from(side) * factor).round()).max(1)
}

/// `side * factor`, rounded down, at least 1.
fn floored(side: u32, factor: f64) -> u32 {
    // A product that should be whole may be a little less.
    to_u32(f64::from(side) * factor + 1e-9).max(1)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and lengths are positive"
)]
fn to_u32(length: f64) -> u32 {
    length as u32
}

#[cfg(test)]
mod tests;
