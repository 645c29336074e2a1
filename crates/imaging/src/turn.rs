//! Turning and mirroring.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};

use crate::geometry::Size;
use crate::{Picture, Result};

/// How a picture is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flip {
    /// Left and right change places.
    Horizontal,
    /// Top and bottom change places.
    Vertical,
}

/// A change of places that needs no new pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn(Orientation);

impl Turn {
    /// Mirroring.
    pub(crate) const fn flip(flip: Flip) -> Self {
        Self(match flip {
            Flip::Horizontal => Orientation::FlipHorizontal,
            Flip::Vertical => Orientation::FlipVertical,
        })
    }

    /// What makes a picture upright that was stored so.
    pub(crate) const fn upright(orientation: Orientation) -> Self {
        Self(orientation)
    }

    /// As the image library names it.
    pub(crate) const fn orientation(self) -> Orientation {
        self.0
    }

    /// Whether width and height change places.
    const fn swaps(self) -> bool {
        matches!(
            self.0,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        )
    }

    /// The size of what comes of a picture of `size`.
    pub(crate) const fn size(self, size: Size) -> Size {
        if self.swaps() { size.turned() } else { size }
    }

    /// How many pictures there are meanwhile.
    pub(crate) const fn pictures(self) -> u64 {
        if self.swaps() { 2 } else { 1 }
    }

    pub(crate) fn apply(self, picture: Picture) -> Result<Picture> {
        let (size, has_alpha) = (picture.size(), picture.has_alpha());
        let data = picture.into_bytes();
        let Size { width, height } = size;
        let image = if has_alpha {
            RgbaImage::from_raw(width, height, data).map(DynamicImage::ImageRgba8)
        } else {
            RgbImage::from_raw(width, height, data).map(DynamicImage::ImageRgb8)
        };
        let mut image = image.unwrap_or_default();
        image.apply_orientation(self.0);
        Picture::of(self.size(size), has_alpha, image.into_bytes())
    }
}

/// Turning by any angle, clockwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rotation {
    /// By quarters.
    Quarters(Turn),
    /// By anything else; the corners that this leaves are transparent.
    Free {
        /// Sine of the angle.
        sin: f64,
        /// Cosine of the angle.
        cos: f64,
    },
}

impl Rotation {
    /// Turning by `degrees`; nothing where that changes nothing.
    pub(crate) fn new(degrees: u32) -> Option<Self> {
        let orientation = match degrees % 360 {
            0 => return None,
            90 => Orientation::Rotate90,
            180 => Orientation::Rotate180,
            270 => Orientation::Rotate270,
            degrees => {
                let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
                return Some(Self::Free { sin, cos });
            }
        };
        Some(Self::Quarters(Turn(orientation)))
    }
}

/// The smallest upright box around a picture of `size` that is turned.
pub(crate) fn around(size: Size, sin: f64, cos: f64) -> Size {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let whole = |length: f64| ceil(length - 1e-6).max(1);
    Size {
        width: whole(width * cos.abs() + height * sin.abs()),
        height: whole(width * sin.abs() + height * cos.abs()),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and lengths are positive"
)]
fn ceil(length: f64) -> u32 {
    length.ceil() as u32
}

/// Turns `picture` around its middle: each pixel of the result is mixed from the four around the
/// place that it comes from. There is nothing beyond the picture.
pub(crate) fn rotate(picture: &Picture, sin: f64, cos: f64) -> Result<Picture> {
    let source = picture.size();
    let size = around(source, sin, cos);
    let pixels = usize::try_from(size.pixels()).unwrap_or(usize::MAX);
    let mut data = Vec::with_capacity(pixels.saturating_mul(4));
    let half = |length: u32| f64::from(length) / 2.0;
    for row in 0..size.height {
        let y = f64::from(row) + 0.5 - half(size.height);
        for column in 0..size.width {
            let x = f64::from(column) + 0.5 - half(size.width);
            let from_x = x * cos + y * sin + half(source.width) - 0.5;
            let from_y = y * cos - x * sin + half(source.height) - 0.5;
            data.extend(mixed(picture, from_x, from_y));
        }
    }
    Picture::of(size, true, data)
}

