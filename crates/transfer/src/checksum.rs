//! The checksum of a whole from those of its parts.

use std::collections::BTreeMap;

use tcloud_core::body::crc64_combine;

/// Length and CRC-64 of parts, by number. They may come in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Checksums(BTreeMap<u32, (u64, u64)>);

impl Checksums {
    pub(crate) fn add(&mut self, number: u32, length: u64, crc64: u64) {
        self.0.insert(number, (length, crc64));
    }

    /// The CRC-64 of all parts, one behind the other.
    pub(crate) fn whole(&self) -> u64 {
        let parts = self.0.values();
        parts.fold(0, |sum, (length, crc64)| {
            crc64_combine(sum, *crc64, *length)
        })
    }
}

/// A checksum as the service writes it.
pub(crate) fn parse(text: Option<&str>) -> Option<u64> {
    text?.trim().parse().ok()
}

/// An ETag without its quotes.
pub(crate) fn bare(etag: &str) -> &str {
    etag.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use tcloud_core::body::crc64;

    use super::Checksums;

    #[test]
    fn parts_in_any_order_make_up_the_whole() {
        let text = b"parts in any order make up the whole";
        let mut sums = Checksums::default();
        for (number, range) in [(3, 20..36), (1, 0..7), (2, 7..20)] {
            let part = &text[range];
            sums.add(number, part.len() as u64, crc64(part));
        }
        assert_eq!(sums.whole(), crc64(text));
        assert_eq!(Checksums::default().whole(), crc64(b""));
    }
}
