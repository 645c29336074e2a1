//! Gaussian blur, and sharpening by what it takes away.

use crate::{Error, Picture, Result, scale};

/// A Gaussian bell, cut off at a radius.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blur {
    radius: u8,
    sigma: f64,
}

impl Blur {
    /// A bell of so many pixels on each side of its middle, 1 to 50 (fractions count as a whole
    /// one), with a standard deviation above 0.
    pub fn new(radius: f64, sigma: f64) -> Result<Self> {
        let invalid = |name, found: f64, expected| Error::InvalidParameter {
            name,
            found: found.to_string(),
            expected,
        };
        if !(sigma.is_finite() && sigma > 0.0) {
            let expected = "a number above 0";
            return Err(invalid("standard deviation of the blur", sigma, expected));
        }
        (1..=50)
            .find(|&whole| (1.0..=f64::from(whole)).contains(&radius))
            .map(|radius| Self { radius, sigma })
            .ok_or_else(|| invalid("radius of the blur", radius, "between 1 and 50"))
    }

    /// The bell that [`Sharpen`] takes.
    const NARROW: Self = Self {
        radius: 2,
        sigma: 1.0,
    };

    /// The weights, which come to 1.
    fn weights(self) -> Vec<f32> {
        let radius = i16::from(self.radius);
        let bell: Vec<f64> = (-radius..=radius)
            .map(|at| (-0.5 * (f64::from(at) / self.sigma).powi(2)).exp())
            .collect();
        let sum: f64 = bell.iter().sum();
        #[expect(clippy::cast_possible_truncation, reason = "weights are below 1")]
        let weights = bell.iter().map(|weight| (weight / sum) as f32).collect();
        weights
    }

    /// What it takes besides source and result, for a row of so many samples.
    pub(crate) fn row_bytes(samples: u64) -> u64 {
        // Two rows of sums, one of them with its margins.
        samples.saturating_mul(8).saturating_add(2 * 50 * 4 * 4)
    }
}

/// How much a picture is sharpened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharpen(u16);

impl Sharpen {
    /// The share, in percent, of what a narrow blur would take away that is added: 10 to 300.
    pub fn new(percent: u32) -> Result<Self> {
        let small = u16::try_from(percent).ok();
        small
            .filter(|value| (10..=300).contains(value))
            .map(Self)
            .ok_or_else(|| Error::InvalidParameter {
                name: "sharpening",
                found: percent.to_string(),
                expected: "between 10 and 300",
            })
    }
}

/// Blurs a picture.
pub(crate) fn blur(picture: &Picture, blur: Blur) -> Result<Picture> {
    filtered(picture, blur, |_, blurred| blurred)
}

/// Sharpens a picture.
pub(crate) fn sharpen(picture: &Picture, Sharpen(percent): Sharpen) -> Result<Picture> {
    let amount = f32::from(percent) / 100.0;
    filtered(picture, Blur::NARROW, |sample, blurred| {
        sample + amount * (sample - blurred)
    })
}

