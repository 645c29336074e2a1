//! Automatic levels: lightness is spread over its range, and pale colours become fuller.

use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::oklab::{Converter, Oklab};
use crate::{Engine, Percent, Picture, Result};

/// Boxes of the histograms.
const BOXES: usize = 1024;
/// The share of the pixels at each end that may become black or white.
const CUT: f32 = 0.005;
/// The lightness of black, as far as eyes and screens go: the first shade above it has it.
const BLACK: f32 = 0.06;
/// How many times lightness is spread at most: what has hardly any contrast is meant so, or noise.
const MOST_SPREAD: f32 = 2.5;
/// The chroma that one pixel in twenty shall reach, in Oklab, and by how much it grows at most.
const FULL_CHROMA: f32 = 0.16;
const MOST_CHROMA: f32 = 1.3;

/// Improves colours: spreads the lightness of all pixels but the darkest and the lightest over the whole
/// range, and makes pale colours fuller, in the perceptual space Oklab. Hues stay. No model.
///
/// Frames of an animation are measured each by itself.
#[derive(Debug, Clone, Copy)]
pub struct AutoLevels {
    amount: f32,
}

impl AutoLevels {
    /// Goes so much of the way, in percent; nothing changes at 0 and below.
    pub fn new(amount: Percent) -> Self {
        Self {
            amount: amount.amount(),
        }
    }
}

impl Engine for AutoLevels {
    fn name(&self) -> &'static str {
        "automatic levels (Oklab)"
    }

    fn factor(&self) -> u32 {
        1
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        OVERHEAD + Converter::BYTES + 2 * memory::picture(size, channels)
    }

    fn run(&self, picture: &Picture, _: &dyn Fn() -> bool) -> Result<Picture> {
        let converter = Converter::new();
        let Some(curve) = Curve::of(picture, &converter) else {
            return Ok(picture.clone());
        };
        let mut better = picture.clone();
        better.change_colors(|rgb| {
            let color = converter.to_oklab(rgb);
            converter.to_rgb(curve.moved(color, self.amount))
        });
        Ok(better)
    }
}

/// How colours change.
#[derive(Debug, Clone, Copy)]
struct Curve {
    /// The lightness that becomes black.
    black: f32,
    spread: f32,
    chroma: f32,
}

impl Curve {
    /// What `picture` needs; nothing if no pixel of it can be seen.
    fn of(picture: &Picture, converter: &Converter) -> Option<Self> {
        let mut lightness = vec![0_u32; BOXES];
        let mut chroma = vec![0_u32; BOXES];
        let mut seen = 0_u32;
        for pixel in picture.as_bytes().chunks_exact(picture.channels()) {
            let (&[r, g, b, 1..=u8::MAX] | &[r, g, b]) = pixel else {
                continue;
            };
            let color = converter.to_oklab([r, g, b]);
            count(&mut lightness, color.lightness);
            count(&mut chroma, color.a.hypot(color.b));
            seen += 1;
        }
        if seen == 0 {
            return None;
        }
        let black = quantile(&lightness, seen, CUT);
        let white = quantile(&lightness, seen, 1.0 - CUT);
        let (length, most) = ((white - black).max(f32::EPSILON), 1.0 - BLACK);
        let spread = (most / length).min(MOST_SPREAD);
        let full = quantile(&chroma, seen, 0.95);
        // Grey stays grey: what little colour there is may be noise.
        let chroma = if full < 0.02 {
            1.0
        } else {
            (FULL_CHROMA / full).clamp(1.0, MOST_CHROMA)
        };
        // What is spread less than over the whole range keeps its place within it.
        let place = (black - BLACK) / (most - length).max(f32::EPSILON);
        let start = BLACK + place.clamp(0.0, 1.0) * (most - length * spread).max(0.0);
        Some(Self {
            black: black - start / spread,
            spread,
            chroma,
        })
    }

    fn moved(self, color: Oklab, amount: f32) -> Oklab {
        let toward = |from: f32, to: f32| from + (to - from) * amount;
        let lightness = (color.lightness - self.black) * self.spread;
        let chroma = toward(1.0, self.chroma);
        Oklab {
            lightness: toward(color.lightness, lightness.clamp(0.0, 1.0)),
            a: color.a * chroma,
            b: color.b * chroma,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of the boxes is one of them"
)]
fn count(boxes: &mut [u32], share: f32) {
    let at = (share.clamp(0.0, 1.0) * (BOXES - 1) as f32).round() as usize;
    if let Some(count) = boxes.get_mut(at) {
        *count += 1;
    }
}

/// The value below which lies `share` of all that was counted.
#[expect(clippy::cast_precision_loss, reason = "shares are rough")]
fn quantile(boxes: &[u32], all: u32, share: f32) -> f32 {
    let wanted = share * all as f32;
    let mut below = 0;
    let at = boxes.iter().position(|count| {
        below += count;
        below as f32 >= wanted
    });
    at.unwrap_or(BOXES - 1) as f32 / (BOXES - 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(picture: &Picture, amount: i32) -> Picture {
        let levels = AutoLevels::new(Percent::new(amount).unwrap());
        levels.run(picture, &|| false).unwrap()
    }

    fn ramp(from: u8, to: u8) -> Picture {
        let shades = (from..=to).flat_map(|it| [it; 3]).collect();
        Picture::from_rgb(u32::from(to - from) + 1, 1, shades).unwrap()
    }

    #[test]
    fn a_dull_picture_fills_the_range_and_stays_grey() {
        let dull = ramp(80, 180);
        let full = run(&dull, 100);
        let ends = (full.as_bytes()[0], full.as_bytes()[300]);
        assert!(ends.0 < 12 && ends.1 > 225, "{ends:?}");
        let pixels = full.as_bytes().chunks(3);
        assert!(pixels.clone().all(|it| it[0].abs_diff(it[2]) <= 1));
        let shades: Vec<u8> = pixels.map(|it| it[0]).collect();
        assert!(shades.is_sorted());
        let half = run(&dull, 50);
        assert!((12..80).contains(&half.as_bytes()[0]));
    }

    #[test]
    fn what_is_full_already_and_what_is_flat_stay_nearly() {
        for picture in [
            ramp(0, 255),
            Picture::from_rgb(9, 9, [90, 100, 80].repeat(81)).unwrap(),
        ] {
            let made = run(&picture, 100);
            let far = picture.as_bytes().iter().zip(made.as_bytes());
            let far = far.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(far <= 8, "{far}");
        }
        let dull = ramp(80, 180);
        let same = run(&dull, 0);
        let far = dull.as_bytes().iter().zip(same.as_bytes());
        assert!(far.map(|(a, b)| a.abs_diff(*b)).all(|far| far <= 1));
    }

    #[test]
    fn what_cannot_be_seen_does_not_count() {
        let mut data = [10, 10, 10, 0].repeat(50);
        data.extend((100..150).flat_map(|it| [it, it, it, 255]));
        let made = run(&Picture::from_rgba(100, 1, data).unwrap(), 100);
        assert!(made.as_bytes()[50 * 4] < 100, "spread to the dark end");
        let clear = Picture::from_rgba(2, 1, vec![9, 8, 7, 0, 1, 2, 3, 0]).unwrap();
        assert_eq!(run(&clear, 100), clear);
    }
}