/// The colour at a place between four pixels, whose middles have whole numbers.
fn mixed(picture: &Picture, x: f64, y: f64) -> [u8; 4] {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let mut sum = [0.0; 4];
    for (dx, dy, weight) in [
        (0.0, 0.0, (1.0 - across) * (1.0 - down)),
        (1.0, 0.0, across * (1.0 - down)),
        (0.0, 1.0, (1.0 - across) * down),
        (1.0, 1.0, across * down),
    ] {
        let Some([red, green, blue, alpha]) = pixel(picture, left + dx, top + dy) else {
            continue;
        };
        let weight = weight * f64::from(alpha) / 255.0;
        let [sum_red, sum_green, sum_blue, sum_alpha] = &mut sum;
        *sum_red += weight * f64::from(red);
        *sum_green += weight * f64::from(green);
        *sum_blue += weight * f64::from(blue);
        *sum_alpha += weight;
    }
    let [red, green, blue, alpha] = sum;
    if alpha <= 0.0 {
        return [0; 4];
    }
    [red / alpha, green / alpha, blue / alpha, alpha * 255.0].map(sample)
}

/// A pixel of the picture, if there is one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is not within the picture is refused before"
)]
fn pixel(picture: &Picture, x: f64, y: f64) -> Option<[u8; 4]> {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    if !(0.0..width).contains(&x) || !(0.0..height).contains(&y) {
        return None;
    }
    let row = usize::try_from(picture.width()).ok()?;
    let start = (y as usize * row + x as usize) * picture.channels();
    match *picture.as_bytes().get(start..start + picture.channels())? {
        [red, green, blue] => Some([red, green, blue, u8::MAX]),
        [red, green, blue, alpha] => Some([red, green, blue, alpha]),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn sample(value: f64) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        // 1 2 3
        // 4 5 6
        let data = (1..=6).flat_map(|shade| [shade; 3]).collect();
        Picture::from_rgb(3, 2, data).unwrap()
    }

    fn shades(picture: &Picture) -> Vec<u8> {
        let pixels = picture.as_bytes().chunks_exact(picture.channels());
        pixels.map(|pixel| pixel[0]).collect()
    }

    fn turned(degrees: u32) -> Picture {
        match Rotation::new(degrees) {
            None => picture(),
            Some(Rotation::Quarters(turn)) => turn.apply(picture()).unwrap(),
            Some(Rotation::Free { sin, cos }) => rotate(&picture(), sin, cos).unwrap(),
        }
    }

    #[test]
    fn quarters_go_clockwise() {
        assert_eq!(shades(&turned(90)), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(90).width(), 2);
        assert_eq!(shades(&turned(180)), [6, 5, 4, 3, 2, 1]);
        assert_eq!(shades(&turned(270)), [3, 6, 2, 5, 1, 4]);
        assert_eq!(turned(360), turned(0));
    }

    #[test]
    fn flips_mirror() {
        let flipped = |flip| shades(&Turn::flip(flip).apply(picture()).unwrap());
        assert_eq!(flipped(Flip::Horizontal), [3, 2, 1, 6, 5, 4]);
        assert_eq!(flipped(Flip::Vertical), [4, 5, 6, 1, 2, 3]);
    }

    #[test]
    fn a_free_angle_leaves_clear_corners_and_goes_the_same_way() {
        // Almost a quarter: what is in the middle of each pixel hardly differs.
        let (sin, cos) = 89.999_f64.to_radians().sin_cos();
        let almost = rotate(&picture(), sin, cos).unwrap();
        assert!(almost.has_alpha());
        let part = crate::Cut::middle(almost.size(), 1).apply(&almost).unwrap();
        assert!((2..=5).contains(&part.as_bytes()[0]), "{part:?}");
        let wide = Picture::from_rgb(40, 40, vec![90; 4800]).unwrap();
        let (sin, cos) = 45_f64.to_radians().sin_cos();
        let diamond = rotate(&wide, sin, cos).unwrap();
        assert_eq!(
            diamond.size(),
            Size {
                width: 57,
                height: 57
            }
        );
        assert_eq!(diamond.as_bytes()[3], 0, "the corner is clear");
        let middle = Cut::middle(diamond.size(), 1).apply(&diamond).unwrap();
        assert_eq!(middle.as_bytes(), [90, 90, 90, 255]);
    }

    use crate::Cut;
}
