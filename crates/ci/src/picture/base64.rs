//! URL-safe Base64, as the grammar writes texts, fonts, colours and addresses.

use ::base64::Engine as _;
use ::base64::alphabet::URL_SAFE;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Writes without padding, reads with and without. Documents print both.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// `text` as it is sent.
pub(crate) fn encode(text: &str) -> String {
    ENGINE.encode(text)
}

/// What `text` encodes; `None` if it is no Base64. The plain alphabet's `+` is taken as well.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text.replace('+', "-")).ok()
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn padding_is_not_written_and_read_either_way() {
        assert_eq!(encode("tencent cloud"), "dGVuY2VudCBjbG91ZA");
        for text in ["dGVuY2VudCBjbG91ZA", "dGVuY2VudCBjbG91ZA=="] {
            assert_eq!(decode(text).unwrap(), b"tencent cloud");
        }
        assert_eq!(encode("\u{fffd}?>"), "77-9Pz4");
        assert_eq!(decode("77+9Pz4").unwrap(), "\u{fffd}?>".as_bytes());
        assert_eq!(decode("a"), None);
        assert_eq!(decode("a*b"), None);
    }
}
