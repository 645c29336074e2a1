//! A decoded picture.

use std::borrow::Cow;
use std::fmt;

use crate::geometry::Size;
use crate::{Error, Result, Rgb};

/// A decoded picture: 8-bit sRGB, with straight (not premultiplied) alpha or without.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    size: Size,
    has_alpha: bool,
    data: Vec<u8>,
}

impl Picture {
    /// Wraps rows of red, green, blue from the top left; `data` holds exactly 3 bytes a pixel.
    pub fn from_rgb(width: u32, height: u32, data: Vec<u8>) -> Result<Self> {
        Self::of(Size { width, height }, false, data)
    }

    /// Wraps rows of red, green, blue, alpha from the top left; `data` holds exactly 4 bytes a
    /// pixel. Alpha 0 is transparent.
    pub fn from_rgba(width: u32, height: u32, data: Vec<u8>) -> Result<Self> {
        Self::of(Size { width, height }, true, data)
    }

    /// As [`Self::from_rgba`] or [`Self::from_rgb`].
    pub(crate) fn of(size: Size, has_alpha: bool, data: Vec<u8>) -> Result<Self> {
        let picture = Self {
            size,
            has_alpha,
            data,
        };
        let expected = usize::try_from(size.pixels())
            .ok()
            .and_then(|pixels| pixels.checked_mul(picture.channels()));
        if size.pixels() == 0 || expected != Some(picture.data.len()) {
            return Err(Error::InvalidParameter {
                name: "picture data",
                found: format!(
                    "{} bytes for {} x {} pixels",
                    picture.data.len(),
                    size.width,
                    size.height
                ),
                expected: "one full set of samples for each of at least one pixel",
            });
        }
        Ok(picture)
    }

    /// Width in pixels, at least 1.
    pub const fn width(&self) -> u32 {
        self.size.width
    }

    /// Height in pixels, at least 1.
    pub const fn height(&self) -> u32 {
        self.size.height
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Whether there is an alpha channel.
    pub const fn has_alpha(&self) -> bool {
        self.has_alpha
    }

    /// Samples a pixel: 3, or 4 with alpha.
    pub const fn channels(&self) -> usize {
        if self.has_alpha { 4 } else { 3 }
    }

    /// The samples, row by row from the top left.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// The samples, to be changed.
    pub(crate) fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// The samples alone.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.data
    }

    /// Changes red, green and blue of each pixel.
    pub(crate) fn change_colors(&mut self, change: impl Fn([u8; 3]) -> [u8; 3]) {
        let channels = self.channels();
        for pixel in self.data.chunks_exact_mut(channels) {
            if let Some(color) = pixel.first_chunk_mut::<3>() {
                *color = change(*color);
            }
        }
    }

    /// The colour that all pixels come to together, each counted as much as it can be seen. Where
    /// nothing can be seen it is white.
    pub fn average(&self) -> Rgb {
        let mut sums = [0_u64; 3];
        let mut weights = 0_u64;
        for pixel in self.data.chunks_exact(self.channels()) {
            let weight = u64::from(pixel.get(3).copied().unwrap_or(u8::MAX));
            weights += weight;
            for (sum, &sample) in sums.iter_mut().zip(pixel) {
                *sum += weight * u64::from(sample);
            }
        }
        if weights == 0 {
            return Rgb::WHITE;
        }
        Rgb(sums.map(|sum| u8::try_from((sum + weights / 2) / weights).unwrap_or(u8::MAX)))
    }

    /// The same picture on white, without alpha.
    pub(crate) fn flattened(&self) -> Cow<'_, Self> {
        if !self.has_alpha {
            return Cow::Borrowed(self);
        }
        let mut data = Vec::with_capacity(self.data.len() / 4 * 3);
        for pixel in self.data.chunks_exact(4) {
            if let &[r, g, b, alpha] = pixel {
                data.extend([r, g, b].map(|sample| over_white(sample, alpha)));
            }
        }
        Cow::Owned(Self {
            size: self.size,
            has_alpha: false,
            data,
        })
    }

    /// Drops an alpha channel that hides nothing.
    pub(crate) fn without_idle_alpha(self) -> Self {
        let idle = self.has_alpha && self.data.iter().skip(3).step_by(4).all(|&a| a == u8::MAX);
        if idle {
            self.flattened().into_owned()
        } else {
            self
        }
    }
}

/// Lays one sample over white, rounding to the nearest.
fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    let mixed = (sample * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("size", &self.size)
            .field("has_alpha", &self.has_alpha)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_must_fill_the_picture_exactly() {
        assert!(Picture::from_rgb(2, 2, vec![0; 12]).is_ok());
        assert!(Picture::from_rgb(2, 2, vec![0; 11]).is_err());
        assert!(Picture::from_rgba(2, 2, vec![0; 12]).is_err());
        assert!(Picture::from_rgb(0, 5, Vec::new()).is_err());
        assert!(Picture::from_rgba(u32::MAX, u32::MAX, vec![0; 4]).is_err());
    }

    #[test]
    fn transparency_is_laid_on_white() {
        let picture = Picture::from_rgba(3, 1, vec![9, 9, 9, 0, 10, 20, 30, 255, 0, 100, 255, 128]);
        let picture = picture.unwrap();
        let flat = picture.flattened();
        assert_eq!(flat.as_bytes(), [255, 255, 255, 10, 20, 30, 127, 177, 255]);
    }

    #[test]
    fn what_cannot_be_seen_has_no_part_in_the_average() {
        let average = |data| Picture::from_rgba(2, 1, data).unwrap().average();
        assert_eq!(
            average(vec![10, 20, 30, 255, 99, 99, 99, 0]),
            Rgb([10, 20, 30])
        );
        assert_eq!(average(vec![10, 20, 30, 0, 99, 99, 99, 0]), Rgb::WHITE);
        let opaque = Picture::from_rgb(2, 1, vec![0, 0, 0, 9, 10, 11]).unwrap();
        assert_eq!(opaque.average(), Rgb([5, 5, 6]));
    }

    #[test]
    fn only_idle_alpha_is_dropped() {
        let opaque = Picture::from_rgba(1, 1, vec![1, 2, 3, 255]).unwrap();
        assert!(!opaque.without_idle_alpha().has_alpha());
        let sheer = Picture::from_rgba(1, 1, vec![1, 2, 3, 254]).unwrap();
        assert_eq!(sheer.clone().without_idle_alpha(), sheer);
    }
}
