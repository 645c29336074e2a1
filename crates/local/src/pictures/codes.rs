//! QR codes and bar codes: read from pictures, covered there, and drawn.

use std::collections::HashSet;

use bytes::Bytes;
use rxing::common::HybridBinarizer;
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::qrcode::cpp_port::QrReader;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, EncodeHints, Luma8LuminanceSource, MultiFormatWriter,
    MultiUseMultiFormatReader, RXingResult, Writer,
};
use tcloud_imaging::{Error, Format, Limits, Picture, Quality, probe};

use super::enhance::{Enhancement, Erased, Place};
use super::{PictureError, Pictures};

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
pub(crate) enum CodeKind {
    /// All of them.
    #[default]
    Any,
    /// QR codes.
    Square,
    /// Bar codes.
    Bars,
}

impl CodeKind {
    /// What the parameter `bar-type` means by a number.
    pub(crate) fn of_bar_type(number: impl Into<i64>) -> Option<Self> {
        match number.into() {
            0 => Some(Self::Any),
            1 => Some(Self::Square),
            2 => Some(Self::Bars),
            _ => None,
        }
    }
}

/// A code that was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Code {
    /// What it says.
    pub(crate) text: String,
    /// Its corners in pixels, from the top left of the code itself on clockwise.
    pub(crate) corners: [(f64, f64); 4],
}

impl Pictures {
    /// The codes of `kind` in the picture `input`: QR codes first, then bar codes.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn codes(
        &self,
        limits: Limits,
        kind: CodeKind,
        input: Bytes,
    ) -> Result<Vec<Code>, PictureError> {
        let limits = self.within(limits);
        let info = probe(&input, &limits)?;
        // Shades, black and white, and what the readers turn around.
        let bytes = super::decoding_bytes(limits, &info)?;
        let bytes = bytes.saturating_add(info.size().pixels().min(SEARCHED).saturating_mul(8));
        let read = move |mut picture: Picture| {
            let mut scale = 1.0;
            while picture.size().pixels() > SEARCHED {
                picture = picture.resize(&tcloud_imaging::Resize::scale(0.5)?, &limits)?;
                scale *= 2.0;
            }
            Ok(found(&picture, kind, scale))
        };
        self.on_decoded(limits, bytes, input, read).await
    }

    /// A picture of a code that says `text`, in PNG: `width` pixels wide, as high if it is a QR code and
    /// half as high if it is bars.
    ///
    /// # Errors
    ///
    /// The text does not fit, or [`PictureError`].
    pub(crate) async fn draw_code(
        &self,
        text: String,
        is_bars: bool,
        width: u32,
    ) -> Result<Vec<u8>, PictureError> {
        let pixels = u64::from(width) * u64::from(width);
        let draw = move |_: &dyn Fn() -> bool| drawn(&text, is_bars, width);
        self.on_thread(pixels.saturating_mul(8), draw).await
    }
}

/// What covers `codes`.
pub(crate) fn cover(codes: &[Code]) -> Vec<Enhancement> {
    let parts = codes.iter().map(|code| {
        let sides = code.corners.iter().zip(code.corners.iter().cycle().skip(1));
        let longest = sides
            .map(|(from, to)| (to.0 - from.0).hypot(to.1 - from.1))
            .fold(1.0, f64::max);
        let middle = code.corners.iter().fold((0.0, 0.0), |sum, corner| {
            (sum.0 + corner.0 / 4.0, sum.1 + corner.1 / 4.0)
        });
        // A little more than the code, so that no edge of it remains.
        let outline = code.corners.iter().map(|corner| {
            let out = |at: f64, middle: f64| Place::Pixels(middle + (at - middle) * 1.08);
            (out(corner.0, middle.0), out(corner.1, middle.1))
        });
        let outline = Erased::Outlines(vec![outline.collect()]);
        Enhancement::Cover(outline, longest / 6.0)
    });
    parts.collect()
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

fn drawn(text: &str, is_bars: bool, width: u32) -> Result<Vec<u8>, Error> {
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
    let picture = Picture::from_rgb(bits.getWidth(), bits.getHeight(), data.collect())?;
    picture.encode(Format::Png, Quality::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(png: &[u8]) -> Picture {
        Picture::decode(png, &Limits::default()).unwrap()
    }

    #[test]
    fn what_is_drawn_is_read_where_it_is() {
        for (text, is_bars, kind) in [
            ("https://example.com/?a=1", false, CodeKind::Square),
            ("腾讯云 数据万象", false, CodeKind::Any),
            ("TCLOUD-0123456789", true, CodeKind::Bars),
        ] {
            let picture = decoded(&drawn(text, is_bars, 300).unwrap());
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
        let square = decoded(&drawn("a", false, 200).unwrap());
        assert!(found(&square, CodeKind::Bars, 1.0).is_empty());
        let bars = decoded(&drawn("a", true, 200).unwrap());
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
