//! The coefficients of a picture that carry bits, and the bits in them.

use std::f64::consts::PI;

use super::code::BITS;
use crate::Picture;
use crate::geometry::Size;

/// Waves along a side, from none on.
const WAVES: usize = 48;
/// How many coefficients carry a bit together.
const TOGETHER: usize = 3;
/// The side of the square in which coefficients have the size that an orthonormal transform gives them.
const UNIT: f64 = 256.0;

/// A wave at each place along a side.
type Basis = Vec<[f32; WAVES]>;
/// Coefficients by waves down, then across.
type Coefficients = Vec<[f64; WAVES]>;

/// The waves of pictures of one size.
pub(super) struct Carrier {
    across: Basis,
    down: Basis,
}

/// What the sums of the coefficients of a picture are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Projection {
    sums: Vec<f64>,
}

impl Default for Projection {
    fn default() -> Self {
        let sums = vec![0.0; BITS];
        Self { sums }
    }
}

impl Carrier {
    pub(super) fn new(size: Size) -> Self {
        Self {
            across: basis(size.width),
            down: basis(size.height),
        }
    }

    /// What it takes for pictures of `size`, in bytes, with a row of the change.
    pub(super) fn bytes(size: Size) -> u64 {
        let sides = u64::from(size.width) + u64::from(size.height);
        let row = 8 * u64::from(size.width);
        sides * 4 * 48 + row + 256 * 1024
    }

    /// The sums of `picture`, which has that size.
    pub(super) fn measure(&self, picture: &Picture) -> Projection {
        let channels = picture.channels();
        let stride = self.across.len() * channels;
        let mut coefficients: Coefficients = vec![[0.0; WAVES]; WAVES];
        let rows = picture.as_bytes().chunks_exact(stride.max(1));
        for (row, waves) in rows.zip(&self.down) {
            let mut along = [0.0_f32; WAVES];
            for (pixel, waves) in row.chunks_exact(channels).zip(&self.across) {
                let luma = luma(pixel);
                for (sum, wave) in along.iter_mut().zip(waves) {
                    *sum += luma * wave;
                }
            }
            for (sums, wave) in coefficients.iter_mut().zip(waves) {
                for (sum, value) in sums.iter_mut().zip(along) {
                    *sum += f64::from(value) * f64::from(*wave);
                }
            }
        }
        let pixels = float(self.across.len()) * float(self.down.len());
        let unit = 2.0 * UNIT / pixels;
        let sums = places().map(|together| {
            let sum: f64 = together
                .into_iter()
                .map(|(down, across, sign)| sign * at(&coefficients, down, across))
                .sum();
            sum * unit / float(TOGETHER).sqrt()
        });
        Projection {
            sums: sums.collect(),
        }
    }

    /// Makes `marked` of `picture`: with `change` added to its sums, as far as eight bits hold it.
    pub(super) fn apply(&self, picture: &Picture, change: &Projection, marked: &mut Picture) {
        let mut coefficients: Coefficients = vec![[0.0; WAVES]; WAVES];
        for (together, sum) in places().zip(&change.sums) {
            for (down, across, sign) in together {
                let place = coefficients.get_mut(down).and_then(|it| it.get_mut(across));
                if let Some(place) = place {
                    *place = sign * sum / float(TOGETHER).sqrt() * 2.0 / UNIT;
                }
            }
        }
        let channels = picture.channels();
        let stride = (self.across.len() * channels).max(1);
        let rows = picture.as_bytes().chunks_exact(stride);
        let into = marked.as_bytes_mut().chunks_exact_mut(stride);
        for ((row, into), waves) in rows.zip(into).zip(&self.down) {
            let mut along = [0.0_f64; WAVES];
            for (coefficients, wave) in coefficients.iter().zip(waves) {
                for (sum, value) in along.iter_mut().zip(coefficients) {
                    *sum += f64::from(*wave) * value;
                }
            }
            let along = along.map(narrow);
            let pixels = row
                .chunks_exact(channels)
                .zip(into.chunks_exact_mut(channels));
            for ((pixel, into), waves) in pixels.zip(&self.across) {
                let change = product(&along, waves);
                for (from, into) in pixel.iter().zip(into).take(3) {
                    *into = shifted(*from, change);
                }
            }
        }
    }
}

impl Projection {
    /// What the bits are, for lattices of `step`: above 0 for a zero, below for a one, and the further from
    /// 0 the surer it is.
    pub(super) fn bits(&self, step: f32) -> Vec<f32> {
        let places = self.sums.iter().zip(dithers());
        places
            .map(|(sum, dither)| narrow((2.0 * PI * (sum / f64::from(step) - dither)).cos()))
            .collect()
    }

    /// The same where the sums before are known.
    pub(super) fn bits_beside(&self, before: &Self, step: f32) -> Vec<f32> {
        let places = self.sums.iter().zip(&before.sums).zip(dithers());
        places
            .map(|((sum, before), dither)| {
                let far = |bit| (sum - nearest(*before, step, dither, bit)).abs();
                narrow((far(true) - far(false)) / f64::from(step) * 2.0)
            })
            .collect()
    }

