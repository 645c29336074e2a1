//! Codes of software tokens: RFC 6238, which is RFC 4226 with the time as its counter.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha1::Sha1;

/// How long a code is valid, in seconds.
const STEP: i64 = 30;
/// How many steps a token's clock may be off, either way.
const DRIFT: i64 = 1;
/// One more than the largest code.
const CODES: u32 = 1_000_000;

/// What a user's software token and the service share, in Base32 as apps take it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct MfaSecret(Vec<u8>);

impl fmt::Debug for MfaSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MfaSecret").finish_non_exhaustive()
    }
}

impl FromStr for MfaSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match decode_base32(text) {
            Some(bytes) if !bytes.is_empty() => Ok(Self(bytes)),
            // The text is a secret: it is not shown.
            _ => Err(
                "the secret of a software token is Base32: letters and the digits 2 to 7".into(),
            ),
        }
    }
}

impl TryFrom<String> for MfaSecret {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl MfaSecret {
    /// The code of six digits that the token shows at `unix_seconds`.
    pub fn code(&self, unix_seconds: i64) -> String {
        let counter = u64::try_from(unix_seconds.div_euclid(STEP)).unwrap_or_default();
        format!("{:06}", self.truncated(counter) % CODES)
    }

    /// Whether `code` is the one of now, or of the step before or after.
    pub(crate) fn accepts(&self, code: &str, unix_seconds: i64) -> bool {
        (-DRIFT..=DRIFT).any(|steps| self.code(unix_seconds + steps * STEP) == code)
    }

    fn truncated(&self, counter: u64) -> u32 {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("any key length will do");
        let hash = mac
            .chain_update(counter.to_be_bytes())
            .finalize()
            .into_bytes();
        let offset = usize::from(hash.last().copied().unwrap_or_default() & 0xf);
        let chosen = hash.iter().skip(offset).take(4);
        chosen.fold(0, |sum, byte| sum << 8 | u32::from(*byte)) & 0x7fff_ffff
    }
}

/// Spaces and padding are for readers.
fn decode_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|it| !matches!(it, b' ' | b'-' | b'=')) {
        let value = match letter.to_ascii_uppercase() {
            upper @ b'A'..=b'Z' => upper - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{MfaSecret, decode_base32};

    // RFC 6238, appendix B, of which six digits are shown; RFC 4648, section 10.
    #[test]
    fn published_codes() {
        let secret: MfaSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".parse().unwrap();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(time), code, "{time}");
        }
        for (text, bytes) in [
            ("", ""),
            ("MY======", "f"),
            ("MZXQ====", "fo"),
            ("MZXW6===", "foo"),
            ("MZXW6YQ=", "foob"),
            ("mzxw 6ytb-oi", "foobar"),
        ] {
            assert_eq!(decode_base32(text).unwrap(), bytes.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_token_may_be_a_step_off() {
        let secret: MfaSecret = "GEZDGNBVGY3TQOJQ".parse().unwrap();
        let code = secret.code(1_700_000_010);
        for now in [1_700_000_010, 1_700_000_035, 1_699_999_985] {
            assert!(secret.accepts(&code, now), "{now}");
        }
        assert!(!secret.accepts(&code, 1_700_000_100));
        assert!(!secret.accepts("", 1_700_000_010));
    }

    #[test]
    fn what_is_no_base32_is_refused_without_being_shown() {
        for text in ["", "secret1", "===="] {
            let error = text.parse::<MfaSecret>().unwrap_err();
            assert!(!error.contains("secret1"), "{error}");
        }
    }
}
