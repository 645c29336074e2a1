//! Watermarks that nobody sees: some bytes in a picture, which stay there when it is compressed or scaled.
//!
//! The scheme is this project's own; nobody else's programs read it, and it reads nobody else's.
//!
//! 1. *Carrier.* The luma of the picture is transformed by one cosine transform over all of it. Its
//!    coefficients, divided by the number of pixels, do not depend on the resolution, so what is in the low
//!    ones is found again in any size of the picture. Of those with up to 47 half waves along a side (and not
//!    the lowest, which are the picture's large forms), three at a time are added up with given signs.
//! 2. *Modulation.* Each sum carries one bit: it is moved to the nearest point of one of two lattices, that of
//!    a zero or that of a one (quantization index modulation: Chen and Wornell, 2001). Whoever reads it needs
//!    neither the original picture nor what it was.
//! 3. *Code.* 32 bytes, coded by the convolutional code of rate 1/2 and constraint length 7 that wireless
//!    networks use, are 524 bits. Texts are checked by a CRC of 16 bits.
//!
//! The picture changes by about 40.8 dB on the first level. What does not survive is cutting, turning and
//! stretching one side alone more than the other: the waves lie elsewhere then.

mod carrier;
mod code;

use self::carrier::{Carrier, Projection};
use self::code::CONTENT;
use crate::geometry::{Rect, Size};
use crate::memory::{self, OVERHEAD};
use crate::{Engine, Error, Picture, Result, scale, tone};

/// The most bytes of a text: there are its length and the checksum besides.
const TEXT: usize = CONTENT - 3;
/// Sides of the outline that stands for a hidden picture, whose 256 bits are the 32 bytes.
const OUTLINE: u32 = 16;
/// How large an outline is shown.
const SHOWN: u32 = 256;
/// The least sides of a picture that something is hidden in, in pixels.
const LEAST: u32 = 96;
/// The least sides of one that it is looked for in: it may have become smaller.
const LEAST_SEEN: u32 = 64;
/// The distance between two points of a lattice, for each level.
const LEVELS: [f32; 3] = [90.0, 120.0, 160.0];

/// A watermark that nobody sees.
///
/// See [`read`](Self::read) and [`find`](Self::find) for how it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindWatermark {
    content: [u8; CONTENT],
    level: u8,
}

/// What was found of a hidden picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// Its outline, in black and white.
    pub outline: Picture,
    /// How sure it is that this picture was hidden, 0 to 100.
    pub certainty: u8,
}

impl BlindWatermark {
    /// The name of the engine.
    pub const NAME: &'static str = "blind watermark of tcloud (not Tencent's)";

    /// Hides a text of 1 to 29 bytes in UTF-8.
    ///
    /// # Errors
    ///
    /// It is empty or longer.
    pub fn text(text: &str) -> Result<Self> {
        let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
        if !(1..=TEXT).contains(&text.len()) || text.contains('\0') {
            return Err(Error::InvalidParameter {
                name: "the text of a blind watermark",
                found: format!("{} bytes long", text.len()),
                expected: "1 to 29 bytes of UTF-8, without zeros",
            });
        }
        let mut bytes = vec![length];
        bytes.extend(text.bytes());
        bytes.resize(CONTENT - 2, 0);
        bytes.extend(code::checksum(&bytes).to_be_bytes());
        Ok(Self {
            content: bytes.try_into().unwrap_or([0; CONTENT]),
            level: 1,
        })
    }

    /// Hides the outline of a picture: which of its pixels are lighter than the mean, once it is scaled to
    /// 16 x 16.
    ///
    /// # Errors
    ///
    /// Those of [`Picture::resize`].
    pub fn picture(hidden: &Picture) -> Result<Self> {
        Ok(Self {
            content: outline(hidden)?,
            level: 1,
        })
    }

    /// Hides it more deeply: level 1, 2 or 3. The higher, the more it survives, and the more the picture
    /// changes.
    ///
    /// # Errors
    ///
    /// There is no such level.
    pub fn level(mut self, level: u32) -> Result<Self> {
        let known = u8::try_from(level)
            .ok()
            .filter(|level| (1..=3).contains(level));
        self.level = known.ok_or_else(|| Error::InvalidParameter {
            name: "the level of a blind watermark",
            found: level.to_string(),
            expected: "1, 2 or 3",
        })?;
        Ok(self)
    }

    /// The text that is hidden in `picture`, if there is one.
    ///
    /// # Errors
    ///
    /// Nothing can be hidden in a picture of this size.
    pub fn read(picture: &Picture) -> Result<Option<String>> {
        let seen = Carrier::new(check(picture, LEAST_SEEN)?).measure(picture);
        let texts = LEVELS.into_iter().filter_map(|step| {
            let bytes = code::decode(&seen.bits(step));
            let (told, sum) = bytes.split_at_checked(CONTENT - 2)?;
            if sum != code::checksum(told).to_be_bytes() {
                return None;
            }
            let (length, text) = told.split_first()?;
            let (text, rest) = text.split_at_checked(usize::from(*length))?;
            let is_padded = !text.is_empty() && rest.iter().all(|byte| *byte == 0);
            is_padded.then(|| String::from_utf8(text.to_vec()).ok())?
        });
        Ok({ texts }.next())
    }

    /// Looks in `picture` for `hidden`, which was hidden there, it may be.
    ///
    /// # Errors
    ///
    /// Nothing can be hidden in a picture of this size.
    pub fn find(picture: &Picture, hidden: &Picture) -> Result<Found> {
        let seen = Carrier::new(check(picture, LEAST_SEEN)?).measure(picture);
        let expected = outline(hidden)?;
        let found = LEVELS.map(|step| {
            let content = code::decode(&seen.bits(step));
            (certainty(&content, &expected), content)
        });
        let best = found.into_iter().max_by_key(|(certainty, _)| *certainty);
        let (certainty, content) = best.unwrap_or_default();
        let outline = shown(&content)?;
        Ok(Found { outline, certainty })
    }

    /// The picture that is hidden in `picture`, which was made of `original`, in whatever size. How sure it
    /// is says how clearly each bit was read.
    ///
    /// # Errors
    ///
    /// Nothing can be hidden in a picture of this size.
    pub fn find_beside(picture: &Picture, original: &Picture) -> Result<Found> {
        let seen = Carrier::new(check(picture, LEAST_SEEN)?).measure(picture);
        let known = Carrier::new(check(original, LEAST_SEEN)?).measure(original);
        let found = LEVELS.map(|step| {
            let content = code::decode(&seen.bits_beside(&known, step));
            (clearness(seen.order(step)), content)
        });
        let best = found.into_iter().max_by_key(|(certainty, _)| *certainty);
        let (certainty, content) = best.unwrap_or_default();
        let outline = shown(&content)?;
        Ok(Found { outline, certainty })
    }

    /// The most memory that finding takes beside a picture of this size, in bytes.
    pub fn peak_bytes(size: Size) -> u64 {
        OVERHEAD + Carrier::bytes(size) + memory::shrunk(size, OUTLINE, 4)
    }
}

