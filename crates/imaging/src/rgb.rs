//! A colour.

/// A colour without transparency: red, green and blue, in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// White.
    pub const WHITE: Self = Self([u8::MAX; 3]);

    /// Reads `#RRGGBB`, as style sheets have it, in either case.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = value.to_be_bytes();
        // A sign would be read as part of the number.
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        plain.then_some(Self([red, green, blue]))
    }

    /// The samples of an opaque pixel, of which a picture without alpha takes the first three.
    pub(crate) const fn opaque(self) -> [u8; 4] {
        let Self([red, green, blue]) = self;
        [red, green, blue, u8::MAX]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_digits_after_a_hash_are_a_colour() {
        assert_eq!(Rgb::from_hex("#3D9eff"), Some(Rgb([0x3d, 0x9e, 0xff])));
        for text in [
            "", "#", "3d9eff", "#3d9ef", "#+d9eff", "#3d9eff0", "red", "#äöü",
        ] {
            assert_eq!(Rgb::from_hex(text), None, "{text}");
        }
    }
}
