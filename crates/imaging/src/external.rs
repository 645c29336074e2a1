//! Formats that are left to codecs outside of this crate.

use std::fmt::Debug;

use crate::{CodecWork, Error, Format, Quality, Result};

/// Reads and writes formats that this crate has no code for, such as by a program of the machine.
///
/// Pictures go there and back as PNG files. Calls busy the thread until they are done.
pub trait ExternalCodec: Debug + Send + Sync {
    /// Whether it can do `work` on `format`.
    ///
    /// # Errors
    ///
    /// [`Error::missing_codec`] if something has to be installed first.
    fn check(&self, work: CodecWork, format: Format) -> Result<()>;

    /// The picture in `file`, as a PNG file of the same samples and colour profile. HEIF is turned
    /// upright and cut as its container says, AVIF may be left as it is stored.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), [`Error::Corrupt`] if the file cannot be read,
    /// [`Error::Codec`] if that is not the file's fault, [`Error::Cancelled`].
    fn decode(&self, format: Format, file: &[u8], allowance: &Allowance<'_>) -> Result<Vec<u8>>;

    /// A file of `format` with the picture of `png`.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), [`Error::OutputTooLarge`], [`Error::Codec`] if the file cannot
    /// be written, [`Error::Cancelled`].
    fn encode(
        &self,
        format: Format,
        png: &[u8],
        quality: Quality,
        allowance: &Allowance<'_>,
    ) -> Result<Vec<u8>>;
}

/// What an [`ExternalCodec`] may take.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Allowance<'a> {
    /// Bytes of memory, beside the two files.
    pub memory: u64,
    /// Bytes of the file that it makes.
    pub file: u64,
    /// Whether nobody waits for it any more.
    pub is_cancelled: &'a dyn Fn() -> bool,
}

impl<'a> Allowance<'a> {
    /// So many bytes of memory and of the file.
    pub const fn new(memory: u64, file: u64, is_cancelled: &'a dyn Fn() -> bool) -> Self {
        Self {
            memory,
            file,
            is_cancelled,
        }
    }
}

/// What decoders and encoders are given beside the picture.
#[derive(Clone, Copy)]
pub(crate) struct Outside<'a> {
    pub(crate) codec: Option<&'a dyn ExternalCodec>,
    pub(crate) is_cancelled: &'a dyn Fn() -> bool,
}

impl Outside<'_> {
    /// No codec, and nobody who cancels.
    pub(crate) const NOTHING: Self = Self {
        codec: None,
        is_cancelled: &|| false,
    };
}

impl<'a> Outside<'a> {
    /// The codec that does `work` on `format`.
    ///
    /// # Errors
    ///
    /// There is none, or it cannot.
    pub(crate) fn codec(&self, work: CodecWork, format: Format) -> Result<&'a dyn ExternalCodec> {
        let codec = self.codec.ok_or(Error::missing_codec(work, format))?;
        codec.check(work, format)?;
        Ok(codec)
    }

    /// What a codec may take that makes a file of at most `file` bytes in `memory` bytes.
    pub(crate) const fn allowance(&self, memory: u64, file: u64) -> Allowance<'a> {
        Allowance::new(memory, file, self.is_cancelled)
    }
}