    /// How near the sums are to points of the lattices: 1 if all are on one, and 0 if they are anywhere.
    pub(super) fn order(&self, step: f32) -> f64 {
        let places = self.sums.iter().zip(dithers());
        let each = places.map(|(sum, dither)| (4.0 * PI * (sum / f64::from(step) - dither)).cos());
        each.sum::<f64>() / float(BITS)
    }

    /// The nearest sums that carry `bits`.
    pub(super) fn moved(&self, bits: &[bool], step: f32) -> Self {
        let places = self.sums.iter().zip(dithers()).zip(bits);
        let sums = places.map(|((sum, dither), bit)| nearest(*sum, step, dither, *bit));
        Self {
            sums: sums.collect(),
        }
    }

    /// Adds what `seen` lacks of `target`.
    pub(super) fn add_missing(&mut self, target: &Self, seen: &Self) {
        let missing = target.sums.iter().zip(&seen.sums);
        for (own, (target, seen)) in self.sums.iter_mut().zip(missing) {
            *own += target - seen;
        }
    }
}

/// The point next to `sum` of the lattice of `bit`.
fn nearest(sum: f64, step: f32, dither: f64, bit: bool) -> f64 {
    let (step, half) = (f64::from(step), if bit { 0.5 } else { 0.0 });
    let offset = dither + half;
    ((sum / step - offset).round() + offset) * step
}

fn basis(length: u32) -> Basis {
    let place = move |at: u32| (f64::from(at) + 0.5) / f64::from(length) * PI;
    let waves = |place: f64| {
        let mut waves = [0.0; WAVES];
        for (value, count) in waves.iter_mut().zip(0_u32..) {
            *value = narrow((place * f64::from(count)).cos());
        }
        waves
    };
    (0..length).map(|at| waves(place(at))).collect()
}

/// Numbers that look random and are always the same: a linear congruential generator.
fn numbers(mut seed: u64) -> impl Iterator<Item = u32> {
    std::iter::repeat_with(move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(seed >> 33).unwrap_or_default()
    })
}

/// Where the points of each lattice lie, in steps: no bit has them where the others have.
fn dithers() -> impl Iterator<Item = f64> {
    numbers(2).map(|number| f64::from(number) / f64::from(1_u32 << 31))
}

/// The coefficients of each bit: waves down, waves across, sign.
fn places() -> impl Iterator<Item = Vec<(usize, usize, f64)>> {
    /// Fewer waves in both directions together are the large forms of the picture.
    const FEWEST: usize = 6;
    let pairs = (1..WAVES).flat_map(|down| (1..WAVES).map(move |across| (down, across)));
    let used = pairs.filter(|(down, across)| {
        down + across >= FEWEST && down * down + across * across < WAVES * WAVES
    });
    let mut shuffled: Vec<_> = used.zip(numbers(1)).collect();
    shuffled.sort_by_key(|&(place, number)| (number, place));
    let signs = numbers(3).map(|number| if number >> 30 == 0 { 1.0 } else { -1.0 });
    let signed = shuffled.into_iter().zip(signs);
    let places: Vec<_> = signed
        .map(|(((down, across), _), sign)| (down, across, sign))
        .collect();
    let together = places.chunks_exact(TOGETHER).map(<[_]>::to_vec);
    together.take(BITS).collect::<Vec<_>>().into_iter()
}

fn at(coefficients: &[[f64; WAVES]], down: usize, across: usize) -> f64 {
    let row = coefficients.get(down);
    row.and_then(|row| row.get(across))
        .copied()
        .unwrap_or_default()
}

/// By the weights of ITU-R BT.601, which JPEG has.
fn luma(pixel: &[u8]) -> f32 {
    match *pixel {
        [r, g, b, ..] => 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b),
        _ => 0.0,
    }
}

/// The sum of products, in lanes.
fn product(a: &[f32; WAVES], b: &[f32; WAVES]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn shifted(sample: u8, by: f32) -> u8 {
    (f32::from(sample) + by).round() as u8
}

#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "sides are exact")]
fn float(value: usize) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_bit_has_coefficients_of_its_own() {
        let all: Vec<_> = places()
            .flatten()
            .map(|(down, across, _)| (down, across))
            .collect();
        assert_eq!(all.len(), BITS * TOGETHER);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        let ones = places()
            .flatten()
            .filter(|(_, _, sign)| *sign > 0.0)
            .count();
        assert!((700..872).contains(&ones), "{ones}");
    }

    #[test]
    fn the_sums_do_not_depend_on_the_size() {
        let of = |side: u32| {
            let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
            let wave = |at: u32, count: f64| (f64::from(at) + 0.5) / f64::from(side) * count;
            let data = pixels.flat_map(|(x, y)| {
                let value = 128.0 + 60.0 * wave(x, 5.0 * PI).cos() * wave(y, 9.0 * PI).cos();
                [shifted(0, narrow(value)); 3]
            });
            let picture = Picture::from_rgb(side, side, data.collect()).unwrap();
            Carrier::new(picture.size()).measure(&picture)
        };
        let (small, large) = (of(120), of(300));
        for (a, b) in small.sums.iter().zip(&large.sums) {
            assert!((a - b).abs() < 12.0, "{a} {b}");
        }
        assert!(small.sums.iter().any(|sum| sum.abs() > 1000.0));
    }
}
