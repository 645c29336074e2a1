//! What draws the eye: where a picture differs from what it is as a whole.
//!
//! The frequency-tuned measure of Achanta et al., Frequency-tuned Salient Region Detection, CVPR 2009: the
//! distance of each colour, a little blurred, to the mean of all, in a perceptual space.

use crate::geometry::{Rect, Size};
use crate::oklab::{Converter, Oklab};
use crate::{Cut, Picture, Result, memory, scale};

/// The longer side of the picture that is looked at, in pixels.
const LOOKED_AT: u32 = 128;
/// How much less what lies in a corner counts than the middle: photographers put there what matters.
const CORNER: f32 = 0.6;

/// Where in `picture` the part of `size` lies that draws the eye most. `size` is at most the picture's.
pub(crate) fn window(picture: &Picture, size: Size) -> Result<Cut> {
    let whole = picture.size();
    let longer = whole.width.max(whole.height);
    let small = |side: u32| {
        let length = u64::from(side) * u64::from(LOOKED_AT) / u64::from(longer);
        u32::try_from(length)
            .unwrap_or(LOOKED_AT)
            .clamp(1, LOOKED_AT)
    };
    let seen = Size {
        width: small(whole.width),
        height: small(whole.height),
    };
    let map = map(&scale::lanczos(picture, Rect::whole(whole), seen)?);
    let sums = Sums::new(&map, seen);
    let scaled = |side: u32, of: u32, to: u32| {
        let length = (u64::from(side) * u64::from(to)).div_ceil(u64::from(of));
        u32::try_from(length).unwrap_or(to).clamp(1, to)
    };
    let part = Size {
        width: scaled(size.width, whole.width, seen.width),
        height: scaled(size.height, whole.height, seen.height),
    };
    let (mut best, mut place) = (f64::NEG_INFINITY, (0, 0));
    let middle = |room: u32, at: u32| (i64::from(room) - 2 * i64::from(at)).abs();
    let room = (seen.width - part.width, seen.height - part.height);
    let mut centered = i64::MAX;
    for top in 0..=room.1 {
        for left in 0..=room.0 {
            let sum = sums.within(left, top, part);
            let far = middle(room.0, left) + middle(room.1, top);
            // Of equal ones the one in the middle is taken.
            if sum > best + 1e-6 || (sum > best - 1e-6 && far < centered) {
                (best, place, centered) = (sum, (left, top), far);
            }
        }
    }
    let back = |at: u32, room: u32, whole: u32| {
        if room == 0 {
            return whole / 2;
        }
        let at = u64::from(at) * u64::from(whole) / u64::from(room);
        u32::try_from(at).unwrap_or_default().min(whole)
    };
    let left = back(place.0, room.0, whole.width - size.width);
    let top = back(place.1, room.1, whole.height - size.height);
    Cut::new(size.width, size.height, left, top)
}

/// The most memory that it takes besides the picture, of `size`, in bytes.
pub(crate) fn peak_bytes(size: Size, channels: u64) -> u64 {
    memory::shrunk(size, LOOKED_AT, channels)
}

/// How much each pixel draws the eye.
fn map(picture: &Picture) -> Vec<f32> {
    let converter = Converter::new();
    let pixels = picture.as_bytes().chunks_exact(picture.channels());
    let colors: Vec<Oklab> = pixels
        .map(|pixel| {
            let alpha = pixel.get(3).copied().unwrap_or(u8::MAX);
            let over = |sample: u8| {
                let mixed = u32::from(sample) * u32::from(alpha) + 255 * u32::from(255 - alpha);
                u8::try_from(mixed / 255).unwrap_or(u8::MAX)
            };
            let rgb = pixel.first_chunk::<3>().copied().unwrap_or_default();
            converter.to_oklab(rgb.map(over))
        })
        .collect();
    let count = f64::from(picture.width()) * f64::from(picture.height());
    let mean =
        |of: fn(&Oklab) -> f32| colors.iter().map(|it| f64::from(of(it))).sum::<f64>() / count;
    let mean = [mean(|it| it.lightness), mean(|it| it.a), mean(|it| it.b)];
    let width = picture.width();
    let places = (0..picture.height()).flat_map(|y| (0..width).map(move |x| (x, y)));
    places
        .map(|(x, y)| {
            let blurred = blurred(&colors, picture.size(), x, y);
            let far: f64 = blurred.iter().zip(mean).map(|(a, b)| (a - b).powi(2)).sum();
            narrow(far.sqrt()) * weight(x, y, picture.size())
        })
        .collect()
}

