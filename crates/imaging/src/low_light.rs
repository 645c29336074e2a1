//! Brightening what is dark: the curve that brings the median to the middle, and then the histogram of
//! lightness is made even, within bounds and region by region.
//!
//! CLAHE: Zuiderveld, Contrast Limited Adaptive Histogram Equalization, Graphics Gems IV, 1994.

use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::oklab::{Converter, Oklab};
use crate::{Engine, Error, Picture, Result};

/// Regions on each side, at most.
const TILES: u32 = 8;
/// The least side of a region, in pixels: fewer have no histogram to speak of.
const LEAST: u32 = 16;
/// How many times more often than on average a shade may count.
const CLIP: f32 = 2.5;
/// The steepest curve: what is black shall not become grey noise.
const STEEPEST: f32 = 0.45;

/// Brightens a picture that was taken in the dark: lightness in Oklab goes along a curve that brings its
/// median to the middle, and through contrast limited adaptive histogram equalization (CLAHE). Only what
/// becomes lighter is taken. Hues stay. No model.
#[derive(Debug, Clone, Copy, Default)]
pub struct LowLight;

impl Engine for LowLight {
    fn name(&self) -> &'static str {
        "low light (CLAHE)"
    }

    fn factor(&self) -> u32 {
        1
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        OVERHEAD + Converter::BYTES + 2 * memory::picture(size, channels)
    }

    fn run(&self, picture: &Picture, is_cancelled: &dyn Fn() -> bool) -> Result<Picture> {
        let converter = Converter::new();
        let grid = Grid::of(picture, &converter);
        if is_cancelled() {
            return Err(Error::Cancelled);
        }
        let mut better = picture.clone();
        let (width, channels) = (picture.width(), picture.channels());
        let stride = usize::try_from(width).unwrap_or(usize::MAX) * channels;
        for (row, y) in better.as_bytes_mut().chunks_exact_mut(stride).zip(0..) {
            for (pixel, x) in row.chunks_exact_mut(channels).zip(0..) {
                if let Some(rgb) = pixel.first_chunk_mut::<3>() {
                    *rgb = grid.lit(converter.to_oklab(*rgb), x, y, &converter);
                }
            }
        }
        Ok(better)
    }
}

/// What becomes of each of 256 shades of lightness, from 0 to 1.
type Curve = [f32; 256];

/// The curves of all regions, row by row.
struct Grid {
    size: Size,
    gamma: f32,
    across: u32,
    down: u32,
    curves: Vec<Curve>,
}

impl Grid {
    fn of(picture: &Picture, converter: &Converter) -> Self {
        let size = picture.size();
        let across = (size.width / LEAST).clamp(1, TILES);
        let down = (size.height / LEAST).clamp(1, TILES);
        let gamma = gamma(picture, converter);
        let count = usize::try_from(across * down).unwrap_or_default();
        let mut counts = vec![[0_u32; 256]; count];
        let stride = usize::try_from(size.width).unwrap_or(usize::MAX) * picture.channels();
        for (row, y) in picture.as_bytes().chunks_exact(stride).zip(0_u32..) {
            let tile_row = part(y, down, size.height);
            for (pixel, x) in row.chunks_exact(picture.channels()).zip(0_u32..) {
                let (&[r, g, b, 1..=u8::MAX] | &[r, g, b]) = pixel else {
                    continue;
                };
                let shade = shade(converter.to_oklab([r, g, b]).lightness.powf(gamma));
                let tile = tile_row * across + part(x, across, size.width);
                let tile = usize::try_from(tile).unwrap_or_default();
                if let Some(count) = counts.get_mut(tile).and_then(|it| it.get_mut(shade)) {
                    *count += 1;
                }
            }
        }
        Self {
            size,
            gamma,
            across,
            down,
            curves: counts.iter().map(curve).collect(),
        }
    }

    /// The colour at a place, lighter if its region says so.
    fn lit(&self, color: Oklab, x: u32, y: u32, converter: &Converter) -> [u8; 3] {
        let (left, right, across) = between(x, self.across, self.size.width);
        let (top, bottom, down) = between(y, self.down, self.size.height);
        let shade = shade(color.lightness.powf(self.gamma));
        let at = |column: u32, row: u32| {
            let tile = usize::try_from(row * self.across + column).unwrap_or_default();
            let curve = self.curves.get(tile);
            let value = curve.and_then(|curve| curve.get(shade));
            value.copied().unwrap_or(color.lightness)
        };
        let mixed = |from: f32, to: f32, share: f32| from + (to - from) * share;
        let above = mixed(at(left, top), at(right, top), across);
        let below = mixed(at(left, bottom), at(right, bottom), across);
        let lightness = mixed(above, below, down).max(color.lightness);
        // Colours of the dark have little chroma: it grows along, or all would be grey.
        let gain = (lightness / color.lightness.max(0.05)).min(2.0);
        converter.to_rgb(Oklab {
            lightness,
            a: color.a * gain,
            b: color.b * gain,
        })
    }
}

