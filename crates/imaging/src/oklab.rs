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
        let light = light.map(Option::unwrap_or_default);
        // What the three kinds of cones of an eye see of it.
        let cones = [
            [0.412_221_46, 0.536_332_55, 0.051_445_995],
            [0.211_903_5, 0.680_699_5, 0.107_396_96],
            [0.088_302_46, 0.281_718_85, 0.629_978_7],
        ];
        let cones = cones.map(|weights| product(weights, light).cbrt());
        Oklab {
            lightness: product([0.210_454_26, 0.793_617_8, -0.004_072_047], cones),
            a: product([1.977_998_5, -2.428_592_2, 0.450_593_7], cones),
            b: product([0.025_904_037, 0.782_771_77, -0.808_675_77], cones),
        }
    }

    /// The nearest colour that sRGB has, each channel by itself.
    pub(crate) fn to_rgb(&self, color: Oklab) -> [u8; 3] {
        let color = [color.lightness, color.a, color.b];
        let cones = [
            [1.0, 0.396_337_78, 0.215_803_76],
            [1.0, -0.105_561_346, -0.063_854_17],
            [1.0, -0.089_484_18, -1.291_485_5],
        ];
        let cones = cones.map(|weights| product(weights, color).powi(3));
        let light = [
            [4.076_741_7, -3.307_711_6, 0.230_969_94],
            [-1.268_438, 2.609_757_4, -0.341_319_38],
            [-0.004_196_086_3, -0.703_418_6, 1.707_614_7],
        ];
        light.map(|weights| self.sample_of(product(weights, cones)))
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

fn product(weights: [f32; 3], values: [f32; 3]) -> f32 {
    let pairs = weights.into_iter().zip(values);
    pairs.map(|(weight, value)| weight * value).sum()
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
