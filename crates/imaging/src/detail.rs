//! Adaptive sharpening: edges become steeper, noise stays as it is.

use crate::{Picture, Result, scale};

/// A difference to the surroundings, in steps of 8 bits, that is as likely noise as detail.
const NOISE: f32 = 4.0;
/// What of the contrast around a pixel it may go beyond, so that edges get no halos.
const OVERSHOOT: f32 = 0.125;
/// How many times the difference to the surroundings is added at most.
const STRONGEST: f32 = 2.0;

/// Adds to the luma of each pixel a part of what sets it off from those around: `amount` of it, 0 to
/// 1, and less the smaller it is. Pixels that are not opaque stay as they are.
pub(crate) fn sharpen(picture: &Picture, amount: f32) -> Result<Picture> {
    let channels = picture.channels();
    let stride = usize::try_from(picture.width()).unwrap_or(usize::MAX) * channels;
    let mut rows = picture.as_bytes().chunks_exact(stride.max(1));
    let mut data = Vec::with_capacity(picture.as_bytes().len());
    let Some(first) = rows.next() else {
        return Ok(picture.clone());
    };
    // The outermost rows and columns are their own neighbours.
    let mut above = lumas(first, channels);
    let mut own = above.clone();
    for row in picture.as_bytes().chunks_exact(stride) {
        let below = rows
            .next()
            .map_or_else(|| own.clone(), |row| lumas(row, channels));
        let columns: Vec<[f32; 3]> = (above.iter().zip(&own).zip(&below))
            .map(|((&above, &own), &below)| [above, own, below])
            .collect();
        let left = columns.iter().take(1).chain(&columns);
        let right = columns.iter().skip(1).chain(columns.last());
        let around = left.zip(&columns).zip(right);
        for (pixel, ((left, column), right)) in row.chunks_exact(channels).zip(around) {
            let change = change(amount, [left, column, right]);
            match *pixel {
                [r, g, b] => data.extend([r, g, b].map(|value| shifted(value, change))),
                [r, g, b, u8::MAX] => {
                    data.extend([r, g, b].map(|value| shifted(value, change)));
                    data.push(u8::MAX);
                }
                _ => data.extend(pixel),
            }
        }
        above = own;
        own = below;
    }
    scale::like(picture, picture.size(), data)
}

/// By how much the luma in the middle of three columns changes.
fn change(amount: f32, columns: [&[f32; 3]; 3]) -> f32 {
    let all = || columns.into_iter().flatten().copied();
    let [_, &[_, own, _], _] = columns;
    let weights = [1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0];
    let blurred = all()
        .zip(weights)
        .map(|(luma, weight)| luma * weight)
        .sum::<f32>()
        / 16.0;
    let detail = own - blurred;
    let sure = detail * detail / (detail * detail + NOISE * NOISE);
    let (least, most) = all().fold((own, own), |(least, most), luma| {
        (least.min(luma), most.max(luma))
    });
    let beyond = (most - least) * OVERSHOOT;
    let sharp = own + STRONGEST * amount * sure * detail;
    sharp.clamp(least - beyond, most + beyond) - own
}

fn lumas(row: &[u8], channels: usize) -> Vec<f32> {
    let pixels = row.chunks_exact(channels);
    pixels
        .map(|pixel| match *pixel {
            [r, g, b, ..] => 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b),
            _ => 0.0,
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn shifted(value: u8, by: f32) -> u8 {
    (f32::from(value) + by).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: u32, values: &[u8]) -> Picture {
        let height = u32::try_from(values.len()).unwrap() / width;
        let data = values.iter().flat_map(|value| [*value; 3]).collect();
        Picture::from_rgb(width, height, data).unwrap()
    }

    #[test]
    fn edges_become_steeper_and_get_no_halo() {
        let row = [50, 50, 50, 80, 170, 200, 200, 200];
        let edge = gray(8, &row.repeat(5));
        let sharp = sharpen(&edge, 1.0).unwrap();
        let found: Vec<i32> = sharp.as_bytes()[..24]
            .iter()
            .step_by(3)
            .map(|&v| v.into())
            .collect();
        assert!(found[4] - found[3] > 90 + 10, "{found:?}");
        let beyond = 150 / 8;
        assert!(
            found
                .iter()
                .all(|&v| (50 - beyond..=200 + beyond).contains(&v)),
            "{found:?}"
        );
    }

    #[test]
    fn flat_parts_and_faint_noise_stay() {
        let flat = gray(3, &[77; 9]);
        assert_eq!(sharpen(&flat, 1.0).unwrap(), flat);
        let faint: Vec<u8> = (0..25).map(|at| 100 + at % 2).collect();
        let faint = gray(5, &faint);
        assert_eq!(sharpen(&faint, 1.0).unwrap(), faint);
    }

    #[test]
    fn what_can_be_seen_through_stays() {
        let row = [[0, 0, 0, 0], [200, 10, 10, 255], [10, 10, 10, 128]].concat();
        let sheer = Picture::from_rgba(3, 1, row.clone()).unwrap();
        let sharp = sharpen(&sheer, 1.0).unwrap();
        assert_eq!(sharp.as_bytes()[..4], row[..4]);
        assert_eq!(sharp.as_bytes()[8..], row[8..]);
    }
}
