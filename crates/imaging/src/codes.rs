//! QR codes and bar codes: read from pictures, and drawn.

use std::collections::HashSet;

use rxing::common::HybridBinarizer;
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::qrcode::cpp_port::QrReader;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, EncodeHints, Luma8LuminanceSource, MultiFormatWriter,
    MultiUseMultiFormatReader, RXingResult, Writer,
};

use crate::{Error, Limits, Picture, Resize, Result, Size};

/// Bar codes that are read.
const BARS: [BarcodeFormat; 10] = [
    BarcodeFormat::CODABAR,
    BarcodeFormat::CODE_39,
    BarcodeFormat::CODE_93,
    BarcodeFormat::CODE_128,
    BarcodeFormat::EAN_8,
    BarcodeFormat::EAN_13,
    BarcodeFormat::ITF,
    BarcodeFormat::RSS_14,
    BarcodeFormat::UPC_A,
    BarcodeFormat::UPC_E,
];
/// The most pixels that are searched: what is larger is searched in half the size, or less.
const SEARCHED: u64 = 16_000_000;

/// Which codes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CodeKind {
    /// All of them.
    #[default]
    Any,
    /// QR codes.
    Square,
    /// Bar codes.
    Bars,
}

/// A code that a picture shows.
///
/// ```
/// use tcloud_imaging::{CodeKind, Limits, Picture};
///
/// let picture = Picture::of_code("https://example.com", false, 200)?;
/// let codes = picture.codes(CodeKind::Square, &Limits::default())?;
/// assert_eq!(codes[0].text, "https://example.com");
/// # Ok::<(), tcloud_imaging::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// What it says.
    pub text: String,
    /// Its corners in pixels, from the top left of the code itself on clockwise.
    pub corners: [(f64, f64); 4],
}

impl Code {
    /// What looking for codes in a picture of this size takes at its peak, besides the picture.
    pub fn peak_bytes(size: Size) -> u64 {
        // Shades, black and white, and what the readers turn around.
        size.pixels().min(SEARCHED).saturating_mul(8)
    }

    /// What drawing a code of this width takes at its peak.
    pub fn drawing_bytes(width: u32) -> u64 {
        u64::from(width)
            .saturating_mul(width.into())
            .saturating_mul(8)
    }
}

impl Picture {
    /// The codes of `kind` that it shows: QR codes first, then bar codes.
    ///
    /// # Errors
    ///
    /// A large picture cannot be made smaller within `limits`.
    pub fn codes(mut self, kind: CodeKind, limits: &Limits) -> Result<Vec<Code>> {
        let mut scale = 1.0;
        while self.size().pixels() > SEARCHED {
            self = self.resize(&Resize::scale(0.5)?, limits)?;
            scale *= 2.0;
        }
        Ok(found(&self, kind, scale))
    }

    /// A picture of a code that says `text`: `width` pixels wide, as high if it is a QR code and half as
    /// high if it is bars.
    ///
    /// # Errors
    ///
    /// The text does not fit.
    pub fn of_code(text: &str, is_bars: bool, width: u32) -> Result<Self> {
        drawn(text, is_bars, width)
    }
}

fn hints<const N: usize>(formats: [BarcodeFormat; N]) -> DecodeHints {
    DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from(formats)),
        ..DecodeHints::default()
    }
}

/// Where the library has found `result`.
fn points(result: &RXingResult) -> Vec<(f64, f64)> {
    let points = result.getPoints().iter();
    points
        .map(|it| (f64::from(it.x), f64::from(it.y)))
        .collect()
}

fn found(picture: &Picture, kind: CodeKind, scale: f64) -> Vec<Code> {
    let (width, height) = (picture.width(), picture.height());
    let luma = shades(picture);
    let mut codes = Vec::new();
    let bitmap = |luma: Vec<u8>| {
        let source = Luma8LuminanceSource::new(luma, width, height).ok()?;
        Some(BinaryBitmap::new(HybridBinarizer::new(source)))
    };
    if kind != CodeKind::Bars
        && let Some(mut bitmap) = bitmap(luma.clone())
    {
        let hints = hints([BarcodeFormat::QR_CODE]);
        // That none was found is an error of this library.
        let results = QrReader.decode_multiple_with_hints(&mut bitmap, &hints);
        for result in results.unwrap_or_default() {
            let corners = <[_; 4]>::try_from(points(&result));
            let text = result.getText().to_owned();
            // The library has them row by row.
            codes.extend(
                corners
                    .ok()
                    .map(|[top_left, top_right, low_left, low_right]| Code {
                        text,
                        corners: [top_left, top_right, low_right, low_left],
                    }),
            );
        }
    }
    if kind != CodeKind::Square
        && let Some(mut bitmap) = bitmap(luma.clone())
    {
        let hints = hints(BARS);
        let reader = MultiUseMultiFormatReader::default();
        let mut reader = GenericMultipleBarcodeReader::new(reader);
        let results = reader.decode_multiple_with_hints(&mut bitmap, &hints);
        for result in results.unwrap_or_default() {
            let points = points(&result);
            if let (Some(&from), Some(&to)) = (points.first(), points.last()) {
                let corners = bars((luma.as_slice(), width, height), from, to);
                let text = result.getText().to_owned();
                codes.push(Code { text, corners });
            }
        }
    }
    for code in &mut codes {
        code.corners = code.corners.map(|(x, y)| (x * scale, y * scale));
    }
    codes
}