/// The exponent that brings the median of lightness to the middle, if it is below.
fn gamma(picture: &Picture, converter: &Converter) -> f32 {
    let mut counts = [0_u64; 256];
    let mut seen = 0;
    for pixel in picture.as_bytes().chunks_exact(picture.channels()) {
        let (&[r, g, b, 1..=u8::MAX] | &[r, g, b]) = pixel else {
            continue;
        };
        let shade = shade(converter.to_oklab([r, g, b]).lightness);
        if let Some(count) = counts.get_mut(shade) {
            *count += 1;
        }
        seen += 1;
    }
    let mut below = 0;
    let median = counts.iter().zip(0_u8..=u8::MAX).find(|(count, _)| {
        below += *count;
        2 * below >= seen
    });
    let median = median.map_or(0.5, |(_, shade)| f32::from(shade) / 255.0);
    (0.5_f32.ln() / median.clamp(0.01, 0.99).ln()).clamp(STEEPEST, 1.0)
}

/// In which of `parts` of a side of `length` the pixel `at` is.
fn part(at: u32, parts: u32, length: u32) -> u32 {
    let part = u64::from(at) * u64::from(parts) / u64::from(length.max(1));
    u32::try_from(part).unwrap_or_default()
}

/// Between the middles of which two of `parts` the pixel `at` is, and how far from the first of them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place within the picture"
)]
fn between(at: u32, parts: u32, length: u32) -> (u32, u32, f32) {
    let place = (f64::from(at) + 0.5) * f64::from(parts) / f64::from(length.max(1)) - 0.5;
    let first = place.floor().max(0.0);
    let share = (place - first).clamp(0.0, 1.0);
    let first = first as u32;
    (first, (first + 1).min(parts - 1), share as f32)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the shades is one of them"
)]
fn shade(lightness: f32) -> usize {
    (lightness.clamp(0.0, 1.0) * 255.0).round() as usize
}

/// The curve that makes these counts even, as far as the bound allows.
#[expect(clippy::cast_precision_loss, reason = "shares are rough")]
fn curve(counts: &[u32; 256]) -> Curve {
    let all: u32 = counts.iter().sum();
    let most = CLIP * all as f32 / 256.0;
    let over: f32 = counts.iter().map(|&it| (it as f32 - most).max(0.0)).sum();
    let mut curve = [0.0; 256];
    let mut sum = 0.0;
    for (value, &count) in curve.iter_mut().zip(counts) {
        let share = (count as f32).min(most) + over / 256.0;
        // The middle of the shade's own share, so that an even histogram changes nothing.
        *value = (sum + share / 2.0) / (all as f32).max(1.0);
        sum += share;
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(picture: &Picture) -> f64 {
        let sum: u32 = picture.as_bytes().iter().map(|&it| u32::from(it)).sum();
        f64::from(sum) / f64::from(3 * picture.width() * picture.height())
    }

    #[test]
    fn the_dark_becomes_lighter_and_nothing_darker() {
        let dark = (0..96 * 64_u32).flat_map(|at| {
            let value = u8::try_from(4 + at % 96 / 4).unwrap();
            [value, value, value.saturating_sub(2)]
        });
        let dark = Picture::from_rgb(96, 64, dark.collect()).unwrap();
        let lit = LowLight.run(&dark, &|| false).unwrap();
        assert!(
            mean(&lit) > 1.8 * mean(&dark),
            "{} {}",
            mean(&lit),
            mean(&dark)
        );
        let pairs = dark.as_bytes().iter().zip(lit.as_bytes());
        assert!(pairs.clone().all(|(before, after)| *after + 3 >= *before));
    }

    #[test]
    fn what_has_all_shades_evenly_stays_nearly() {
        let converter = Converter::new();
        let shades = (0..=u8::MAX).flat_map(|shade| {
            let lightness = f32::from(shade) / 255.0;
            let (a, b) = (0.0, 0.0);
            converter.to_rgb(Oklab { lightness, a, b }).repeat(16)
        });
        // One region only: each of several would have few shades.
        let all = Picture::from_rgb(16, 256, shades.collect()).unwrap();
        let grid = Grid {
            gamma: 1.0,
            across: 1,
            down: 1,
            curves: vec![curve(&[7; 256])],
            size: all.size(),
        };
        for rgb in all.as_bytes().chunks(3) {
            let rgb = [rgb[0], rgb[1], rgb[2]];
            let lit = grid.lit(converter.to_oklab(rgb), 3, 3, &converter);
            assert!(lit[0].abs_diff(rgb[0]) <= 2, "{rgb:?} {lit:?}");
        }
    }

    #[test]
    fn the_smallest_pictures_pass() {
        for (width, height) in [(1, 1), (15, 1), (17, 33)] {
            let count = usize::try_from(width * height).unwrap();
            let picture = Picture::from_rgba(width, height, [3, 5, 9, 128].repeat(count)).unwrap();
            let lit = LowLight.run(&picture, &|| false).unwrap();
            assert!(
                lit.as_bytes()
                    .iter()
                    .skip(3)
                    .step_by(4)
                    .all(|&alpha| alpha == 128)
            );
        }
        let picture = Picture::from_rgb(1, 1, vec![0; 3]).unwrap();
        assert_eq!(
            LowLight.run(&picture, &|| true).unwrap_err(),
            Error::Cancelled
        );
    }
}
