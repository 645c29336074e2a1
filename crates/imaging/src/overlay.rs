//! Laying a picture or a text on a picture: watermarks.

mod blend;
mod place;

use std::sync::Arc;

#[cfg(feature = "text")]
pub(crate) use self::blend::lay;
pub(crate) use self::place::Placed;
#[cfg(feature = "text")]
use crate::Text;
use crate::{Error, Gravity, Picture, Result};

/// What is laid on a picture, and how.
#[derive(Debug, Clone)]
pub struct Overlay {
    stamp: Stamp,
    gravity: Gravity,
    offset: (i32, i32),
    /// In percent.
    opacity: u8,
    scale: Option<Scale>,
    oversize: Oversize,
    tiling: Option<Tiling>,
}

/// What is laid on it.
#[derive(Debug, Clone)]
enum Stamp {
    Picture(Arc<Picture>),
    #[cfg(feature = "text")]
    Text(Arc<Text>),
}

/// The measure of the picture below that the size of an [`Overlay`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Its width.
    Width,
    /// Its height.
    Height,
    /// Its area.
    Area,
}

/// What becomes of an [`Overlay`] that is larger than the picture below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Oversize {
    /// What stands out is cut off.
    #[default]
    Crop,
    /// It is made smaller, in proportion.
    Shrink,
}

/// A size that follows that of the picture below.
#[derive(Debug, Clone, Copy)]
struct Scale {
    measure: Measure,
    /// In thousandths.
    share: u32,
}

/// Repeating all over the picture.
#[derive(Debug, Clone, Copy)]
struct Tiling {
    /// Space between two, in percent of a side.
    spacing: u32,
    degrees: u32,
}

impl Overlay {
    /// Lays `picture` on another one: at the lower right, as it is.
    pub fn picture(picture: impl Into<Arc<Picture>>) -> Self {
        Self::of(Stamp::Picture(picture.into()))
    }

    /// Writes `text` on a picture, at the lower right.
    #[cfg(feature = "text")]
    pub fn text(text: impl Into<Arc<Text>>) -> Self {
        Self::of(Stamp::Text(text.into()))
    }

    fn of(stamp: Stamp) -> Self {
        Self {
            stamp,
            gravity: Gravity::SouthEast,
            offset: (0, 0),
            opacity: 100,
            scale: None,
            oversize: Oversize::default(),
            tiling: None,
        }
    }

    /// Lays it at another place.
    pub const fn gravity(mut self, gravity: Gravity) -> Self {
        self.gravity = gravity;
        self
    }

    /// Moves it by so many pixels from the edges that it stands at, towards the middle. In the
    /// middle of a direction an offset in that direction has no effect.
    pub const fn offset(mut self, dx: i32, dy: i32) -> Self {
        self.offset = (dx, dy);
        self
    }

    /// Lets what is below show through, from 0 percent, which is all of it, to 100.
    ///
    /// # Errors
    ///
    /// It is above 100.
    pub fn opacity(mut self, percent: u32) -> Result<Self> {
        let known = u8::try_from(percent).ok().filter(|percent| *percent <= 100);
        self.opacity = known.ok_or_else(|| Error::InvalidParameter {
            name: "opacity",
            found: percent.to_string(),
            expected: "from 0 to 100",
        })?;
        Ok(self)
    }

    /// Sizes it, in proportion, by a measure of the picture below, of which it gets `thousandths`.
    ///
    /// # Errors
    ///
    /// The share is 0 or above 1,000.
    pub fn scale(mut self, measure: Measure, thousandths: u32) -> Result<Self> {
        if !(1..=1_000).contains(&thousandths) {
            return Err(Error::InvalidParameter {
                name: "share of the picture below",
                found: thousandths.to_string(),
                expected: "from 1 to 1,000 thousandths",
            });
        }
        self.scale = Some(Scale {
            measure,
            share: thousandths,
        });
        Ok(self)
    }

    /// What becomes of it where it is larger than the picture below.
    pub const fn oversize(mut self, oversize: Oversize) -> Self {
        self.oversize = oversize;
        self
    }

    /// Repeats it all over the picture, turned clockwise by degrees, with `spacing` percent of its
    /// sides between two. Place and offset have no effect then.
    pub const fn tiled(mut self, spacing: u32, degrees: u32) -> Self {
        self.tiling = Some(Tiling { spacing, degrees });
        self
    }
}
