//! The hashes under both signature methods.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub(super) type HmacSha1 = Hmac<Sha1>;
pub(super) type HmacSha256 = Hmac<Sha256>;

pub(super) fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> M {
    keyed::<M>(key).chain_update(message)
}

/// The MAC of nothing yet.
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
pub(super) fn keyed<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("any key length will do")
}

/// Whether `signature`, in lower-case hexadecimal, is the one of `mac`, in constant time.
pub(super) fn matches(mac: impl Mac, signature: &str) -> bool {
    decode_hex(signature).is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

pub(super) fn mac_hex(mac: impl Mac) -> String {
    hex(&mac.finalize().into_bytes())
}

pub(super) fn mac_bytes(mac: impl Mac) -> Vec<u8> {
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn sha1_hex(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| match nibble {
        0..=9 => char::from(b'0' + nibble),
        _ => char::from(b'a' - 10 + nibble),
    };
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|&[high, low]| Some(nibble(high)? << 4 | nibble(low)?))
        .collect();
    if rest.is_empty() { bytes } else { None }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_both_ways() {
        assert_eq!(hex(&[0, 15, 160, 255]), "000fa0ff");
        assert_eq!(decode_hex("000fa0ff"), Some(vec![0, 15, 160, 255]));
        for bad in ["0", "0g", "AA", "é"] {
            assert_eq!(decode_hex(bad), None, "{bad}");
        }
    }

    // RFC 2202 and RFC 4231, test case 2.
    #[test]
    fn published_hmac_values() {
        let (key, message) = (
            b"Jefe".as_slice(),
            b"what do ya want for nothing?".as_slice(),
        );
        let sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(matches(mac::<HmacSha1>(key, message), sha1));
        assert!(matches(mac::<HmacSha256>(key, message), sha256));
        assert!(!matches(mac::<HmacSha1>(key, message), sha256));
        assert!(!matches(mac::<HmacSha1>(key, message), &sha1[..38]));
        assert!(!matches(mac::<HmacSha1>(key, message), ""));
    }
}
