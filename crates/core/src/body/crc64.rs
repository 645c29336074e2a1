//! CRC-64/XZ, the checksum that COS keeps of every object and names in `x-cos-hash-crc64ecma`.

use std::fmt;

use crc_fast::CrcAlgorithm;

/// The polynomial of ECMA-182, its bits reversed: the highest bit is the constant term.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;
/// 1 and x⁸ in that notation.
const ONE: u64 = 1 << 63;
const BYTE: u64 = 1 << (63 - 8);

/// The checksum of bytes that come one after the other.
///
/// ```
/// use tcloud_core::body::{Crc64, crc64};
///
/// let mut running = Crc64::new();
/// running.update(b"1234");
/// running.update(b"56789");
/// assert_eq!(running.value(), 0x995D_C9BB_DF19_39FA);
/// assert_eq!(running.value(), crc64(b"123456789"));
/// ```
#[derive(Clone)]
pub struct Crc64(crc_fast::Digest);

impl Crc64 {
    /// The checksum of nothing yet.
    pub fn new() -> Self {
        Self(crc_fast::Digest::new(CrcAlgorithm::Crc64Xz))
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes so far.
    pub fn value(&self) -> u64 {
        self.0.finalize()
    }
}

impl Default for Crc64 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crc64({})", self.value())
    }
}

/// The CRC-64/XZ of `bytes`. COS writes it as an unsigned decimal number.
pub fn crc64(bytes: &[u8]) -> u64 {
    let mut running = Crc64::new();
    running.update(bytes);
    running.value()
}

/// The checksum of two parts, one after the other, from the checksums of both and the number of
/// bytes of the second: what an object is known by whose parts were sent or read side by side.
///
/// ```
/// use tcloud_core::body::{crc64, crc64_combine};
///
/// let (first, second) = (crc64(b"1234"), crc64(b"56789"));
/// assert_eq!(crc64_combine(first, second, 5), crc64(b"123456789"));
/// ```
pub fn crc64_combine(first: u64, second: u64, second_length: u64) -> u64 {
    // Zeros behind the first part multiply it by x to the power of their number of bits.
    let mut shift = ONE;
    let mut power = BYTE;
    let mut rest = second_length;
    while rest > 0 {
        if rest & 1 == 1 {
            shift = multiply(shift, power);
        }
        power = multiply(power, power);
        rest >>= 1;
    }
    multiply(first, shift) ^ second
}

/// The product of two polynomials, modulo that of the checksum.
fn multiply(a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    for bit in (0..64).rev() {
        if a >> bit & 1 == 1 {
            product ^= b;
        }
        b = (b >> 1) ^ if b & 1 == 1 { POLYNOMIAL } else { 0 };
    }
    product
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Crc64, crc64, crc64_combine};

    /// The check value of the catalogue of CRCs, and what the documents of COS print in the answers
    /// to uploads and downloads of these texts.
    #[test]
    fn agrees_with_published_values() {
        for (text, published) in [
            ("", 0),
            ("123456789", 0x995D_C9BB_DF19_39FA),
            ("[Object Part]", 4_510_578_591_875_220_731),
            ("[Object Content]", 16_749_565_679_157_681_890),
        ] {
            assert_eq!(crc64(text.as_bytes()), published, "{text}");
        }
    }

    #[test]
    fn combines_lengths_that_no_test_can_hold() {
        // 2^40 zeros, by doubling.
        let mut zeros = crc64(&[0]);
        for power in 0..40 {
            zeros = crc64_combine(zeros, zeros, 1 << power);
        }
        let mut once = crc64(&[0; 1 << 10]);
        for power in 10..40 {
            once = crc64_combine(once, once, 1 << power);
        }
        assert_eq!(zeros, once);
        assert_eq!(crc64_combine(zeros, 0, 0), zeros);
        assert_ne!(crc64_combine(1, 0, u64::MAX), 0);
    }

    proptest! {
        #[test]
        fn parts_make_up_the_whole(
            bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
            let combined = parts.clone().fold(0, |sum, part| {
                crc64_combine(sum, crc64(part), part.len() as u64)
            });
            let mut running = Crc64::new();
            parts.for_each(|part| running.update(part));
            prop_assert_eq!(combined, crc64(&bytes));
            prop_assert_eq!(running.value(), crc64(&bytes));
        }
    }
}