/// Each sample changed by what it is and what it would be blurred. Beyond the edges everything is
/// as at the edge. Colours count as much as they can be seen.
fn filtered(picture: &Picture, bell: Blur, change: impl Fn(f32, f32) -> f32) -> Result<Picture> {
    let channels = picture.channels();
    let weights = bell.weights();
    let radius = usize::from(bell.radius);
    let samples = picture.as_bytes();
    let stride = usize::try_from(picture.width()).unwrap_or(usize::MAX) * channels;
    let height = samples.len() / stride.max(1);
    let margin = radius * channels;
    let mut column_sums = vec![0.0_f32; stride + 2 * margin];
    let mut sums = vec![0.0_f32; stride];
    let mut data = Vec::with_capacity(samples.len());
    let row_at = |row: usize| {
        samples
            .get(row * stride..(row + 1) * stride)
            .unwrap_or_default()
    };
    for row in 0..height {
        let inner = column_sums
            .get_mut(margin..margin + stride)
            .unwrap_or_default();
        inner.fill(0.0);
        for (at, &weight) in weights.iter().enumerate() {
            let from = (row + at).saturating_sub(radius).min(height - 1);
            add_row(inner, row_at(from), channels, weight);
        }
        extend_edges(&mut column_sums, margin, channels);
        sums.fill(0.0);
        for (at, &weight) in weights.iter().enumerate() {
            let shifted = column_sums.get(at * channels..).unwrap_or_default();
            for (sum, value) in sums.iter_mut().zip(shifted) {
                *sum += weight * value;
            }
        }
        let pixels = row_at(row).chunks_exact(channels);
        for (pixel, sums) in pixels.zip(sums.chunks_exact(channels)) {
            match (pixel, sums) {
                (&[red, green, blue, alpha], &[sum_red, sum_green, sum_blue, sum_alpha]) => {
                    let seen = if sum_alpha > 0.0 {
                        255.0 / sum_alpha
                    } else {
                        0.0
                    };
                    let color = [(red, sum_red), (green, sum_green), (blue, sum_blue)];
                    data.extend(
                        color.map(|(own, sum)| to_sample(change(f32::from(own), sum * seen))),
                    );
                    data.push(to_sample(change(f32::from(alpha), sum_alpha)));
                }
                _ => data.extend(
                    pixel
                        .iter()
                        .zip(sums)
                        .map(|(&own, &sum)| to_sample(change(f32::from(own), sum))),
                ),
            }
        }
    }
    scale::like(picture, picture.size(), data)
}

/// Adds a weighted row, with colours as far as they can be seen.
fn add_row(sums: &mut [f32], row: &[u8], channels: usize, weight: f32) {
    if channels == 3 {
        for (sum, &sample) in sums.iter_mut().zip(row) {
            *sum += weight * f32::from(sample);
        }
        return;
    }
    for (sums, pixel) in sums.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
        if let ([red_sum, green_sum, blue_sum, alpha_sum], &[red, green, blue, alpha]) =
            (sums, pixel)
        {
            let alpha = f32::from(alpha) * weight;
            let seen = alpha / 255.0;
            *red_sum += seen * f32::from(red);
            *green_sum += seen * f32::from(green);
            *blue_sum += seen * f32::from(blue);
            *alpha_sum += alpha;
        }
    }
}

/// Repeats the first and the last pixel in the margins.
fn extend_edges(row: &mut [f32], margin: usize, channels: usize) {
    let end = row.len().saturating_sub(margin);
    for at in (0..margin).step_by(channels) {
        row.copy_within(margin..margin + channels, at);
        row.copy_within(end - channels..end, end + at);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn to_sample(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_pictures_stay() {
        let flat = Picture::from_rgb(5, 4, vec![77; 60]).unwrap();
        let bell = Blur::new(50.0, 9.0).unwrap();
        assert_eq!(blur(&flat, bell).unwrap(), flat);
        assert_eq!(sharpen(&flat, Sharpen::new(300).unwrap()).unwrap(), flat);
        let clear = Picture::from_rgba(2, 2, vec![0; 16]).unwrap();
        assert_eq!(blur(&clear, bell).unwrap(), clear);
    }

    #[test]
    fn hidden_colour_does_not_bleed() {
        let row = [[255, 0, 0, 0].repeat(8), [0, 0, 255, 255].repeat(8)].concat();
        let picture = Picture::from_rgba(16, 4, row.repeat(4)).unwrap();
        let soft = blur(&picture, Blur::new(3.0, 2.0).unwrap()).unwrap();
        for pixel in soft.as_bytes().chunks_exact(4) {
            assert_eq!(pixel[0], 0, "{pixel:?}");
        }
    }

    #[test]
    fn bounds_are_checked() {
        for (radius, sigma) in [
            (0.0, 1.0),
            (51.0, 1.0),
            (3.0, 0.0),
            (f64::NAN, 1.0),
            (3.0, f64::NAN),
        ] {
            assert!(Blur::new(radius, sigma).is_err(), "{radius} {sigma}");
        }
        assert_eq!(Blur::new(1.5, 1.0), Blur::new(2.0, 1.0));
        assert!(Sharpen::new(9).is_err() && Sharpen::new(301).is_err());
    }
}
