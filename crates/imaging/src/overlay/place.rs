//! Where an overlay comes to lie, and how large it is, on a picture of known size.

use super::blend::blend;
use super::{Measure, Overlay, Oversize, Scale, Stamp, Tiling};
use crate::geometry::{Plan, Size};
use crate::memory::{self, OVERHEAD};
use crate::turn::{self, Rotation};
use crate::{Picture, Resize, Result, scale};

/// An overlay for a picture of one size.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    overlay: &'a Overlay,
    /// How the picture is scaled, or by what the text is.
    sizing: Sizing,
    /// Size before it is turned.
    size: Size,
}

#[derive(Debug)]
enum Sizing {
    AsItIs,
    Plan(Plan),
    #[cfg(feature = "text")]
    Factor(f64),
}

impl Overlay {
    /// This overlay for a picture of the size `below`.
    ///
    /// # Errors
    ///
    /// A text cannot be written.
    pub(crate) fn on(&self, below: Size) -> Result<Placed<'_>> {
        let natural = match &self.stamp {
            Stamp::Picture(picture) => picture.size(),
            #[cfg(feature = "text")]
            Stamp::Text(text) => text.size(1.0)?,
        };
        let mut factor = self.scale.map_or(1.0, |scale| scale.factor(natural, below));
        if self.oversize == Oversize::Shrink {
            let fits = |side: u32, below: u32| f64::from(below) / f64::from(side);
            factor = factor
                .min(fits(natural.width, below.width))
                .min(fits(natural.height, below.height));
        }
        let (sizing, size) = self.sized(natural, factor)?;
        Ok(Placed {
            overlay: self,
            sizing,
            size,
        })
    }

    #[expect(
        clippy::float_cmp,
        reason = "nothing has changed the factor if it is exactly one"
    )]
    fn sized(&self, natural: Size, factor: f64) -> Result<(Sizing, Size)> {
        if factor == 1.0 {
            return Ok((Sizing::AsItIs, natural));
        }
        match &self.stamp {
            Stamp::Picture(_) => {
                let plan = Resize::scale(factor)?.plan(natural.width, natural.height);
                Ok((Sizing::Plan(plan), plan.canvas))
            }
            #[cfg(feature = "text")]
            Stamp::Text(text) => Ok((Sizing::Factor(factor), text.size(factor)?)),
        }
    }
}

impl Scale {
    /// By what a stamp of the size `natural` is scaled for a picture of the size `below`.
    fn factor(self, natural: Size, below: Size) -> f64 {
        let share = f64::from(self.share) / 1000.0;
        let ratio = |below: u32, natural: u32| share * f64::from(below) / f64::from(natural);
        match self.measure {
            Measure::Width => ratio(below.width, natural.width),
            Measure::Height => ratio(below.height, natural.height),
            Measure::Area => {
                let across = f64::from(below.width) / f64::from(natural.width);
                (across * ratio(below.height, natural.height)).sqrt()
            }
        }
    }
}

impl Placed<'_> {
    /// The size of one, turned where the tiles are.
    fn turned(&self) -> Size {
        match self.rotation() {
            None => self.size,
            Some(Rotation::Quarters(turn)) => turn.size(self.size),
            Some(Rotation::Free { sin, cos }) => turn::around(self.size, sin, cos),
        }
    }

    fn rotation(&self) -> Option<Rotation> {
        self.overlay
            .tiling
            .and_then(|tiling| Rotation::new(tiling.degrees))
    }

    /// The most memory it takes, without the picture below.
    pub(crate) fn bytes(&self) -> u64 {
        let (size, turned) = (
            memory::picture(self.size, 4),
            memory::picture(self.turned(), 4),
        );
        let stamp = match (&self.overlay.stamp, &self.sizing) {
            (Stamp::Picture(picture), Sizing::Plan(plan)) => {
                memory::resize(picture.size(), plan, 4)
            }
            (Stamp::Picture(picture), _) => memory::picture(picture.size(), 4),
            #[cfg(feature = "text")]
            (Stamp::Text(text), _) => text.work_bytes(self.size),
        };
        OVERHEAD
            .saturating_add(stamp)
            .saturating_add(size + 2 * turned)
    }

    /// Lays it on `picture`.
    pub(crate) fn apply(&self, mut picture: Picture) -> Result<Picture> {
        let stamp = self.stamp()?;
        let opacity = self.overlay.opacity;
        let (below, size) = (picture.size(), stamp.size());
        let places = |below: u32, side: u32, share: f64, offset: i32| match self.overlay.tiling {
            Some(tiling) => tiling.places(below, side),
            None => vec![place(below, side, share, offset)],
        };
        let (across, down) = self.overlay.gravity.shares();
        let (dx, dy) = self.overlay.offset;
        let columns = places(below.width, size.width, across, dx);
        for top in places(below.height, size.height, down, dy) {
            for &left in &columns {
                blend(&mut picture, &stamp, (left, top), opacity);
            }
        }
        Ok(picture)
    }

    /// What is laid on the picture, in its final size.
    fn stamp(&self) -> Result<Picture> {
        let stamp = match (&self.overlay.stamp, &self.sizing) {
            (Stamp::Picture(picture), Sizing::Plan(plan)) => scale::apply(picture, plan)?,
            (Stamp::Picture(picture), _) => Picture::clone(picture),
            #[cfg(feature = "text")]
            (Stamp::Text(text), Sizing::Factor(factor)) => text.draw(*factor)?,
            #[cfg(feature = "text")]
            (Stamp::Text(text), _) => text.draw(1.0)?,
        };
        match self.rotation() {
            None => Ok(stamp),
            Some(Rotation::Quarters(turn)) => turn.apply(stamp),
            Some(Rotation::Free { sin, cos }) => turn::rotate(&stamp, sin, cos),
        }
    }
}

