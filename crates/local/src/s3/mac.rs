//! The codes under the signature, and their hexadecimal form.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use sha2::{Digest, Sha256};
use tcloud_core::server::Fault;

type HmacSha256 = Hmac<Sha256>;

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(key: &[u8], message: &[u8]) -> HmacSha256 {
    let keyed = HmacSha256::new_from_slice(key).expect("any key length will do");
    keyed.chain_update(message)
}

/// Whether `signature` is the code of `text`, in constant time.
pub(in crate::s3) fn is_mac(key: &[u8], text: &str, signature: &str) -> bool {
    let code = mac(key, text.as_bytes());
    from_hex(signature).is_some_and(|bytes| code.verify_slice(&bytes).is_ok())
}

pub(in crate::s3) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(in crate::s3) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that `text` writes in lower-case hexadecimal.
pub(in crate::s3) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let bytes = pairs.iter();
    let bytes = bytes.map(|&[high, low]| Some(nibble(high)? << 4 | nibble(low)?));
    if rest.is_empty() {
        bytes.collect()
    } else {
        None
    }
}

/// The bytes of a code.
pub(in crate::s3) fn code(key: &[u8], message: &[u8]) -> Vec<u8> {
    mac(key, message).finalize().into_bytes().to_vec()
}

/// The refusal of a signature.
pub(in crate::s3) fn mismatch(why: &str) -> Fault {
    let message = format!("the signature does not match: {why}");
    Fault::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message)
}
