//! A mosaic over a part of a picture, which makes it unreadable.

use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::{Engine, Picture, Region, Result};

/// Lays a mosaic over a region: each of its pixels gets the mean colour of the block it is in.
#[derive(Debug, Clone)]
pub struct Mosaic {
    region: Region,
    block: u32,
}

impl Mosaic {
    /// A mosaic over `region` of blocks with sides of `block` pixels, at least 1.
    pub fn new(region: Region, block: u32) -> Self {
        Self {
            region,
            block: block.max(1),
        }
    }
}

impl Engine for Mosaic {
    fn name(&self) -> &'static str {
        "mosaic"
    }

    fn factor(&self) -> u32 {
        1
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        // A row of blocks has sums of four channels and a count.
        let sums = 8 * 5 * u64::from(size.width.div_ceil(self.block));
        OVERHEAD + 2 * memory::picture(size, channels) + self.region.bytes(size) + sums
    }

    fn run(&self, picture: &Picture, _: &dyn Fn() -> bool) -> Result<Picture> {
        let marked = self.region.pixels(picture.size())?;
        let mut covered = picture.clone();
        let length = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
        let (width, channels) = (length(picture.width()), picture.channels());
        let block = length(self.block);
        let rows = width.saturating_mul(block).max(1);
        let strips = covered
            .as_bytes_mut()
            .chunks_mut(rows.saturating_mul(channels));
        for (strip, marked) in strips.zip(marked.chunks(rows)) {
            let mut sums = vec![[0_u64; 5]; width.div_ceil(block)];
            for row in strip.chunks(width * channels) {
                for (pixel, at) in row.chunks(channels).zip(0..) {
                    let Some(sum) = sums.get_mut(at / block) else {
                        continue;
                    };
                    for (sum, sample) in sum.iter_mut().zip(pixel) {
                        *sum += u64::from(*sample);
                    }
                    if let Some(count) = sum.last_mut() {
                        *count += 1;
                    }
                }
            }
            let rows = strip.chunks_mut(width * channels).zip(marked.chunks(width));
            for (row, marked) in rows {
                for ((pixel, marked), at) in row.chunks_mut(channels).zip(marked).zip(0..) {
                    let Some([sums @ .., count]) = sums.get(at / block).filter(|_| *marked) else {
                        continue;
                    };
                    for (sample, sum) in pixel.iter_mut().zip(sums) {
                        *sample = u8::try_from(sum / count).unwrap_or(u8::MAX);
                    }
                }
            }
        }
        Ok(covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_mean_and_all_else_stays() {
        let data = (0..7 * 5_u8).flat_map(|at| [at * 7; 3]).collect();
        let picture = Picture::from_rgb(7, 5, data).unwrap();
        let region = Region::Polygons(vec![vec![(2.0, 1.0), (7.0, 1.0), (7.0, 5.0), (2.0, 5.0)]]);
        let covered = Mosaic::new(region, 2).run(&picture, &|| false).unwrap();
        let at = |picture: &Picture, x: usize, y: usize| picture.as_bytes()[3 * (7 * y + x)];
        for y in 0..5 {
            for x in 0..7 {
                let (from_x, from_y) = (x / 2 * 2, y / 2 * 2);
                let block = (from_y..(from_y + 2).min(5))
                    .flat_map(|y| (from_x..(from_x + 2).min(7)).map(move |x| (x, y)));
                let block: Vec<u32> = block.map(|(x, y)| at(&picture, x, y).into()).collect();
                let mean = block.iter().sum::<u32>() / u32::try_from(block.len()).unwrap();
                let expected = if x >= 2 && y >= 1 {
                    mean
                } else {
                    at(&picture, x, y).into()
                };
                assert_eq!(u32::from(at(&covered, x, y)), expected, "{x}, {y}");
            }
        }
    }
}