impl Engine for BlindWatermark {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn factor(&self) -> u32 {
        1
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        OVERHEAD + 2 * memory::picture(size, channels) + Carrier::bytes(size)
    }

    fn run(&self, picture: &Picture, is_cancelled: &dyn Fn() -> bool) -> Result<Picture> {
        /// What is cut off at black and white, and by rounding, is made up for by the others.
        const ROUNDS: usize = 4;
        let carrier = Carrier::new(check(picture, LEAST)?);
        let step = LEVELS.get(usize::from(self.level - 1)).copied();
        let bits = code::encode(&self.content);
        let target = carrier
            .measure(picture)
            .moved(&bits, step.unwrap_or(LEVELS[0]));
        let mut change = Projection::default();
        let mut marked = picture.clone();
        for _ in 0..ROUNDS {
            if is_cancelled() {
                return Err(Error::Cancelled);
            }
            change.add_missing(&target, &carrier.measure(&marked));
            carrier.apply(picture, &change, &mut marked);
        }
        Ok(marked)
    }
}

fn check(picture: &Picture, least: u32) -> Result<Size> {
    let size = picture.size();
    if size.width.min(size.height) < least {
        return Err(Error::InvalidParameter {
            name: "a picture for a blind watermark",
            found: format!("{} x {} pixels", size.width, size.height),
            expected: "at least 96 pixels wide and high to hide one, and 64 to look for one",
        });
    }
    Ok(size)
}

/// Which pixels of `picture`, scaled to 16 x 16, are lighter than their mean: one bit per pixel.
fn outline(picture: &Picture) -> Result<[u8; CONTENT]> {
    let size = Size {
        width: OUTLINE,
        height: OUTLINE,
    };
    let small = scale::lanczos(picture, Rect::whole(picture.size()), size)?;
    let small = small.flattened();
    let pixels = small.as_bytes().chunks_exact(3);
    let shades = pixels.map(|pixel| match *pixel {
        [r, g, b] => u32::from(tone::luminance(r, g, b)),
        _ => 0,
    });
    let shades: Vec<u32> = shades.collect();
    let sum: u32 = shades.iter().sum();
    let count = OUTLINE * OUTLINE;
    let mut bytes = [0; CONTENT];
    for (byte, shades) in bytes.iter_mut().zip(shades.chunks_exact(8)) {
        for shade in shades {
            *byte = *byte << 1 | u8::from(shade * count > sum);
        }
    }
    Ok(bytes)
}

