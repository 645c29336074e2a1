//! What a request was signed with.

use std::fmt;

use super::explain;

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
