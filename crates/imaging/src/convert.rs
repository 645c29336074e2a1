//! Pictures from files, into files, and into other sizes.

use crate::codec::Writing;
use crate::external::Outside;
use crate::{
    ExternalCodec, Format, Info, Limits, Picture, Quality, Resize, Result, codec, memory, probe,
    scale,
};

impl Picture {
    /// Decodes a file: its first frame, upright, in sRGB.
    ///
    /// # Errors
    ///
    /// Those of [`probe`], checked first, [`Error::TooMuchMemory`](crate::Error::TooMuchMemory), and [`Error::Corrupt`](crate::Error::Corrupt) or
    /// [`Error::UnsupportedFeature`](crate::Error::UnsupportedFeature) for pixels that cannot be read in full.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self> {
        Self::decode_outside(bytes, limits, Outside::NOTHING)
    }

    /// As [`decode`](Self::decode), with `codec` for formats that are left to it. It gives up once
    /// `is_cancelled` answers yes.
    ///
    /// # Errors
    ///
    /// Those of [`decode`](Self::decode) and of [`ExternalCodec::decode`].
    pub fn decode_by(
        bytes: &[u8],
        limits: &Limits,
        codec: &dyn ExternalCodec,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Self> {
        let outside = Outside {
            codec: Some(codec),
            is_cancelled,
        };
        Self::decode_outside(bytes, limits, outside)
    }

    fn decode_outside(bytes: &[u8], limits: &Limits, outside: Outside<'_>) -> Result<Self> {
        let info = probe(bytes, limits)?;
        limits.check_memory("decoding the picture", info.decode_bytes(1))?;
        Self::decode_probed(bytes, &info, 1, outside)
    }

    /// Decodes a file whose header has passed the limits, `shrink` times smaller.
    pub(crate) fn decode_probed(
        bytes: &[u8],
        info: &Info,
        shrink: u32,
        outside: Outside<'_>,
    ) -> Result<Self> {
        codec::guarded(info.format, || codec::decode(info, bytes, shrink, outside))
            .map(Self::without_idle_alpha)
    }

    /// Writes the picture.
    ///
    /// JPEG and BMP hold no transparency: it is laid on white first. GIF holds 256 colours, and
    /// pixels that are seen or not.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedFormat`](crate::Error::UnsupportedFormat) for a format that is only read,
    /// [`Error::MissingCodec`](crate::Error::MissingCodec) for HEIF, and for AVIF without the feature
    /// `avif`, [`Error::SideTooLong`](crate::Error::SideTooLong) above
    /// 16,383 pixels for WebP or 65,500 for JPEG, [`Error::Encode`](crate::Error::Encode) if the encoder fails.
    pub fn encode(&self, format: Format, quality: Quality) -> Result<Vec<u8>> {
        codec::encode(
            self,
            Writing {
                quality,
                ..Writing::new(format)
            },
            u64::MAX,
            Outside::NOTHING,
        )
        .map(|(file, _)| file)
    }

    /// Resizes with a Lanczos filter of three lobes, alpha premultiplied meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::SideTooLong`](crate::Error::SideTooLong) or [`Error::TooManyPixels`](crate::Error::TooManyPixels) if the result passes the output limits,
    /// [`Error::TooMuchMemory`](crate::Error::TooMuchMemory) if making it would.
    pub fn resize(&self, resize: &Resize, limits: &Limits) -> Result<Self> {
        let plan = resize.plan(self.width(), self.height());
        limits.check_output(plan.canvas.width, plan.canvas.height, 1)?;
        let channels = if self.has_alpha() { 4 } else { 3 };
        limits.check_memory(
            "resizing the picture",
            memory::resize(self.size(), &plan, channels),
        )?;
        scale::apply(self, &plan)
    }
}
