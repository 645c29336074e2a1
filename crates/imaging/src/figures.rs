//! How good a picture is, in figures that need no other picture to compare with.
//!
//! Sharpness is that of Crete et al., The Blur Effect, SPIE 6492, 2007: what is sharp loses much by being
//! blurred once more. Noise is the operator of Immerkær, Fast Noise Variance Estimation, 1996, by its median,
//! which edges do not move.

use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::{Picture, tone};

/// Pixels before and after one that it is blurred with.
const REACH: usize = 4;
/// A shade that is grey to the eye: how far its channels lie apart at most.
const GREY: u8 = 8;
/// A picture of one colour, or of writing on one: the share of the pixels that two shades and those next to
/// them cover.
const PLAIN: f64 = 0.97;
const NEAR: usize = 6;

/// Figures about a picture, measured on its luminance.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Figures {
    /// From 0, of one colour or blurred beyond measure, to 1. Photographs that are in focus have 0.5 and
    /// more.
    pub sharpness: f64,
    /// Standard deviation of the noise, in steps of 8 bits.
    pub noise: f64,
    /// Standard deviation of the luminance, in steps of 8 bits.
    pub contrast: f64,
    /// Whether there are shades of grey only.
    pub is_gray: bool,
    /// Whether there is one colour only, or one on another, as writing is.
    pub is_plain: bool,
}

impl Figures {
    /// The figures of a picture, laid on white where it can be seen through.
    pub fn of(picture: &Picture) -> Self {
        let size = picture.size();
        let flat = picture.flattened();
        let (mut shades, mut is_gray) = ([0_u64; 256], true);
        let pixels = flat.as_bytes().chunks_exact(3).map(|pixel| match *pixel {
            [r, g, b] => [r, g, b],
            _ => [0; 3],
        });
        let mut luma = Vec::with_capacity(flat.as_bytes().len() / 3);
        for [r, g, b] in pixels {
            let shade = tone::luminance(r, g, b);
            is_gray &= r.max(g).max(b) - r.min(g).min(b) <= GREY;
            if let Some(count) = shades.get_mut(usize::from(shade)) {
                *count += 1;
            }
            luma.push(shade);
        }
        Self {
            sharpness: sharpness(&luma, size),
            noise: noise(&luma, size),
            contrast: contrast(&shades),
            is_gray,
            is_plain: is_plain(&shades),
        }
    }

    /// The most memory that [`Self::of`] takes, in bytes, with a picture of `size`.
    pub fn peak_bytes(size: Size) -> u64 {
        OVERHEAD.saturating_add(memory::picture(size, 4 + 3 + 1))
    }

    /// All figures in one, 0 to 100: a picture that is sharp, free of noise and not dull has many points.
    /// It is a product of three simple measures and knows nothing of what the picture shows.
    pub fn clarity(&self) -> u8 {
        let sharp = ((self.sharpness - 0.1) / 0.5).clamp(0.0, 1.0);
        let clean = 1.0 / (1.0 + (self.noise / 12.0).powi(2));
        let lively = (self.contrast / 40.0).clamp(0.0, 1.0).sqrt();
        points(100.0 * sharp * clean * lively)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn points(value: f64) -> u8 {
    value.round() as u8
}

#[expect(clippy::cast_precision_loss, reason = "counts of pixels are exact")]
fn float(value: u64) -> f64 {
    value as f64
}

fn contrast(shades: &[u64; 256]) -> f64 {
    let all = float(shades.iter().sum::<u64>()).max(1.0);
    let moment = |power: i32| {
        let each = shades.iter().zip(0_u32..);
        each.map(|(&count, shade)| float(count) * f64::from(shade).powi(power))
            .sum::<f64>()
            / all
    };
    (moment(2) - moment(1).powi(2)).max(0.0).sqrt()
}

fn is_plain(shades: &[u64; 256]) -> bool {
    let all = float(shades.iter().sum::<u64>());
    let mut left = *shades;
    let mut covered = 0.0;
    for _ in 0..2 {
        let most = left.iter().enumerate().max_by_key(|(_, count)| **count);
        let most = most.map_or(0, |(shade, _)| shade);
        for count in left
            .iter_mut()
            .take(most + NEAR + 1)
            .skip(most.saturating_sub(NEAR))
        {
            covered += float(*count);
            *count = 0;
        }
    }
    covered >= PLAIN * all
}

/// The lesser of the sharpness of rows and of columns.
fn sharpness(luma: &[u8], size: Size) -> f64 {
    let (width, height) = (length(size.width), length(size.height));
    let mut rows = Change::default();
    for row in luma.chunks_exact(width.max(1)) {
        rows.add(row.iter().copied());
    }
    let mut columns = Change::default();
    for column in 0..width {
        columns.add(
            luma.iter()
                .skip(column)
                .step_by(width)
                .copied()
                .take(height),
        );
    }
    match (rows.sharpness(), columns.sharpness()) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b).unwrap_or_default(),
    }
}

fn length(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}

/// What changes from one pixel to the next, and what of it blurring takes away.
#[derive(Default)]
struct Change {
    all: f64,
    lost: f64,
}

