//! Circles and round corners: what is outside becomes transparent.

use crate::geometry::Size;
use crate::{Picture, Result};

/// Corners that are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoundCorners(pub(crate) u32);

impl RoundCorners {
    /// Lays the mask over the picture. The edge is as smooth as eight bits of alpha allow.
    pub(crate) fn apply(self, picture: &Picture) -> Result<Picture> {
        let Size { width, height } = picture.size();
        let mut data = Vec::with_capacity(picture.as_bytes().len() / picture.channels() * 4);
        let mut pixels = picture.as_bytes().chunks_exact(picture.channels());
        for row in 0..height {
            let down = self.beyond(row, height);
            for column in 0..width {
                let coverage = self.coverage(self.beyond(column, width), down);
                match pixels.next() {
                    Some(&[red, green, blue]) => {
                        data.extend([red, green, blue, faded(u8::MAX, coverage)]);
                    }
                    Some(&[red, green, blue, alpha]) => {
                        data.extend([red, green, blue, faded(alpha, coverage)]);
                    }
                    _ => {}
                }
            }
        }
        Picture::of(picture.size(), true, data)
    }

    /// How far the middle of the pixel `at` lies outside of the middles of the two circles that
    /// round a side of `length`.
    fn beyond(self, at: u32, length: u32) -> f64 {
        let (radius, at) = (f64::from(self.0), f64::from(at) + 0.5);
        (radius - at)
            .max(at - (f64::from(length) - radius))
            .max(0.0)
    }

    /// How much of a pixel is within, from 0 to 1.
    fn coverage(self, across: f64, down: f64) -> f64 {
        if across <= 0.0 || down <= 0.0 {
            return 1.0;
        }
        (f64::from(self.0) - across.hypot(down) + 0.5).clamp(0.0, 1.0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of eight bits has no more"
)]
fn faded(alpha: u8, coverage: f64) -> u8 {
    (f64::from(alpha) * coverage).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alpha(picture: &Picture) -> Vec<u8> {
        picture
            .as_bytes()
            .iter()
            .skip(3)
            .step_by(4)
            .copied()
            .collect()
    }

    #[test]
    fn a_circle_covers_what_a_circle_does() {
        let picture = Picture::from_rgb(40, 40, vec![9; 4800]).unwrap();
        let alpha = alpha(&RoundCorners(20).apply(&picture).unwrap());
        let area: f64 = alpha.iter().map(|&alpha| f64::from(alpha) / 255.0).sum();
        let circle = std::f64::consts::PI * 400.0;
        assert!((area - circle).abs() < 8.0, "{area} and not {circle}");
        assert_eq!((alpha[0], alpha[20 * 40 + 20]), (0, 255));
    }

    #[test]
    fn only_corners_are_rounded() {
        let picture = Picture::from_rgba(9, 5, vec![100; 180]).unwrap();
        let alpha = alpha(&RoundCorners(2).apply(&picture).unwrap());
        assert!(alpha[0] < 50, "{alpha:?}");
        assert_eq!(alpha[0], alpha[8]);
        assert_eq!(alpha[0], alpha[44]);
        assert!(alpha[9 * 2..9 * 3].iter().all(|&alpha| alpha == 100));
    }
}
