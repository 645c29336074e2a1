//! Drawing shaped letters.

use cosmic_text::{Buffer, FontSystem, LayoutGlyph, SwashCache, SwashContent, SwashImage};

use crate::geometry::Size;
use crate::overlay::lay;
use crate::{Picture, Result, Rgb};

/// What the letters take up, from the upper left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    width: u32,
    height: u32,
    /// Space at the left and at the top, for what stands out of a line.
    margin: u32,
}

impl Extent {
    /// That of `lines`, with a shadow moved by `shift`.
    pub(super) fn of(lines: &Buffer, shift: u32) -> Self {
        let mut width = 0.0_f32;
        let mut height = 0.0_f32;
        for line in lines.layout_runs() {
            width = width.max(line.line_w);
            height = height.max(line.line_top + line.line_height);
        }
        // Slanted and accented letters stand out of their boxes.
        let margin = pixels(f64::from(lines.metrics().font_size) / 8.0).max(1);
        let side = |length: f32| pixels(f64::from(length)) + 2 * margin + shift;
        Self {
            width: side(width),
            height: side(height),
            margin,
        }
    }

    pub(super) const fn size(self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }
}

/// The letters on nothing, with a shadow below them: moved by pixels, and of so many percent.
pub(super) fn letters(
    fonts: &mut FontSystem,
    lines: &Buffer,
    extent: Extent,
    color: Rgb,
    shadow: Option<(u32, u8)>,
) -> Result<Picture> {
    let area = usize::try_from(extent.size().pixels()).unwrap_or(usize::MAX);
    let mut data = vec![0; area.saturating_mul(4)];
    let black = shadow.map(|(shift, percent)| (Rgb([0; 3]), shift, percent));
    for (ink, shift, percent) in black.into_iter().chain([(color, 0, 100)]) {
        let start = i64::from(extent.margin) + i64::from(shift);
        let mut cache = SwashCache::new();
        for line in lines.layout_runs() {
            for glyph in line.glyphs {
                if let Some((image, left, top)) = image(fonts, &mut cache, glyph, line.line_y) {
                    let place = (start + left, start + top);
                    print(&mut data, extent.size(), &image, place, ink, percent);
                }
            }
        }
    }
    Picture::from_rgba(extent.width, extent.height, data)
}

/// A letter and its place.
fn image(
    fonts: &mut FontSystem,
    cache: &mut SwashCache,
    glyph: &LayoutGlyph,
    base: f32,
) -> Option<(SwashImage, i64, i64)> {
    let placed = glyph.physical((0.0, base), 1.0);
    let image = cache.get_image_uncached(fonts, placed.cache_key)?;
    let left = i64::from(placed.x) + i64::from(image.placement.left);
    let top = i64::from(placed.y) - i64::from(image.placement.top);
    Some((image, left, top))
}

/// Prints a letter, as far as it is within the picture.
fn print(
    data: &mut [u8],
    size: Size,
    image: &SwashImage,
    place: (i64, i64),
    Rgb(ink): Rgb,
    percent: u8,
) {
    let count = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
    let before = |start: i64| usize::try_from(start.saturating_neg()).unwrap_or(0);
    let after = |start: i64| usize::try_from(start).unwrap_or(0);
    let (left, top) = place;
    // A letter with colours of its own, such as an emoji, has four samples a pixel.
    let samples = match image.content {
        SwashContent::Mask => 1,
        SwashContent::Color | SwashContent::SubpixelMask => 4,
    };
    let width = count(image.placement.width).saturating_mul(samples).max(1);
    let rows = image.data.chunks_exact(width).skip(before(top));
    let below = data.chunks_exact_mut(count(size.width).saturating_mul(4).max(1));
    for (below, above) in below.skip(after(top)).zip(rows) {
        let below = below.chunks_exact_mut(4).skip(after(left));
        let above = above.chunks_exact(samples).skip(before(left));
        for (below, above) in below.zip(above) {
            let (color, alpha) = match *above {
                [red, green, blue, alpha] => ([red, green, blue], alpha),
                [cover] => (ink, cover),
                _ => continue,
            };
            lay(below, &color, u32::from(alpha) * u32::from(percent));
        }
    }
}

/// A length in whole pixels, of which there are some millions at most.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and what is larger is no picture"
)]
pub(super) fn pixels(length: f64) -> u32 {
    length.ceil().clamp(0.0, 10_000_000.0) as u32
}

/// The number in half as many bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "as precise as letters need"
)]
pub(super) const fn narrowed(number: f64) -> f32 {
    number as f32
}
