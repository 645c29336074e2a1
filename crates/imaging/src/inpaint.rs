//! Erasing a part of a picture: it is filled from its edge inwards by what is around it.
//!
//! Telea, An Image Inpainting Technique Based on the Fast Marching Method, Journal of Graphics Tools 9(1),
//! 2004.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::{Engine, Error, Picture, Region, Result};

/// How far from a pixel those are that it is filled from.
const RADIUS: i64 = 5;
/// How often the wish to stop is asked for, in pixels.
const PATIENCE: usize = 1024;
/// A distance that no pixel has.
const FAR: f32 = 1e6;

/// Erases a region: fills it by what surrounds it, along the lines that lead into it. No model: what was
/// there is not guessed, and large regions become blurred.
#[derive(Debug, Clone)]
pub struct Inpaint {
    region: Region,
}

impl Inpaint {
    /// Erases `region`.
    pub const fn new(region: Region) -> Self {
        Self { region }
    }
}

impl Engine for Inpaint {
    fn name(&self) -> &'static str {
        "inpainting (Telea)"
    }

    fn factor(&self) -> u32 {
        1
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        // Distance and state of each pixel, and its place in the front.
        let march = size.pixels().saturating_mul(4 + 1 + 12);
        OVERHEAD
            .saturating_add(2 * memory::picture(size, channels))
            .saturating_add(march)
            .saturating_add(self.region.bytes(size))
    }

    fn run(&self, picture: &Picture, is_cancelled: &dyn Fn() -> bool) -> Result<Picture> {
        let erased = self.region.pixels(picture.size())?;
        if erased.iter().all(|it| *it) {
            return Err(Error::InvalidParameter {
                name: "the region to erase",
                found: "the whole picture".to_owned(),
                expected: "smaller than the picture: it is filled by what is around it",
            });
        }
        let mut march = March::new(picture.clone(), &erased);
        drop(erased);
        march.run(is_cancelled)?;
        Ok(march.picture)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Known,
    /// In the front, with a distance and a colour.
    Front,
    Unknown,
}

/// A pixel of the front, the nearest to the edge first.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    distance: f32,
    x: u32,
    y: u32,
}

impl Eq for Place {}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_place = || (self.y, self.x).cmp(&(other.y, other.x));
        self.distance.total_cmp(&other.distance).then_with(by_place)
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The front that goes inwards.
struct March {
    picture: Picture,
    states: Vec<State>,
    /// How far each pixel is from what was known at first.
    distances: Vec<f32>,
    front: BinaryHeap<Reverse<Place>>,
}

impl March {
    fn new(picture: Picture, erased: &[bool]) -> Self {
        let state = |&erased: &bool| if erased { State::Unknown } else { State::Known };
        let distance = |&erased: &bool| if erased { FAR } else { 0.0 };
        let mut march = Self {
            states: erased.iter().map(state).collect(),
            distances: erased.iter().map(distance).collect(),
            front: BinaryHeap::new(),
            picture,
        };
        // A pixel is in the front once: its list does not grow while it is used.
        let unknown = erased.iter().filter(|it| **it).count();
        march.front = BinaryHeap::with_capacity(unknown + march.edge().count());
        let mut front = std::mem::take(&mut march.front);
        front.extend(march.edge().map(Reverse));
        march.front = front;
        march
    }

    /// What is known and beside something that is not.
    fn edge(&self) -> impl Iterator<Item = Place> {
        let (width, height) = (self.picture.width(), self.picture.height());
        let places = (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
        places
            .filter(|&(x, y)| {
                self.state(x.into(), y.into()) == Some(State::Known)
                    && neighbours(x, y).any(|(x, y)| self.state(x, y) == Some(State::Unknown))
            })
            .map(|(x, y)| Place {
                distance: 0.0,
                x,
                y,
            })
    }

    fn run(&mut self, is_cancelled: &dyn Fn() -> bool) -> Result<()> {
        let mut steps = 0_usize;
        while let Some(Reverse(Place { x, y, .. })) = self.front.pop() {
            steps += 1;
            if steps.is_multiple_of(PATIENCE) && is_cancelled() {
                return Err(Error::Cancelled);
            }
            self.set_state(x.into(), y.into(), State::Known);
            for (x, y) in neighbours(x, y) {
                if self.state(x, y) != Some(State::Unknown) {
                    continue;
                }
                let distance = self.solve(x, y);
                if let Some(at) = self.at(x, y)
                    && let Some(own) = self.distances.get_mut(at)
                {
                    *own = distance;
                }
                self.fill(x, y);
                self.set_state(x, y, State::Front);
                if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
                    self.front.push(Reverse(Place { distance, x, y }));
                }
            }
        }
        Ok(())
    }