impl Change {
    fn add(&mut self, line: impl Iterator<Item = u8> + Clone) {
        let first = line.clone().next().unwrap_or_default();
        // The ends are their own neighbours.
        let before = std::iter::repeat_n(first, REACH);
        let last = line.clone().last().unwrap_or_default();
        let after = std::iter::repeat_n(last, REACH);
        let padded = before.chain(line.clone()).chain(after);
        // A sum over a window changes by what enters and what leaves it.
        let leaving = padded.clone();
        let entering = padded.skip(2 * REACH + 1);
        let next = line.clone().skip(1);
        for (((left, right), leaves), enters) in line.zip(next).zip(leaving).zip(entering) {
            let own = f64::from(left.abs_diff(right));
            let window = f64::from(2 * u32::try_from(REACH).unwrap_or_default() + 1);
            let blurred = f64::from(leaves.abs_diff(enters)) / window;
            self.all += own;
            self.lost += (own - blurred).max(0.0);
        }
    }

    fn sharpness(&self) -> Option<f64> {
        (self.all > 0.0).then(|| self.lost / self.all)
    }
}

/// The noise, by how each pixel differs from what its neighbours make likely.
fn noise(luma: &[u8], size: Size) -> f64 {
    /// The median of a normal distribution's magnitude, times the norm of the operator.
    const SCALE: f64 = 0.6745 * 6.0;
    let width = length(size.width);
    let mut counts = vec![0_u64; 8 * 256];
    let rows: Vec<&[u8]> = luma.chunks_exact(width.max(1)).collect();
    for three in rows.windows(3) {
        let &[above, own, below] = three else {
            continue;
        };
        let columns = above.windows(3).zip(own.windows(3)).zip(below.windows(3));
        for ((above, own), below) in columns {
            let edge = |row: &[u8]| match *row {
                [a, b, c] => i32::from(a) - 2 * i32::from(b) + i32::from(c),
                _ => 0,
            };
            let found = (edge(above) - 2 * edge(own) + edge(below)).unsigned_abs();
            if let Some(count) = usize::try_from(found)
                .ok()
                .and_then(|it| counts.get_mut(it))
            {
                *count += 1;
            }
        }
    }
    let half = float(counts.iter().sum::<u64>()) / 2.0;
    let mut below = 0.0;
    for (&count, value) in counts.iter().zip(0_u32..) {
        let count = float(count);
        if count > 0.0 && below + count >= half {
            // Within the step that holds the median, values are thought to be spread evenly.
            let part = (half - below) / count;
            let median = if value == 0 {
                part / 2.0
            } else {
                f64::from(value) - 0.5 + part
            };
            let is_still = value == 0 && part < 0.75;
            return if is_still { 0.0 } else { median / SCALE };
        }
        below += count;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blur::{self, Blur};

    /// Numbers that look normally distributed, with a standard deviation of 1.
    fn normal(seed: &mut u32) -> f64 {
        let mut sum = 0.0;
        for _ in 0..12 {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += f64::from(*seed >> 8) / f64::from(1 << 24);
        }
        sum - 6.0
    }

    /// Soft waves and hard squares, with noise.
    fn scene(noise: f64, contrast: f64) -> Picture {
        let mut seed = 7;
        let pixels = (0..120_u32).flat_map(|y| (0..160_u32).map(move |x| (x, y)));
        let data = pixels.flat_map(|(x, y)| {
            let wave = (f64::from(x) / 15.0).sin() * (f64::from(y) / 11.0).cos();
            let square = if (x / 40 + y / 40) % 2 == 0 {
                1.0
            } else {
                -1.0
            };
            let value =
                128.0 + contrast * (12.0 * wave + 30.0 * square) + noise * normal(&mut seed);
            [points(value.clamp(0.0, 255.0)); 3]
        });
        Picture::from_rgb(160, 120, data.collect()).unwrap()
    }

    #[test]
    fn noise_is_what_was_added() {
        for sigma in [3.0, 8.0, 15.0] {
            let found = Figures::of(&scene(sigma, 1.0)).noise;
            assert!((found / sigma - 1.0).abs() < 0.12, "{sigma}: {found}");
        }
        assert!(Figures::of(&scene(0.0, 1.0)).noise < 0.5);
    }

    #[test]
    fn blur_noise_and_dullness_cost_points() {
        let good = Figures::of(&scene(0.5, 1.5));
        let mut last = good;
        for sigma in [1.0, 2.0, 4.0] {
            let blur = Blur::new(9.0, sigma).unwrap();
            let blurred = Figures::of(&blur::blur(&scene(0.5, 1.5), blur).unwrap());
            assert!(blurred.sharpness < last.sharpness, "{blurred:?} {last:?}");
            assert!(blurred.clarity() < good.clarity());
            last = blurred;
        }
        for worse in [scene(20.0, 1.5), scene(0.5, 0.3)] {
            let worse = Figures::of(&worse);
            assert!(worse.clarity() < good.clarity(), "{worse:?} {good:?}");
        }
    }

    #[test]
    fn contrast_is_a_standard_deviation() {
        let data = [[0_u8; 3], [100; 3]].concat().repeat(50);
        let figures = Figures::of(&Picture::from_rgb(10, 10, data).unwrap());
        assert!((figures.contrast - 50.0).abs() < 1e-9, "{figures:?}");
        assert!(figures.is_gray && figures.is_plain);
    }

    #[test]
    fn colours_and_writing_are_seen() {
        assert!(!Figures::of(&scene(8.0, 1.0)).is_plain);
        let red = Picture::from_rgb(1, 1, vec![200, 10, 10]).unwrap();
        let figures = Figures::of(&red);
        assert!(!figures.is_gray && figures.is_plain);
        assert_eq!(figures.clarity(), 0);
        let clear = Picture::from_rgba(2, 1, vec![255, 0, 0, 0, 0, 255, 0, 0]).unwrap();
        assert!(
            Figures::of(&clear).is_gray,
            "what cannot be seen has no colour"
        );
    }
}
