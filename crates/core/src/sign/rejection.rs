//! Why a server refuses a request's signature, and what it answers.

use std::fmt;

use http::StatusCode;

use super::explain::redacted;

/// What a server demands beyond a signature that is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// How far the client's clock may be off, in seconds.
    pub tolerance_seconds: i64,
    /// Whether the `host` header has to be among the signed ones. Without it a request can be
    /// replayed against another bucket. API 3.0 demands it, Object Storage and Cloud Infinite do
    /// not.
    pub require_host: bool,
}

impl Policy {
    /// Object Storage and Cloud Infinite: a quarter of an hour, any list of headers.
    pub const COS: Self = Self {
        tolerance_seconds: 15 * 60,
        require_host: false,
    };
    /// API 3.0: five minutes, `host` signed.
    pub const TC3: Self = Self {
        tolerance_seconds: 5 * 60,
        require_host: true,
    };

    /// The same policy with another clock tolerance.
    pub const fn with_tolerance_seconds(self, tolerance_seconds: i64) -> Self {
        Self {
            tolerance_seconds,
            ..self
        }
    }

    /// The same policy, demanding or not that `host` is signed.
    pub const fn with_require_host(self, require_host: bool) -> Self {
        Self {
            require_host,
            ..self
        }
    }
}

/// Why a request is refused.
///
/// `Debug` hides what is secret in canonical texts.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The request carries no signature at all.
    MissingAuthorization,
    /// The signature cannot be read.
    InvalidAuthorization {
        /// What is wrong with it.
        why: String,
    },
    /// The signature is of a method that is known by name only.
    Unsupported {
        /// The method.
        method: &'static str,
    },
    /// Nobody has this access key.
    UnknownKey {
        /// The access key's id, as the client sent it.
        access_key_id: String,
    },
    /// The signature was valid until `end`.
    Expired {
        /// Last second of validity, Unix time.
        end: i64,
        /// The server's Unix time.
        now: i64,
    },
    /// The signature is of a time further in the future than clocks may differ.
    TimeTooSkewed {
        /// The client's Unix time.
        requested: i64,
        /// The server's Unix time.
        now: i64,
    },
    /// The server computed another signature.
    SignatureMismatch {
        /// The server's canonical text of the request: `HttpString`, or the canonical request of
        /// TC3. Repeats what the client sent, secrets included: see
        /// [`redacted`](super::explain::redacted).
        http_string: String,
        /// The text the server signed.
        string_to_sign: String,
    },
    /// The policy demands that `host` is signed.
    HostNotSigned,
}

impl Rejection {
    pub(super) fn invalid(why: impl Into<String>) -> Self {
        Self::InvalidAuthorization { why: why.into() }
    }

    /// Status and code Object Storage answers with.
    pub const fn cos_code(&self) -> (StatusCode, &'static str) {
        let code = match self {
            Self::Unsupported { .. } => return (StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
            Self::MissingAuthorization
            | Self::InvalidAuthorization { .. }
            | Self::Expired { .. }
            | Self::HostNotSigned => "AccessDenied",
            Self::UnknownKey { .. } => "InvalidAccessKeyId",
            Self::TimeTooSkewed { .. } => "RequestTimeTooSkewed",
            Self::SignatureMismatch { .. } => "SignatureDoesNotMatch",
        };
        (StatusCode::FORBIDDEN, code)
    }

    /// Status and code Cloud Infinite answers with. Where its documents name no code of its own,
    /// the one of Object Storage, which comes before it, is used.
    pub const fn ci_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::MissingAuthorization => (StatusCode::UNAUTHORIZED, "MissingAuthorization"),
            Self::InvalidAuthorization { .. } => (StatusCode::UNAUTHORIZED, "InvalidAuthorization"),
            Self::UnknownKey { .. } => (StatusCode::UNAUTHORIZED, "SecretidNotExist"),
            Self::Expired { .. } => (StatusCode::UNAUTHORIZED, "SignatureExpired"),
            Self::TimeTooSkewed { .. }
            | Self::SignatureMismatch { .. }
            | Self::HostNotSigned
            | Self::Unsupported { .. } => self.cos_code(),
        }
    }

    /// Code an API 3.0 service answers with, always with status 200.
    pub const fn tc3_code(&self) -> &'static str {
        match self {
            Self::MissingAuthorization
            | Self::InvalidAuthorization { .. }
            | Self::Unsupported { .. }
            | Self::HostNotSigned => "AuthFailure.InvalidAuthorization",
            Self::UnknownKey { .. } => "AuthFailure.SecretIdNotFound",
            Self::Expired { .. } | Self::TimeTooSkewed { .. } => "AuthFailure.SignatureExpire",
            Self::SignatureMismatch { .. } => "AuthFailure.SignatureFailure",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingAuthorization => {
                f.write_str("the request is not signed: send an Authorization header or a presigned URL")
            }
            Self::InvalidAuthorization { why } => write!(f, "the Authorization is invalid: {why}"),
            Self::Unsupported { method } => write!(
                f,
                "the request is signed by {method}, which is not understood yet: use an SDK of the \
                 service, which signs with q-sign-algorithm=sha1"
            ),
            Self::UnknownKey { access_key_id } => {
                write!(f, "the access key id `{access_key_id}` does not exist")
            }
            Self::Expired { end, now } => {
                write!(f, "Request has expired: valid until {end}, and the server's time is {now}")
            }
            Self::TimeTooSkewed { requested, now } => write!(
                f,
                "the request's time {requested} is too far from the server's time {now}: set the clock"
            ),
            Self::SignatureMismatch { .. } => f.write_str(
                "the signature does not match: check the secret key, and compare the canonical text",
            ),
            Self::HostNotSigned => f.write_str("the `host` header must be signed"),
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignatureMismatch {
                http_string,
                string_to_sign,
            } => f
                .debug_struct("SignatureMismatch")
                .field("http_string", &redacted(http_string))
                .field("string_to_sign", string_to_sign)
                .finish(),
            other => write!(f, "Rejection({other})"),
        }
    }
}

impl std::error::Error for Rejection {}