    /// The index of a pixel, if there is one.
    fn at(&self, x: i64, y: i64) -> Option<usize> {
        let (width, height) = (self.picture.width(), self.picture.height());
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        let at = u64::from(y) * u64::from(width) + u64::from(x);
        (x < width && y < height).then(|| usize::try_from(at).ok())?
    }

    fn state(&self, x: i64, y: i64) -> Option<State> {
        self.states.get(self.at(x, y)?).copied()
    }

    fn set_state(&mut self, x: i64, y: i64, state: State) {
        if let Some(at) = self.at(x, y)
            && let Some(own) = self.states.get_mut(at)
        {
            *own = state;
        }
    }

    /// The distance of a pixel that has one.
    fn distance(&self, x: i64, y: i64) -> Option<f32> {
        let at = self.at(x, y)?;
        let is_known = self.states.get(at) != Some(&State::Unknown);
        self.distances.get(at).copied().filter(|_| is_known)
    }

    /// The distance of a pixel, by those of its neighbours: the eikonal equation.
    fn solve(&self, x: i64, y: i64) -> f32 {
        let nearer = |a: Option<f32>, b: Option<f32>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let across = nearer(self.distance(x - 1, y), self.distance(x + 1, y));
        let down = nearer(self.distance(x, y - 1), self.distance(x, y + 1));
        match (across, down) {
            (Some(a), Some(b)) if (a - b).abs() < 1.0 => {
                f32::midpoint(a, b) + (2.0 - (a - b) * (a - b)).sqrt() / 2.0
            }
            (Some(a), Some(b)) => a.min(b) + 1.0,
            (Some(one), None) | (None, Some(one)) => one + 1.0,
            (None, None) => FAR,
        }
    }

    /// By how much the distance grows to the right and downwards.
    fn slope(&self, x: i64, y: i64) -> (f32, f32) {
        let own = self.at(x, y).and_then(|at| self.distances.get(at));
        let own = own.copied().unwrap_or_default();
        let along = |before: Option<f32>, after: Option<f32>| match (before, after) {
            (Some(before), Some(after)) => (after - before) / 2.0,
            (Some(before), None) => own - before,
            (None, Some(after)) => after - own,
            (None, None) => 0.0,
        };
        (
            along(self.distance(x - 1, y), self.distance(x + 1, y)),
            along(self.distance(x, y - 1), self.distance(x, y + 1)),
        )
    }

    /// Colours a pixel by the known ones around it: the nearer they are, the more they lie along the way
    /// inwards, and the more they lie on the same line around the region, the more they count.
    fn fill(&mut self, x: i64, y: i64) {
        let (right, down) = self.slope(x, y);
        let own = self.at(x, y).and_then(|at| self.distances.get(at));
        let own = own.copied().unwrap_or_default();
        let channels = self.picture.channels();
        let mut colors = [0.0_f32; 3];
        let (mut alphas, mut weights, mut seen) = (0.0_f32, 0.0_f32, 0.0_f32);
        for dy in -RADIUS..=RADIUS {
            for dx in -RADIUS..=RADIUS {
                let square = dx * dx + dy * dy;
                if square == 0 || square > RADIUS * RADIUS {
                    continue;
                }
                let (from_x, from_y) = (x + dx, y + dy);
                let Some(distance) = self.distance(from_x, from_y) else {
                    continue;
                };
                let (across, along, square) = (small(dx), small(dy), small(square));
                let way = (across * right + along * down).abs() / square.sqrt();
                let level = 1.0 / (1.0 + (distance - own).abs());
                let weight = way.max(1e-3) * level / square;
                let at = self.at(from_x, from_y).unwrap_or(usize::MAX);
                let start = at.saturating_mul(channels);
                let pixel = self.picture.as_bytes().get(start..).unwrap_or_default();
                let alpha = if channels == 4 {
                    pixel.get(3).copied()
                } else {
                    None
                };
                let alpha = f32::from(alpha.unwrap_or(u8::MAX));
                weights += weight;
                alphas += weight * alpha;
                seen += weight * alpha;
                for (sum, &sample) in colors.iter_mut().zip(pixel) {
                    *sum += weight * alpha * f32::from(sample);
                }
            }
        }
        let start = self.at(x, y).unwrap_or(usize::MAX).saturating_mul(channels);
        let pixel = self.picture.as_bytes_mut().get_mut(start..);
        let pixel = pixel.unwrap_or_default().iter_mut().take(channels);
        let color = colors.map(|sum| if seen > 0.0 { sum / seen } else { 0.0 });
        let alpha = if weights > 0.0 {
            alphas / weights
        } else {
            255.0
        };
        for (sample, value) in pixel.zip(color.into_iter().chain([alpha])) {
            *sample = rounded(value);
        }
    }
}

