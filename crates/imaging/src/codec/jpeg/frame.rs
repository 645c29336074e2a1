//! The frame of a JPEG file, and what decoding it takes.

use crate::geometry::Size;

/// Of the frame header, what decides how much memory the decoder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(super) size: Size,
    pub(super) components: u8,
    pub(super) progressive: bool,
    pub(super) lossless: bool,
    /// Bytes of profiles and other metadata.
    pub(super) metadata: u64,
}

impl Frame {
    /// What the decoder takes while it gives the picture `shrink` times smaller.
    pub(crate) fn decoder_bytes(self, shrink: u32) -> u64 {
        let samples = self.samples();
        let components = u64::from(self.components);
        // The rows in work, in coefficients of two bytes, twice.
        let rows = padded(self.size.width) * 32 * components * 4;
        let coefficients = match (self.lossless, self.progressive) {
            // Differences of four bytes and samples of two, each twice while they are put in place.
            (true, _) => samples * components * 12,
            // All of them, and a copy of one component's where scans are missing.
            (false, true) => samples * (components * 2 + 2),
            (false, false) => 0,
        };
        let planes = samples.div_ceil(u64::from(shrink * shrink)) * components;
        let output = self.size.shrunk(shrink).pixels();
        // The decoder's own output, then RGB beside it unless it was that already.
        let pixels = match self.components {
            3 => planes + output * 3,
            count => planes.max(output * 3) + output * u64::from(count),
        };
        coefficients + rows + pixels + 2 * self.metadata
    }

    /// The most samples a component has.
    const fn samples(self) -> u64 {
        padded(self.size.width) * padded(self.size.height)
    }

    pub(crate) const fn is_lossless(self) -> bool {
        self.lossless
    }
}

/// A side in whole units, the largest of which has four by four blocks.
pub(super) const fn padded(side: u32) -> u64 {
    (side as u64).next_multiple_of(32)
}
