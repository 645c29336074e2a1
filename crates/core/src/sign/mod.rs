//! Request signatures: made by a client, checked by a server, explained when they differ.
//!
//! - [`qsign`]: `q-sign-algorithm=sha1` of Cloud Object Storage and Cloud Infinite.
//! - [`tc3`]: `TC3-HMAC-SHA256` of the API 3.0 services.
//! - [`explain`]: the first line in which two parties' canonical texts differ.
//! - [`encode`]: percent-encoding for signatures and for the wire.
//!
//! Nothing here reads a clock or the network: the time is always an argument.

use std::fmt;

use http::HeaderMap;
use http::header::{HOST, HeaderName, HeaderValue};

pub mod encode;
pub mod explain;
pub mod qsign;
pub mod tc3;

mod digest;
mod foreign;
mod rejection;

pub use rejection::{Policy, Rejection};

/// The longest signature that is read, in bytes; real ones stay below 2 KiB.
const MAX_AUTHORIZATION: usize = 16 * 1024;

/// What a request was signed with, kept so that a refusal can be explained.
///
/// Holds no secret key. `Debug` hides the signature, which is a licence to repeat the request
/// until it expires, and in the canonical text session tokens and keys of the client's own
/// encryption.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// The value of the `Authorization` header.
    pub authorization: String,
    /// The canonical text of the request: `HttpString`, or the canonical request of TC3.
    pub http_string: String,
    /// The text whose HMAC is the signature.
    pub string_to_sign: String,
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("http_string", &explain::redacted(&self.http_string))
            .field("string_to_sign", &self.string_to_sign)
            .finish_non_exhaustive()
    }
}

/// Why a request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// A header that has to be signed is not set.
    MissingHeader(&'static str),
    /// A value that has to be sent as a header contains control characters. The value itself is
    /// not repeated, since it may be a secret.
    InvalidHeader(&'static str),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => {
                write!(
                    f,
                    "cannot sign the request: it has no `{name}` header; set it before signing"
                )
            }
            Self::InvalidHeader(name) => write!(
                f,
                "cannot sign the request: the value of `{name}` has characters no header may \
                 contain; check the credentials for line breaks"
            ),
        }
    }
}

impl std::error::Error for SignError {}

fn require(headers: &HeaderMap, name: &'static str) -> Result<(), SignError> {
    if headers.contains_key(name) {
        Ok(())
    } else {
        Err(SignError::MissingHeader(name))
    }
}

/// Sets a header and keeps its value out of logs.
fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), SignError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| SignError::InvalidHeader(name))?;
    value.set_sensitive(true);
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// The hosts a client may have signed: the header as sent, then without its port, since some
/// SDKs sign the bare name.
fn host_candidates(headers: &HeaderMap) -> Vec<&[u8]> {
    let Some(host) = headers.get(HOST).map(|value| value.as_bytes().trim_ascii()) else {
        return vec![b""];
    };
    let portless = host
        .iter()
        .rposition(|byte| *byte == b':')
        .and_then(|colon| host.split_at_checked(colon))
        .filter(|(_, port)| port.iter().skip(1).all(u8::is_ascii_digit));
    std::iter::once(host)
        .chain(portless.map(|(name, _)| name))
        .collect()
}

/// The value of the item `name` of an authorization, which has to be there once.
fn single<'a>(
    items: impl Iterator<Item = (&'a str, &'a str)>,
    name: &str,
) -> Result<&'a str, Rejection> {
    let mut values = items
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(Rejection::invalid(format!("`{name}` occurs twice"))),
        (None, _) => Err(Rejection::invalid(format!("`{name}` is missing"))),
    }
}
