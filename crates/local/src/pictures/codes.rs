//! QR codes and bar codes: read from pictures, covered there, and drawn.

use bytes::Bytes;
use tcloud_imaging::{Code, CodeKind, Format, Limits, Picture, Quality, probe};

use super::enhance::{Enhancement, Erased, Place};
use super::{PictureError, Pictures};

/// What the parameter `bar-type` means by a number.
pub(crate) fn of_bar_type(number: impl Into<i64>) -> Option<CodeKind> {
    match number.into() {
        0 => Some(CodeKind::Any),
        1 => Some(CodeKind::Square),
        2 => Some(CodeKind::Bars),
        _ => None,
    }
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
        let bytes = super::decoding_bytes(limits, &info)?;
        let bytes = bytes.saturating_add(Code::peak_bytes(info.size()));
        let read = move |picture: Picture| picture.codes(kind, &limits);
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
        let draw = move |_: &dyn Fn() -> bool| {
            let picture = Picture::of_code(&text, is_bars, width)?;
            picture.encode(Format::Png, Quality::default())
        };
        self.on_thread(Code::drawing_bytes(width), draw).await
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
