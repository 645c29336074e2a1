//! Oklab, a space in which equal distances look alike: lightness and two axes of colour.
//!
//! By Björn Ottosson, <https://bottosson.github.io/posts/oklab/>.

/// Steps of the table from linear light back to sRGB: fine enough that each of 256 shades returns.
const STEPS: u16 = 16_384;

/// A colour: lightness from 0 to 1, green to red, blue to yellow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Oklab {
    pub(crate) lightness: f32,
    pub(crate) a: f32,
    pub(crate) b: f32,
}

/// The tables of the way there and back.
#[derive(Debug)]
pub(crate) struct Converter {
    linear: [f32; 256],
    samples: Vec<u8>,
}

impl Converter {
    /// What [`Self::new`] takes, in bytes.
    pub(crate) const BYTES: u64 = 1024 + 2 * STEPS as u64;

    pub(crate) fn new() -> Self {
        let mut linear = [0.0; 256];
        for (sample, light) in (0..=u8::MAX).zip(&mut linear) {
            let share = f32::from(sample) / 255.0;
            *light = if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            };
        }
        let samples = (0..=STEPS).map(|step| {
            let light = f32::from(step) / f32::from(STEPS);
            let share = if light <= 0.003_130_8 {
                light * 12.92
            } else {
                1.055 * light.powf(1.0 / 2.4) - 0.055
            };
            sample(share * 255.0)
        });
        Self {
            linear,
            samples: samples.collect(),
        }
    }

    pub(crate) fn to_oklab(&self, rgb: [u8; 3]) -> Oklab {
        let light = rgb.map(|it| self.linear.get(usize::from(it)).copied());
        let [r, g, b] = light.map(Option::unwrap_or_default);
        let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
        Oklab {
            lightness: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }

    /// The nearest colour that sRGB has, each channel by itself.
    pub(crate) fn to_rgb(&self, color: Oklab) -> [u8; 3] {
        let Oklab { lightness, a, b } = color;
        let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ]
        .map(|light| self.sample_of(light))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the steps is one of them"
    )]
    fn sample_of(&self, light: f32) -> u8 {
        let step = (light.clamp(0.0, 1.0) * f32::from(STEPS)).round() as usize;
        self.samples.get(step).copied().unwrap_or(u8::MAX)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn sample(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_returns() {
        let converter = Converter::new();
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let rgb = [r, g, b];
                    let back = converter.to_rgb(converter.to_oklab(rgb));
                    let far = rgb.iter().zip(back).map(|(x, y)| x.abs_diff(y)).max();
                    assert!(far.is_some_and(|far| far <= 1), "{rgb:?} {back:?}");
                }
            }
        }
    }

    #[test]
    fn known_colours_have_their_places() {
        // From the table of the article: white, and red in sRGB.
        let converter = Converter::new();
        let white = converter.to_oklab([255; 3]);
        assert!((white.lightness - 1.0).abs() < 1e-3 && white.a.abs() < 1e-3);
        let red = converter.to_oklab([255, 0, 0]);
        assert!((red.lightness - 0.628).abs() < 2e-3, "{red:?}");
        assert!(
            (red.a - 0.225).abs() < 2e-3 && (red.b - 0.126).abs() < 2e-3,
            "{red:?}"
        );
    }
}