impl Tiling {
    /// Where tiles of the length `side` begin.
    fn places(self, below: u32, side: u32) -> Vec<i64> {
        let space = u64::from(side) * u64::from(self.spacing) / 100;
        let step = usize::try_from(u64::from(side) + space).unwrap_or(usize::MAX);
        (0..i64::from(below)).step_by(step.max(1)).collect()
    }
}

/// Where something of the length `side` begins, of which `share` of the rest is before it.
fn place(below: u32, side: u32, share: f64, offset: i32) -> i64 {
    let (rest, offset) = (i64::from(below) - i64::from(side), i64::from(offset));
    if share < 0.25 {
        offset
    } else if share > 0.75 {
        rest - offset
    } else {
        rest.div_euclid(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, shade: u8) -> Picture {
        let data = vec![shade; usize::try_from(width * height * 3).unwrap()];
        Picture::from_rgb(width, height, data).unwrap()
    }

    /// The dark samples of a white picture of 10 by 8 on which `overlay` lies, row by row.
    fn seen(overlay: &Overlay) -> Vec<String> {
        let below = picture(10, 8, 255);
        let made = overlay.on(below.size()).unwrap().apply(below).unwrap();
        let row = |row: &[u8]| {
            row.chunks(3)
                .map(|it| if it[0] < 200 { '#' } else { '.' })
                .collect()
        };
        made.as_bytes().chunks(30).map(row).collect()
    }

    #[test]
    fn a_stamp_stands_where_it_is_told_to() {
        use crate::Gravity::{Center, East, NorthWest, SouthEast};
        let stamp = || Overlay::picture(picture(3, 2, 0));
        for (overlay, left, top) in [
            (stamp(), 7, 6),
            (stamp().offset(1, 2), 6, 4),
            (stamp().gravity(NorthWest).offset(1, 2), 1, 2),
            (stamp().gravity(Center).offset(1, 2), 3, 3),
            (stamp().gravity(East).offset(1, 2), 6, 3),
            (stamp().gravity(SouthEast).offset(-1, -1), 8, 7),
            (stamp().offset(i32::MAX, i32::MIN), 99, 99),
        ] {
            for (y, row) in seen(&overlay).iter().enumerate() {
                for (x, found) in row.chars().enumerate() {
                    let inside = (left..left + 3).contains(&x) && (top..top + 2).contains(&y);
                    assert_eq!(found == '#', inside, "{overlay:?}: {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn its_size_can_follow_the_picture_below() {
        let stamp = || Overlay::picture(picture(20, 10, 0));
        let below = Size {
            width: 200,
            height: 90,
        };
        let size = |overlay: Overlay| {
            let size = overlay.on(below).unwrap().size;
            (size.width, size.height)
        };
        assert_eq!(size(stamp()), (20, 10));
        assert_eq!(size(stamp().scale(Measure::Width, 250).unwrap()), (50, 25));
        assert_eq!(size(stamp().scale(Measure::Height, 500).unwrap()), (90, 45));
        assert_eq!(size(stamp().scale(Measure::Area, 100).unwrap()), (60, 30));
        let large = || Overlay::picture(picture(400, 100, 0));
        assert_eq!(size(large()), (400, 100));
        assert_eq!(size(large().oversize(Oversize::Shrink)), (200, 50));
        for share in [0, 1_001] {
            assert!(stamp().scale(Measure::Width, share).is_err());
        }
        assert!(stamp().opacity(101).is_err());
    }

    #[test]
    fn tiles_are_all_over_the_picture() {
        let stamp = Overlay::picture(picture(2, 2, 0)).tiled(50, 0);
        assert_eq!(
            seen(&stamp)[..4],
            ["##.##.##.#", "##.##.##.#", "..........", "##.##.##.#"]
        );
        let turned = Overlay::picture(picture(4, 1, 0)).tiled(100, 90);
        assert_eq!(seen(&turned)[0], "#.#.#.#.#.");
        // Slanted ones are laid with what is beside them clear.
        let slanted = seen(&Overlay::picture(picture(4, 4, 0)).tiled(0, 45));
        assert!(slanted[0].starts_with("..##"), "{slanted:?}");
    }
}
