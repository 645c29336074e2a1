//! Cutting a part out, pixel by pixel.

use crate::geometry::Size;
use crate::{Error, Picture, Result, scale};

/// A part of a picture by size and place, in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    size: Size,
    left: u32,
    top: u32,
}

impl Cut {
    /// The part of a width and a height, each at least 1, so far from the left and the top.
    pub fn new(width: u32, height: u32, left: u32, top: u32) -> Result<Self> {
        if width == 0 || height == 0 {
            return Err(Error::InvalidParameter {
                name: "size of the part to cut out",
                found: format!("{width} x {height}"),
                expected: "at least 1 pixel wide and high",
            });
        }
        let size = Size { width, height };
        Ok(Self { size, left, top })
    }

    /// The square in the middle of `size`, with sides of `length`.
    pub(crate) fn middle(size: Size, length: u32) -> Self {
        Self {
            size: Size {
                width: length,
                height: length,
            },
            left: size.width.saturating_sub(length) / 2,
            top: size.height.saturating_sub(length) / 2,
        }
    }

    /// What of the part lies within a picture of `source`.
    ///
    /// # Errors
    ///
    /// Nothing of it does.
    pub(crate) fn within(self, source: Size) -> Result<Self> {
        let width = source.width.saturating_sub(self.left).min(self.size.width);
        let height = source.height.saturating_sub(self.top).min(self.size.height);
        if width == 0 || height == 0 {
            return Err(Error::InvalidParameter {
                name: "place of the part to cut out",
                found: format!(
                    "{}, {} in a picture of {} x {} pixels",
                    self.left, self.top, source.width, source.height
                ),
                expected: "inside the picture",
            });
        }
        Ok(Self {
            size: Size { width, height },
            ..self
        })
    }

    /// Width and height of the part.
    pub(crate) const fn size(self) -> Size {
        self.size
    }

    /// Left, top and size of the part.
    pub(crate) const fn place(self) -> (u32, u32, Size) {
        (self.left, self.top, self.size)
    }

    /// Cuts the part out of `picture`, within which it lies.
    pub(crate) fn apply(self, picture: &Picture) -> Result<Picture> {
        let samples =
            |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX) * picture.channels();
        let (start, length) = (samples(self.left), samples(self.size.width));
        let rows = picture
            .as_bytes()
            .chunks_exact(samples(picture.width()))
            .skip(usize::try_from(self.top).unwrap_or(usize::MAX))
            .take(usize::try_from(self.size.height).unwrap_or(usize::MAX));
        let height = usize::try_from(self.size.height).unwrap_or(usize::MAX);
        let mut data = Vec::with_capacity(length * height);
        for row in rows {
            data.extend_from_slice(row.get(start..start + length).unwrap_or_default());
        }
        scale::like(picture, self.size, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_out_is_left_out() {
        let picture = Picture::from_rgb(3, 2, (0..18).collect()).unwrap();
        let cut = Cut::new(9, 1, 1, 1).unwrap().within(picture.size());
        let part = cut.unwrap().apply(&picture).unwrap();
        assert_eq!((part.width(), part.height()), (2, 1));
        assert_eq!(part.as_bytes(), [12, 13, 14, 15, 16, 17]);
        let beside = Cut::new(1, 1, 3, 0).unwrap().within(picture.size());
        assert!(matches!(beside, Err(Error::InvalidParameter { .. })));
        assert!(Cut::new(0, 1, 0, 0).is_err());
    }
}
