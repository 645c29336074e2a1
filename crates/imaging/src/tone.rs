//! Brightness, contrast and grey: each pixel by itself.

use crate::{Error, Picture, Result};

/// A change of every pixel by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tone {
    /// Samples along a straight line.
    Line {
        /// How steep it is.
        slope: f64,
        /// Where it begins, in parts of the whole range.
        start: f64,
    },
    /// Luminance alone.
    Gray,
}

/// A percentage from -100 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(i8);

impl Percent {
    /// Checks that `value` is within -100 to 100.
    pub fn new(value: i32) -> Result<Self> {
        let small = i8::try_from(value).ok();
        small
            .filter(|value| (-100..=100).contains(value))
            .map(Self)
            .ok_or_else(|| Error::InvalidParameter {
                name: "percentage",
                found: value.to_string(),
                expected: "between -100 and 100",
            })
    }

    /// How much of an effect, 0 to 1.
    pub(crate) fn amount(self) -> f32 {
        f32::from(self.0.max(0)) / 100.0
    }

    /// From -1 to 1.
    fn share(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Tone {
    /// A share of the whole range is added to each sample.
    pub(crate) fn brightness(by: Percent) -> Self {
        Self::Line {
            slope: 1.0,
            start: by.share(),
        }
    }

    /// The line through the middle of the range is turned: from flat at -100 to upright at 100.
    pub(crate) fn contrast(by: Percent) -> Self {
        let slope = (std::f64::consts::FRAC_PI_4 * (by.share() + 1.0)).tan();
        Self::Line {
            slope,
            start: 0.5 - slope / 2.0,
        }
    }

    pub(crate) fn apply(self, picture: &mut Picture) {
        match self {
            Self::Line { slope, start } => {
                let mut table = [0; 256];
                for (value, changed) in (0..=u8::MAX).zip(&mut table) {
                    *changed = sample(f64::from(value) * slope + start * 255.0);
                }
                let changed = |value: u8| table.get(usize::from(value)).copied().unwrap_or(value);
                picture.change_colors(|color| color.map(changed));
            }
            Self::Gray => {
                picture.change_colors(|[red, green, blue]| [luminance(red, green, blue); 3]);
            }
        }
    }
}

/// By the weights of ITU-R BT.709, whose primaries sRGB has, in 65536ths.
pub(crate) fn luminance(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 13_933 * u32::from(red) + 46_871 * u32::from(green) + 4_732 * u32::from(blue);
    u8::try_from((sum + 32_768) >> 16).unwrap_or(u8::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn sample(value: f64) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(tone: Tone, samples: [u8; 4]) -> Vec<u8> {
        let mut picture = Picture::from_rgba(1, 1, samples.to_vec()).unwrap();
        tone.apply(&mut picture);
        picture.as_bytes().to_vec()
    }

    #[test]
    fn the_ends_of_both_scales_are_what_they_say() {
        let percent = |value| Percent::new(value).unwrap();
        let bright = |value| changed(Tone::brightness(percent(value)), [0, 100, 255, 7]);
        assert_eq!(bright(100), [255, 255, 255, 7]);
        assert_eq!(bright(-100), [0, 0, 0, 7]);
        assert_eq!(bright(0), [0, 100, 255, 7]);
        assert_eq!(bright(20), [51, 151, 255, 7]);
        let contrast = |value| changed(Tone::contrast(percent(value)), [0, 100, 200, 7]);
        assert_eq!(contrast(0), [0, 100, 200, 7]);
        assert_eq!(contrast(-100), [128, 128, 128, 7]);
        assert_eq!(contrast(100), [0, 0, 255, 7]);
        assert!(Percent::new(101).is_err() && Percent::new(-101).is_err());
    }

    #[test]
    fn grey_keeps_white_black_and_grey() {
        for shade in 0..=u8::MAX {
            assert_eq!(luminance(shade, shade, shade), shade);
        }
        assert_eq!(changed(Tone::Gray, [255, 0, 0, 1]), [54, 54, 54, 1]);
    }
}