/// The corners of the bars that the line `from`, `to` goes through: rows beside it belong to them as long as
/// they look like it.
fn bars(
    (luma, width, height): (&[u8], u32, u32),
    from: (f64, f64),
    to: (f64, f64),
) -> [(f64, f64); 4] {
    const SAMPLES: u32 = 200;
    let along = (to.0 - from.0, to.1 - from.1);
    let length = along.0.hypot(along.1).max(1.0);
    let across = (-along.1 / length, along.0 / length);
    let line = |step: f64| -> Option<Vec<f64>> {
        let samples = 0..SAMPLES;
        samples
            .map(|at| {
                let share = f64::from(at) / f64::from(SAMPLES - 1);
                let x = from.0 + along.0 * share + across.0 * step;
                let y = from.1 + along.1 * share + across.1 * step;
                let inside =
                    (0.0..f64::from(width)).contains(&x) && (0.0..f64::from(height)).contains(&y);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "within the picture"
                )]
                let at = y as usize * usize::try_from(width).ok()? + x as usize;
                luma.get(at).filter(|_| inside).map(|it| f64::from(*it))
            })
            .collect()
    };
    let own = line(0.0).unwrap_or_default();
    let reach = |direction: f64| {
        let mut last = 0.0;
        loop {
            let next: f64 = last + direction;
            match line(next) {
                Some(other) if likeness(&own, &other) > 0.7 => last = next,
                _ => return last,
            }
        }
    };
    let (above, below) = (reach(-1.0), reach(1.0));
    let place = |(x, y): (f64, f64), step: f64| (x + across.0 * step, y + across.1 * step);
    [
        place(from, above),
        place(to, above),
        place(to, below),
        place(from, below),
    ]
}

/// The correlation of two lines, -1 to 1; 0 if one has no contrast.
fn likeness(a: &[f64], b: &[f64]) -> f64 {
    let count = f64::from(u32::try_from(a.len()).unwrap_or(1)).max(1.0);
    let mean = |line: &[f64]| line.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| of(a - mean_a, b - mean_b))
            .sum()
    };
    let norm = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    if norm > 0.0 {
        sum(&|a, b| a * b) / norm
    } else {
        0.0
    }
}

/// The shades of a picture, laid on white.
fn shades(picture: &Picture) -> Vec<u8> {
    let pixels = picture.as_bytes().chunks_exact(picture.channels());
    let shade = |pixel: &[u8]| {
        let alpha = u32::from(pixel.get(3).copied().unwrap_or(u8::MAX));
        let sum: u32 = pixel
            .iter()
            .zip([299, 587, 114])
            .map(|(&sample, weight)| u32::from(sample) * weight)
            .sum();
        let mixed = (sum / 1000 * alpha + 255 * (255 - alpha)) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    pixels.map(shade).collect()
}

fn drawn(text: &str, is_bars: bool, width: u32) -> Result<Picture> {
    let (format, height) = if is_bars {
        (BarcodeFormat::CODE_128, width.div_ceil(2))
    } else {
        (BarcodeFormat::QR_CODE, width)
    };
    let hints = EncodeHints {
        CharacterSet: Some("UTF-8".to_owned()),
        ..EncodeHints::default()
    };
    let unfit = |found: String| Error::InvalidParameter {
        name: "qrcode-content",
        found,
        expected: "at most 2,953 bytes for a QR code, or ASCII of at most 80 characters for bars",
    };
    let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    let sizes = (side(width), side(height));
    let bits = if is_bars {
        MultiFormatWriter.encode(text, &format, sizes.0, sizes.1)
    } else {
        MultiFormatWriter.encode_with_hints(text, &format, sizes.0, sizes.1, &hints)
    };
    let bits = bits.map_err(|error| unfit(format!("not fit for a code ({error})")))?;
    if bits.getWidth() > width {
        return Err(Error::InvalidParameter {
            name: "width",
            found: width.to_string(),
            expected: "larger: a bar or square of the code needs at least a pixel",
        });
    }
    let rows = (0..bits.getHeight()).flat_map(|y| (0..bits.getWidth()).map(move |x| (x, y)));
    let data = rows.flat_map(|(x, y)| [if bits.get(x, y) { 0 } else { u8::MAX }; 3]);
    Picture::from_rgb(bits.getWidth(), bits.getHeight(), data.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_read_where_it_is() {
        for (text, is_bars, kind) in [
            ("https://example.com/?a=1", false, CodeKind::Square),
            ("腾讯云 数据万象", false, CodeKind::Any),
            ("TCLOUD-0123456789", true, CodeKind::Bars),
        ] {
            let picture = drawn(text, is_bars, 300).unwrap();
            let codes = found(&picture, kind, 1.0);
            let [code] = codes.as_slice() else {
                panic!("{text}: {codes:?}");
            };
            assert_eq!(code.text, text);
            let [top_left, _, bottom_right, _] = code.corners;
            assert!(top_left.0 < 80.0 && bottom_right.0 > 220.0, "{code:?}");
            let height = bottom_right.1 - top_left.1;
            assert!(height > if is_bars { 140.0 } else { 200.0 }, "{code:?}");
        }
    }

    #[test]
    fn kinds_are_told_apart_and_nothing_is_nothing() {
        let square = drawn("a", false, 200).unwrap();
        assert!(found(&square, CodeKind::Bars, 1.0).is_empty());
        let bars = drawn("a", true, 200).unwrap();
        assert!(found(&bars, CodeKind::Square, 1.0).is_empty());
        for side in [1, 2, 50] {
            let flat = Picture::from_rgb(side, side, vec![90; 3 * (side * side) as usize]).unwrap();
            assert!(found(&flat, CodeKind::Any, 1.0).is_empty());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(drawn(&"a".repeat(3000), false, 400).is_err());
        assert!(drawn("腾讯", true, 400).is_err());
        assert!(drawn("a", false, 20).is_err());
        assert!(drawn("TCLOUD-0123456789", true, 90).is_err());
    }
}
