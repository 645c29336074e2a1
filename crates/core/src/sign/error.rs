//! Why a request cannot be signed.

use std::fmt;

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