/// An outline as a picture.
fn shown(content: &[u8; CONTENT]) -> Result<Picture> {
    let times = usize::try_from(SHOWN / OUTLINE).unwrap_or(1);
    let mut data = Vec::new();
    for row in content.chunks_exact(2) {
        let bits = row
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
        let pixels = bits.flat_map(|bit| [bit * u8::MAX; 3].repeat(times));
        data.extend(pixels.collect::<Vec<_>>().repeat(times));
    }
    Picture::from_rgb(SHOWN, SHOWN, data)
}

/// How much more two have in common than chance has: from 0 where half of all bits are equal to 100 where
/// all are.
fn certainty(found: &[u8; CONTENT], expected: &[u8; CONTENT]) -> u8 {
    let pairs = found.iter().zip(expected);
    let equal: u32 = pairs.map(|(a, b)| (a ^ b).count_zeros()).sum();
    u8::try_from((2 * equal).saturating_sub(256) * 100 / 256).unwrap_or(100)
}

/// How sure it is that what has such order carries anything. Chance comes to 0.1 in one of a thousand
/// pictures; from 0.3 on, errors are made good.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 100"
)]
fn clearness(order: f64) -> u8 {
    (order / 0.3 * 100.0).clamp(0.0, 100.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        let pixels =
            (0..height).flat_map(|y| (0..width).map(move |x| (f64::from(x), f64::from(y))));
        let data = pixels.flat_map(|(x, y)| {
            let value = 120.0 + 50.0 * (x / 17.0).sin() + 40.0 * (y / 23.0 + x / 50.0).cos();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a shade"
            )]
            let value = value as u8;
            [value, value / 2 + 40, 200 - value / 2]
        });
        Picture::from_rgb(width, height, data.collect()).unwrap()
    }

    fn marked(picture: &Picture, watermark: &BlindWatermark) -> Picture {
        watermark.run(picture, &|| false).unwrap()
    }

    #[test]
    fn a_text_is_read_from_where_it_was_hidden_and_nowhere_else() {
        let plain = picture(200, 150);
        assert_eq!(BlindWatermark::read(&plain).unwrap(), None);
        for text in [
            "a",
            "tencent cloud",
            "腾讯云数据万象",
            "abcdefghijklmnopqrstuvwxyz123",
        ] {
            for level in 1..=3 {
                let watermark = BlindWatermark::text(text).unwrap().level(level).unwrap();
                let marked = marked(&plain, &watermark);
                assert_eq!(
                    BlindWatermark::read(&marked).unwrap().as_deref(),
                    Some(text)
                );
            }
        }
    }

    #[test]
    fn a_picture_is_found_by_itself_or_by_the_original() {
        let plain = picture(160, 160);
        let hidden = Picture::from_rgb(32, 32, [[0; 3], [255; 3]].concat().repeat(512)).unwrap();
        let logo = (0..32 * 32_u32).flat_map(|at| {
            let is_light = (at % 32 < 12) ^ (at / 32 > 20);
            [if is_light { 250 } else { 10 }; 3]
        });
        let logo = Picture::from_rgb(32, 32, logo.collect()).unwrap();
        for level in 1..=3 {
            let watermark = BlindWatermark::picture(&logo)
                .unwrap()
                .level(level)
                .unwrap();
            let marked = marked(&plain, &watermark);
            let found = BlindWatermark::find(&marked, &logo).unwrap();
            assert_eq!(found.certainty, 100);
            let beside = BlindWatermark::find_beside(&marked, &plain).unwrap();
            assert_eq!(beside.outline, found.outline);
            assert!(beside.certainty > 90, "{}", beside.certainty);
            let wrong = BlindWatermark::find(&marked, &hidden).unwrap();
            assert!(wrong.certainty < 60, "{}", wrong.certainty);
        }
        let unmarked = BlindWatermark::find(&plain, &logo).unwrap();
        assert!(unmarked.certainty < 60, "{}", unmarked.certainty);
        let unmarked = BlindWatermark::find_beside(&plain, &plain).unwrap();
        assert!(unmarked.certainty < 60, "{}", unmarked.certainty);
    }

    #[test]
    fn what_cannot_be_hidden_is_refused() {
        for text in ["", "abcdefghijklmnopqrstuvwxyz1234", "a\0"] {
            assert!(BlindWatermark::text(text).is_err(), "{text}");
        }
        let watermark = BlindWatermark::text("a").unwrap();
        assert!(watermark.clone().level(0).is_err() && watermark.clone().level(4).is_err());
        let small = picture(95, 200);
        assert!(watermark.run(&small, &|| false).is_err());
        assert_eq!(BlindWatermark::read(&small).unwrap(), None);
        assert!(BlindWatermark::read(&picture(63, 200)).is_err());
        let cancelled = watermark.run(&picture(99, 99), &|| true);
        assert_eq!(cancelled.unwrap_err(), Error::Cancelled);
    }
}
