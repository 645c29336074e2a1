//! The checksum COS gives for every object.

use std::fmt;
use std::num::ParseIntError;

/// A CRC-64 with the ECMA-182 polynomial, shown in decimal as `x-cos-hash-crc64ecma` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Crc64(pub(crate) u64);

impl fmt::Display for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Crc64 {
    type Error = ParseIntError;

    fn try_from(text: String) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_check_value() {
        let mut running = tcloud_core::body::Crc64::new();
        running.update(b"123456789");
        assert_eq!(running.value(), 0x995D_C9BB_DF19_39FA);
    }

    #[test]
    fn is_shown_in_decimal() {
        assert_eq!(Crc64(u64::MAX).to_string(), "18446744073709551615");
        assert_eq!(
            Crc64::try_from("18446744073709551615".to_owned()),
            Ok(Crc64(u64::MAX))
        );
    }
}
