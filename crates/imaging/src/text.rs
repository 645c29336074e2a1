//! Text as a picture.

mod draw;
mod fonts;

use cosmic_text::{Align, Attrs, Buffer, Family, FontSystem, Metrics, Shaping};

use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::{Error, Picture, Result, Rgb};

/// The longest text, in characters.
const MAX_CHARACTERS: usize = 1_000;

/// The distance of two lines, in sizes of the letters.
const LINE: f32 = 1.2;

/// A text to lay on a picture by [`Overlay::text`](crate::Overlay::text): its letters, and how they
/// look.
///
/// It is shaped with the fonts of the machine. A face for Latin letters is built in; other scripts
/// need a font that has them.
#[derive(Debug, Clone)]
pub struct Text {
    letters: String,
    family: Option<String>,
    /// Pixels.
    size: f32,
    color: Rgb,
    /// Percent.
    shadow: u8,
}

impl Text {
    /// This text, in black, 13 pixels high.
    ///
    /// # Errors
    ///
    /// There is nothing to see in it, or it has more than 1,000 characters.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let length = text.chars().count();
        if text.trim().is_empty() || length > MAX_CHARACTERS {
            return Err(Error::InvalidParameter {
                name: "text",
                found: format!("{length} characters"),
                expected: "at most 1,000 characters, of which one can be seen at least",
            });
        }
        Ok(Self {
            letters: text,
            family: None,
            size: 13.0,
            color: Rgb([0; 3]),
            shadow: 0,
        })
    }

    /// Writes it with the font of a family, such as `DejaVu Sans`, if the machine has it. What a
    /// font does not have is taken from another one.
    pub fn family(mut self, family: impl Into<String>) -> Self {
        self.family = Some(family.into());
        self
    }

    /// Writes letters of so many pixels.
    ///
    /// # Errors
    ///
    /// The size is 0 or above 2,000.
    pub fn size_in_pixels(mut self, size: u32) -> Result<Self> {
        let known = u16::try_from(size).ok();
        let known = known.filter(|size| (1..=2_000).contains(size));
        self.size = known
            .map(f32::from)
            .ok_or_else(|| Error::InvalidParameter {
                name: "size of the letters",
                found: size.to_string(),
                expected: "from 1 to 2,000 pixels",
            })?;
        Ok(self)
    }

    /// Writes it in this colour.
    pub const fn color(mut self, color: Rgb) -> Self {
        self.color = color;
        self
    }

    /// Lays a black shadow behind the letters, of which that much is seen, in percent.
    ///
    /// # Errors
    ///
    /// It is above 100.
    pub fn shadow(mut self, percent: u32) -> Result<Self> {
        let known = u8::try_from(percent).ok().filter(|percent| *percent <= 100);
        self.shadow = known.ok_or_else(|| Error::InvalidParameter {
            name: "shadow",
            found: percent.to_string(),
            expected: "from 0 to 100",
        })?;
        Ok(self)
    }

    /// The size of its picture, with letters `factor` times as large.
    ///
    /// # Errors
    ///
    /// A character is in no font.
    pub(crate) fn size(&self, factor: f64) -> Result<Size> {
        fonts::with(|fonts| {
            let lines = self.shaped(fonts, factor);
            check_glyphs(&lines)?;
            Ok(draw::Extent::of(&lines, self.shift(factor)).size())
        })
    }

    /// Its picture, with letters `factor` times as large.
    ///
    /// # Errors
    ///
    /// As of [`Self::size`].
    pub(crate) fn draw(&self, factor: f64) -> Result<Picture> {
        fonts::with(|fonts| {
            let lines = self.shaped(fonts, factor);
            check_glyphs(&lines)?;
            let shift = self.shift(factor);
            let extent = draw::Extent::of(&lines, shift);
            let shadow = (self.shadow > 0).then_some((shift, self.shadow));
            draw::letters(fonts, &lines, extent, self.color, shadow)
        })
    }

    /// What drawing takes beside the picture, which has `size`.
    pub(crate) fn work_bytes(&self, size: Size) -> u64 {
        // One letter at a time; the largest may take most of the picture.
        OVERHEAD + memory::picture(size, 4) + 1024 * self.letters.len() as u64
    }

    /// How far the shadow is from the letters.
    fn shift(&self, factor: f64) -> u32 {
        const SHARE: f64 = 1.0 / 16.0;
        if self.shadow == 0 {
            return 0;
        }
        draw::pixels(f64::from(self.size) * factor * SHARE).max(1)
    }

    fn shaped(&self, fonts: &mut FontSystem, factor: f64) -> Buffer {
        let size = draw::narrowed(f64::from(self.size) * factor).max(1.0);
        let mut lines = Buffer::new(fonts, Metrics::new(size, size * LINE));
        lines.set_size(None, None);
        let family = self.family.as_deref();
        let attributes = Attrs::new().family(family.map_or(Family::SansSerif, Family::Name));
        lines.set_text(
            &self.letters,
            &attributes,
            Shaping::Advanced,
            Some(Align::Left),
        );
        lines.shape_until_scroll(fonts, false);
        lines
    }
}

