//! A light unsharp mask.

use crate::{Picture, Result, scale};

/// Strength in 256ths: a quarter of the difference to the blurred picture is added.
const AMOUNT: i32 = 64;

/// Sum of the weights 1-2-1 in both directions.
const WEIGHTS: i32 = 16;

/// Adds a part of what a 3 by 3 blur would take away. Pixels that are not opaque, or touch one
/// that is not, stay as they are: their colour must not shine into its surroundings.
pub(crate) fn unsharp(picture: &Picture) -> Result<Picture> {
    let channels = picture.channels();
    let stride = picture.as_bytes().len() / usize::try_from(picture.height()).unwrap_or(1).max(1);
    let rows: Vec<&[u8]> = picture.as_bytes().chunks_exact(stride.max(1)).collect();
    let mut data = Vec::with_capacity(picture.as_bytes().len());
    // The outermost rows and columns are their own neighbours.
    let above = rows.iter().take(1).chain(&rows);
    let below = rows.iter().skip(1).chain(rows.last());
    for ((above, row), below) in above.zip(&rows).zip(below) {
        let vertical: Vec<i32> = above
            .iter()
            .zip(*row)
            .zip(*below)
            .map(|((&a, &b), &c)| i32::from(a) + 2 * i32::from(b) + i32::from(c))
            .collect();
        let left = vertical.iter().take(channels).chain(&vertical);
        let tail = vertical.len().saturating_sub(channels);
        let right = vertical
            .iter()
            .skip(channels)
            .chain(vertical.iter().skip(tail));
        let blurred: Vec<i32> = left
            .zip(&vertical)
            .zip(right)
            .map(|((a, b), c)| a + 2 * b + c)
            .collect();
        let pixels = row.chunks_exact(channels);
        for (pixel, blurred) in pixels.zip(blurred.chunks_exact(channels)) {
            match (pixel, blurred) {
                (&[r, g, b, alpha], &[blur_r, blur_g, blur_b, blur_alpha]) => {
                    if blur_alpha == WEIGHTS * 255 {
                        data.extend([mixed(r, blur_r), mixed(g, blur_g), mixed(b, blur_b), alpha]);
                    } else {
                        data.extend([r, g, b, alpha]);
                    }
                }
                _ => data.extend(pixel.iter().zip(blurred).map(|(&p, &b)| mixed(p, b))),
            }
        }
    }
    scale::like(picture, picture.size(), data)
}

fn mixed(sample: u8, blurred_sum: i32) -> u8 {
    let sample = i32::from(sample);
    let detail = sample * WEIGHTS - blurred_sum;
    let value = sample + (detail * AMOUNT) / (WEIGHTS * 256);
    u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_areas_stay_and_edges_steepen() {
        let flat = Picture::from_rgb(3, 3, vec![77; 27]).unwrap();
        assert_eq!(unsharp(&flat).unwrap(), flat);
        let row = [[100; 9], [150; 9]].concat();
        let edge = unsharp(&Picture::from_rgb(6, 4, row.repeat(4)).unwrap()).unwrap();
        // One of four weights across the edge, a quarter of 50 / 4 added: 3 steps each way.
        assert_eq!(
            edge.as_bytes()[..18],
            [[100; 6].as_slice(), &[97; 3], &[153; 3], &[150; 6]].concat()
        );
    }

    #[test]
    fn neighbours_of_transparency_stay() {
        let row = [
            [0, 0, 0, 0],
            [200, 10, 10, 255],
            [90, 10, 10, 255],
            [90, 10, 10, 255],
        ]
        .concat();
        let sharp = unsharp(&Picture::from_rgba(4, 1, row.clone()).unwrap()).unwrap();
        assert_eq!(sharp.as_bytes()[..8], row[..8]);
        assert!(sharp.as_bytes()[8] < 90);
    }
}
