//! The colours of one frame.

use std::collections::BTreeMap;

use color_quant::NeuQuant;

/// Share of the pixels that a palette learns from is one in so many.
const SAMPLING: i32 = 10;

/// The fewest colours that the learned palette can have.
const FEWEST_LEARNED: usize = 64;

/// Colours of up to 256, the transparent one at the end among them.
pub(super) struct Palette {
    colors: Vec<[u8; 3]>,
    finder: Finder,
}

/// How the number of a colour is found.
enum Finder {
    /// All of them are there.
    Exact(BTreeMap<[u8; 3], u8>),
    /// The nearest one is taken.
    Learned(Box<NeuQuant>),
}

impl Palette {
    /// At most `most` colours, of which one is transparent, for `pixels`; where there is none,
    /// nothing is seen.
    pub(super) fn of(pixels: &[Option<[u8; 3]>], most: u16) -> Self {
        let most = usize::from(most).clamp(FEWEST_LEARNED + 1, 256) - 1;
        let mut exact = BTreeMap::new();
        for color in pixels.iter().flatten() {
            if exact.len() > most {
                break;
            }
            exact.entry(*color).or_insert(0);
        }
        if exact.len() <= most {
            for (number, (_, index)) in (0..=u8::MAX).zip(&mut exact) {
                *index = number;
            }
            return Self {
                colors: exact.keys().copied().collect(),
                finder: Finder::Exact(exact),
            };
        }
        let seen = pixels.iter().flatten();
        let mut sample = Vec::with_capacity(pixels.len().saturating_mul(4));
        sample.extend(seen.flat_map(|&[red, green, blue]| [red, green, blue, u8::MAX]));
        let learned = NeuQuant::new(SAMPLING, most, &sample);
        Self {
            colors: learned.color_map_rgb().as_chunks().0.to_vec(),
            finder: Finder::Learned(Box::new(learned)),
        }
    }

    /// Whether colours had to be left out.
    pub(super) const fn is_reduced(&self) -> bool {
        matches!(self.finder, Finder::Learned(_))
    }

    /// The number of what is not seen.
    pub(super) fn transparent(&self) -> u8 {
        u8::try_from(self.colors.len()).unwrap_or(u8::MAX)
    }

    /// The number of each pixel.
    pub(super) fn indexes(&self, pixels: &[Option<[u8; 3]>]) -> Vec<u8> {
        let transparent = self.transparent();
        // Neighbours are often equal, and finding the nearest colour takes a while.
        let mut last = None;
        let numbers = pixels.iter().map(|pixel| {
            let Some(color) = *pixel else {
                return transparent;
            };
            match last {
                Some((known, number)) if known == color => number,
                _ => {
                    let number = self.nearest(color);
                    last = Some((color, number));
                    number
                }
            }
        });
        numbers.collect()
    }

    fn nearest(&self, color: [u8; 3]) -> u8 {
        match &self.finder {
            Finder::Exact(exact) => exact.get(&color).copied().unwrap_or_default(),
            Finder::Learned(learned) => {
                let [red, green, blue] = color;
                let index = learned.index_of(&[red, green, blue, u8::MAX]);
                u8::try_from(index).unwrap_or_default()
            }
        }
    }

    /// All colours as a file has them.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.colors.into_flattened();
        bytes.extend([0; 3]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_are_exact_and_many_are_near() {
        let few: Vec<_> = (0..90).map(|shade| Some([shade, 0, 9])).collect();
        let palette = Palette::of(&few, 256);
        assert!(!palette.is_reduced());
        assert_eq!(palette.transparent(), 90);
        assert_eq!(palette.indexes(&few[7..9]), [7, 8]);
        assert_eq!(palette.indexes(&[None]), [90]);
        let many: Vec<_> = (0..200)
            .flat_map(|green| (0..200).map(move |red| Some([red, green, 60])))
            .collect();
        for most in [65, 128, 256] {
            let palette = Palette::of(&many, most);
            assert!(palette.is_reduced());
            assert_eq!(u16::from(palette.transparent()), most - 1);
            let index = palette.indexes(&many[20_050..20_051])[0];
            let [red, green, blue] = palette.colors[usize::from(index)];
            let distance = red
                .abs_diff(50)
                .max(green.abs_diff(100))
                .max(blue.abs_diff(60));
            assert!(distance < 30, "{most}: {red} {green} {blue}");
        }
    }
}
