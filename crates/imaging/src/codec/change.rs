//! What changes from one picture of an animation to the next.

use crate::Picture;
use crate::geometry::Size;

/// A part of a picture, in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) size: Size,
}

impl Area {
    /// All of a picture of `size`.
    pub(super) const fn whole(size: Size) -> Self {
        Self {
            left: 0,
            top: 0,
            size,
        }
    }

    /// The smallest part that holds all that is not equal in two pictures of the same size: one
    /// pixel where everything is.
    pub(super) fn changed(before: &Picture, after: &Picture) -> Self {
        let size = after.size();
        let whole = Self::whole(size);
        let (mut left, mut right) = (size.width, 0);
        let (mut top, mut bottom) = (size.height, 0);
        let rows = whole.rows(before).zip(whole.rows(after));
        for (y, (old, new)) in (0..size.height).zip(rows) {
            let old = old.chunks_exact(before.channels());
            let pairs = old.zip(new.chunks_exact(after.channels()));
            for (x, (old, new)) in (0..size.width).zip(pairs) {
                let alpha = |pixel: &[u8]| pixel.get(3).copied().unwrap_or(u8::MAX);
                if old.first_chunk::<3>() != new.first_chunk() || alpha(old) != alpha(new) {
                    (left, right) = (left.min(x), right.max(x));
                    (top, bottom) = (top.min(y), bottom.max(y));
                }
            }
        }
        if left > right {
            let pixel = Size {
                width: 1,
                height: 1,
            };
            return Self::whole(pixel);
        }
        Self {
            left,
            top,
            size: Size {
                width: right - left + 1,
                height: bottom - top + 1,
            },
        }
    }

    /// The same, with one more column or row where it would begin at an odd place.
    pub(super) const fn with_even_start(self) -> Self {
        let (left, top) = (self.left & !1, self.top & !1);
        Self {
            left,
            top,
            size: Size {
                width: self.size.width + (self.left - left),
                height: self.size.height + (self.top - top),
            },
        }
    }

    /// How many pixels it has.
    pub(super) fn pixels(self) -> usize {
        usize::try_from(self.size.pixels()).unwrap_or(usize::MAX)
    }

    /// The rows of `canvas`, which has `size` and four samples a pixel, as far as they are within
    /// it.
    pub(super) fn rows_of(self, canvas: &mut [u8], size: Size) -> impl Iterator<Item = &mut [u8]> {
        let count = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
        let from = count(self.left).saturating_mul(4);
        let to = from.saturating_add(count(self.size.width).saturating_mul(4));
        let rows = canvas.chunks_exact_mut(count(size.width).saturating_mul(4));
        rows.skip(count(self.top))
            .take(count(self.size.height))
            .map(move |row| row.get_mut(from..to).unwrap_or_default())
    }

    /// The rows of `picture`, as far as they are within it.
    pub(super) fn rows(self, picture: &Picture) -> impl Iterator<Item = &[u8]> {
        let count = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
        let channels = picture.channels();
        let from = count(self.left).saturating_mul(channels);
        let to = from.saturating_add(count(self.size.width).saturating_mul(channels));
        let row = count(picture.width()).saturating_mul(channels);
        let rows = picture.as_bytes().chunks_exact(row);
        rows.skip(count(self.top))
            .take(count(self.size.height))
            .map(move |row| row.get(from..to).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_what_changed() {
        let before = Picture::from_rgb(5, 4, vec![7; 60]).unwrap();
        let mut data = vec![7; 60];
        data[3 * (5 + 3)] = 8;
        data[3 * (10 + 1) + 2] = 9;
        let after = Picture::from_rgb(5, 4, data).unwrap();
        let area = Area::changed(&before, &after);
        let size = |width, height| Size { width, height };
        assert_eq!((area.left, area.top, area.size), (1, 1, size(3, 2)));
        let rows: Vec<_> = area.rows(&after).map(<[u8]>::to_vec).collect();
        assert_eq!(rows[0], [7, 7, 7, 7, 7, 7, 8, 7, 7]);
        let even = area.with_even_start();
        assert_eq!((even.left, even.top, even.size), (0, 0, size(4, 3)));
        assert_eq!(Area::changed(&before, &before).pixels(), 1);
    }
}