/// Refuses what no font has.
fn check_glyphs(lines: &Buffer) -> Result<()> {
    for line in lines.layout_runs() {
        for glyph in line.glyphs.iter().filter(|glyph| glyph.glyph_id == 0) {
            let part = line.text.get(glyph.start..glyph.end).unwrap_or_default();
            let mut seen = part
                .chars()
                .filter(|it| !it.is_whitespace() && !it.is_control());
            if let Some(character) = seen.next() {
                return Err(Error::MissingGlyph {
                    character,
                    package: fonts::package(character),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_letters_need_no_font_of_the_machine() {
        let text = Text::new("Łódź & Zoë — 25 €").unwrap();
        let size = text.size(1.0).unwrap();
        let picture = text.draw(1.0).unwrap();
        assert_eq!(picture.size(), size);
        assert!(
            picture.has_alpha() && size.width > 5 * size.height,
            "{size:?}"
        );
        let inked = picture.as_bytes().chunks_exact(4).filter(|it| it[3] > 128);
        assert!(inked.count() > 100);
        let twice = text.size(2.0).unwrap();
        assert!(
            twice.width.abs_diff(2 * size.width) <= 6,
            "{size:?}, {twice:?}"
        );
        let lines = Text::new("one\ntwo").unwrap().size(1.0).unwrap();
        assert!(lines.height > Text::new("one").unwrap().size(1.0).unwrap().height + 9);
    }

    #[test]
    fn colour_and_shadow_are_seen() {
        let text = Text::new("I").unwrap().size_in_pixels(80).unwrap();
        let text = text.color(Rgb([200, 30, 10]));
        let plain = text.draw(1.0).unwrap();
        let count = |picture: &Picture, color: [u8; 4]| {
            let pixels = picture.as_bytes().chunks_exact(4);
            pixels.filter(|pixel| **pixel == color).count()
        };
        assert!(count(&plain, [200, 30, 10, 255]) > 200);
        assert_eq!(count(&plain, [0, 0, 0, 128]), 0);
        let shaded = text.shadow(50).unwrap().draw(1.0).unwrap();
        assert!(shaded.width() > plain.width());
        assert!(count(&shaded, [0, 0, 0, 128]) > 100);
    }

    #[test]
    fn what_no_font_has_is_named() {
        // Plane 15 is for private use.
        let error = Text::new("a\u{f1234}").unwrap().size(1.0).unwrap_err();
        assert!(error.to_string().contains("U+F1234"), "{error}");
        for wrong in ["", " \n", &"a".repeat(1_001)] {
            assert!(Text::new(wrong).is_err());
        }
        assert!(Text::new("a").unwrap().size_in_pixels(0).is_err());
        assert!(Text::new("a").unwrap().shadow(101).is_err());
    }
}
