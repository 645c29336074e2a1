//! What decoders take.

use super::jpeg::frame::Frame;

/// What the decoder takes, its pixels of 8 bits a sample included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// The decoder gives the whole picture.
    Whole(u64),
    /// JPEG, which also shrinks while it decodes.
    Jpeg(Frame),
}

impl Cost {
    /// What the decoder takes while it gives the picture `shrink` times smaller, in bytes.
    pub(crate) fn decoder(self, shrink: u32) -> u64 {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Jpeg(frame) => frame.decoder_bytes(shrink),
        }
    }
}