/// The colour around a pixel, by the weights 1-2-1 on both sides.
fn blurred(colors: &[Oklab], size: Size, x: u32, y: u32) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for (dy, down) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
        for (dx, across) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
            let x = x.saturating_add_signed(dx).min(size.width - 1);
            let y = y.saturating_add_signed(dy).min(size.height - 1);
            let at = usize::try_from(y * size.width + x).unwrap_or(usize::MAX);
            if let Some(&Oklab { lightness, a, b }) = colors.get(at) {
                for (sum, value) in sums.iter_mut().zip([lightness, a, b]) {
                    *sum += f64::from(value) * across * down / 16.0;
                }
            }
        }
    }
    sums
}

/// How much a place counts: all in the middle, less towards the corners.
fn weight(x: u32, y: u32, size: Size) -> f32 {
    let off = |at: u32, length: u32| (f64::from(2 * at + 1) / f64::from(length) - 1.0).powi(2);
    let far = narrow(f64::midpoint(off(x, size.width), off(y, size.height)));
    1.0 - (1.0 - CORNER) * far
}

#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// Sums over all rectangles from the top left.
struct Sums {
    width: u32,
    sums: Vec<f64>,
}

impl Sums {
    fn new(map: &[f32], size: Size) -> Self {
        let width = size.width + 1;
        let length = usize::try_from(width).unwrap_or_default();
        let mut sums = vec![0.0; length];
        for row in map.chunks_exact(length.saturating_sub(1).max(1)) {
            let above = sums.len() - length;
            let mut along = 0.0;
            sums.push(0.0);
            for (column, value) in row.iter().enumerate() {
                along += f64::from(*value);
                let before = sums.get(above + column + 1).copied().unwrap_or_default();
                sums.push(before + along);
            }
        }
        Self { width, sums }
    }

    fn within(&self, left: u32, top: u32, part: Size) -> f64 {
        let at = |x: u32, y: u32| {
            let at = usize::try_from(y * self.width + x).unwrap_or(usize::MAX);
            self.sums.get(at).copied().unwrap_or_default()
        };
        let (right, bottom) = (left + part.width, top + part.height);
        at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey with a red square at `place`.
    fn with_spot(size: Size, place: (u32, u32), edge: u32) -> Picture {
        let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        let data = pixels.flat_map(|(x, y)| {
            let is_spot =
                (place.0..place.0 + edge).contains(&x) && (place.1..place.1 + edge).contains(&y);
            if is_spot {
                [220, 40, 30]
            } else {
                [128, 130, 128]
            }
        });
        Picture::from_rgb(size.width, size.height, data.collect()).unwrap()
    }

    #[test]
    fn the_part_that_differs_is_kept() {
        for (width, height, spot) in [
            (300, 100, (10, 20)),
            (300, 100, (240, 20)),
            (90, 400, (20, 350)),
        ] {
            let size = Size { width, height };
            let picture = with_spot(size, spot, 40);
            let part = Size {
                width: 90,
                height: 100,
            };
            let cut = window(&picture, part).unwrap().apply(&picture).unwrap();
            assert_eq!(cut.size(), part);
            let red = cut.as_bytes().chunks(3).filter(|it| it[0] > 200).count();
            assert!(red >= 1500, "{size:?} {spot:?}: {red} of 1600");
        }
    }

    #[test]
    fn where_nothing_differs_the_middle_is_taken() {
        let flat = Picture::from_rgb(300, 100, vec![9; 90_000]).unwrap();
        let square = Size {
            width: 100,
            height: 100,
        };
        let found = window(&flat, square).unwrap();
        let near = (95..=105).map(|left| Cut::new(100, 100, left, 0).unwrap());
        assert!(near.into_iter().any(|cut| cut == found), "{found:?}");
        for (width, height, bytes) in [(1, 1, 3), (1, 400, 1200), (400, 1, 1200)] {
            let line = Picture::from_rgb(width, height, vec![7; bytes]).unwrap();
            let size = Size {
                width: width.div_ceil(2),
                height: height.div_ceil(2),
            };
            let cut = window(&line, size).unwrap().apply(&line).unwrap();
            assert_eq!(cut.size(), size);
        }
    }
}