/// The pixels beside one.
fn neighbours(x: u32, y: u32) -> impl Iterator<Item = (i64, i64)> {
    let (x, y) = (i64::from(x), i64::from(y));
    [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].into_iter()
}

#[expect(clippy::cast_precision_loss, reason = "within the radius")]
fn small(value: i64) -> f32 {
    value as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn rounded(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f64, to: f64) -> Region {
        Region::Polygons(vec![vec![(from, from), (to, from), (to, to), (from, to)]])
    }

    fn run(picture: &Picture, region: Region) -> Picture {
        Inpaint::new(region).run(picture, &|| false).unwrap()
    }

    /// A slope with a blot of red on it.
    fn blotted(side: u32, blot: std::ops::Range<u32>) -> (Picture, Picture) {
        let of = |blotted: bool| {
            let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
            let data = pixels.flat_map(|(x, y)| {
                if blotted && blot.contains(&x) && blot.contains(&y) {
                    return [255, 0, 0];
                }
                let value = u8::try_from(60 + 2 * x + y).unwrap();
                [value, value / 2, 255 - value]
            });
            Picture::from_rgb(side, side, data.collect()).unwrap()
        };
        (of(true), of(false))
    }

    #[test]
    fn a_blot_goes_and_all_else_stays() {
        let (blotted, clean) = blotted(40, 14..24);
        let mended = run(&blotted, square(14.0, 24.0));
        let inside =
            |at: usize| (14..24).contains(&(at / 3 % 40)) && (14..24).contains(&(at / 120));
        let pairs = mended.as_bytes().iter().zip(clean.as_bytes()).enumerate();
        for (at, (mended, clean)) in pairs {
            let most = if inside(at) { 14 } else { 0 };
            assert!(mended.abs_diff(*clean) <= most, "{at}: {mended} {clean}");
        }
    }

    #[test]
    fn nothing_to_erase_changes_nothing_and_everything_is_refused() {
        let (picture, _) = blotted(12, 2..4);
        assert_eq!(run(&picture, Region::Polygons(Vec::new())), picture);
        let all = Inpaint::new(square(-1.0, 13.0)).run(&picture, &|| false);
        assert!(all.unwrap_err().to_string().contains("whole picture"));
        let cancelled = blotted(60, 5..55).0;
        let cancelled = Inpaint::new(square(5.0, 55.0)).run(&cancelled, &|| true);
        assert_eq!(cancelled.unwrap_err(), Error::Cancelled);
    }

    #[test]
    fn what_is_hidden_around_lends_no_colour() {
        let mut data = [255, 0, 0, 0].repeat(30);
        data.extend([[9, 9, 9, 255]; 60].concat());
        let picture = Picture::from_rgba(10, 9, data).unwrap();
        let erased = vec![(0.0, 3.0), (10.0, 3.0), (10.0, 5.0), (0.0, 5.0)];
        let made = run(&picture, Region::Polygons(vec![erased]));
        let row = &made.as_bytes()[3 * 40..5 * 40];
        assert!(row.chunks(4).all(|it| it[0] <= 10), "{row:?}");
    }
}
