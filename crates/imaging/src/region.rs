//! A part of a picture, whatever its outline.

use crate::geometry::Size;
use crate::{Error, Picture, Result};

/// Which pixels of a picture are meant.
#[derive(Debug, Clone, PartialEq)]
pub enum Region {
    /// What lies within any of these outlines. Each is a list of corners, in pixels from the left and the
    /// top; a pixel is within if its middle is, by the even-odd rule.
    Polygons(Vec<Vec<(f64, f64)>>),
    /// What is lighter than middle grey in a picture of the same size. What cannot be seen there is not
    /// meant.
    Light(Picture),
}

impl Region {
    /// What it takes itself and marking it, in bytes, for a picture of `size`.
    pub(crate) fn bytes(&self, size: Size) -> u64 {
        let held = match self {
            Self::Polygons(polygons) => {
                let corners: usize = polygons.iter().map(Vec::len).sum();
                u64::try_from(corners)
                    .unwrap_or(u64::MAX)
                    .saturating_mul(24)
            }
            Self::Light(picture) => u64::try_from(picture.as_bytes().len()).unwrap_or(u64::MAX),
        };
        size.pixels().saturating_add(held)
    }

    /// Whether each pixel of a picture of `size` is meant, row by row.
    ///
    /// # Errors
    ///
    /// A picture of another size cannot say that.
    pub(crate) fn pixels(&self, size: Size) -> Result<Vec<bool>> {
        match self {
            Self::Polygons(polygons) => {
                let mut marked = vec![false; usize::try_from(size.pixels()).unwrap_or_default()];
                for polygon in polygons {
                    fill(polygon, size, &mut marked);
                }
                Ok(marked)
            }
            Self::Light(picture) if picture.size() == size => {
                let pixels = picture.as_bytes().chunks_exact(picture.channels());
                Ok(pixels.map(is_light).collect())
            }
            Self::Light(picture) => Err(Error::InvalidParameter {
                name: "the picture of a region",
                found: format!("{} x {} pixels", picture.width(), picture.height()),
                expected: "as large as the picture whose region it is",
            }),
        }
    }
}

fn is_light(pixel: &[u8]) -> bool {
    let alpha = pixel.get(3).copied().unwrap_or(u8::MAX);
    let sum: u32 = pixel.iter().take(3).map(|&it| u32::from(it)).sum();
    sum * u32::from(alpha) >= 3 * 128 * u32::from(u8::MAX)
}

/// Marks what is within `polygon`.
fn fill(polygon: &[(f64, f64)], size: Size, marked: &mut [bool]) {
    let width = usize::try_from(size.width).unwrap_or(usize::MAX).max(1);
    let next = polygon.iter().cycle().skip(1);
    for (row, y) in marked.chunks_exact_mut(width).zip(0_u32..) {
        let middle = f64::from(y) + 0.5;
        let edges = polygon.iter().zip(next.clone());
        let mut crossings: Vec<f64> = edges
            .filter(|(from, to)| (from.1 <= middle) != (to.1 <= middle))
            .map(|(from, to)| from.0 + (middle - from.1) / (to.1 - from.1) * (to.0 - from.0))
            .collect();
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            if let &[from, to] = pair {
                let (from, to) = (column(from), column(to));
                let inside = row.iter_mut().take(to).skip(from);
                inside.for_each(|mark| *mark = true);
            }
        }
    }
}

/// The first pixel whose middle is not before `place`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn column(place: f64) -> usize {
    (place - 0.5).ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(region: &Region, width: u32, height: u32) -> Vec<String> {
        let marked = region.pixels(Size { width, height }).unwrap();
        let rows = marked.chunks(usize::try_from(width).unwrap());
        rows.map(|row| row.iter().map(|&it| if it { '#' } else { '.' }).collect())
            .collect()
    }

    #[test]
    fn outlines_hold_the_pixels_whose_middles_they_do() {
        let square = vec![(1.0, 1.0), (4.0, 1.0), (4.0, 3.0), (1.0, 3.0)];
        let beyond = vec![(5.0, -9.0), (99.0, -9.0), (99.0, 1.2), (5.0, 1.2)];
        let region = Region::Polygons(vec![square, beyond]);
        assert_eq!(
            shown(&region, 6, 4),
            [".....#", ".###..", ".###..", "......"]
        );
        let triangle = Region::Polygons(vec![vec![(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)]]);
        assert_eq!(shown(&triangle, 4, 3), ["###.", "##..", "#..."]);
        for few in [vec![], vec![(1.0, 1.0)], vec![(1.0, 1.0), (3.0, 3.0)]] {
            assert!(
                !Region::Polygons(vec![few])
                    .pixels(Size {
                        width: 4,
                        height: 4
                    })
                    .unwrap()
                    .contains(&true)
            );
        }
    }

    #[test]
    fn a_picture_says_it_by_what_is_light_and_seen() {
        let data = vec![
            255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255, 200, 200, 200, 255,
        ];
        let region = Region::Light(Picture::from_rgba(4, 1, data).unwrap());
        assert_eq!(shown(&region, 4, 1), ["#..#"]);
        let error = region
            .pixels(Size {
                width: 2,
                height: 2,
            })
            .unwrap_err();
        assert!(error.to_string().contains("4 x 1"), "{error}");
    }
}
