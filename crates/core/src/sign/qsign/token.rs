//! The name of the session token.

/// The name under which a session token is sent; it depends on the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenName {
    /// `x-cos-security-token`, for Object Storage.
    Cos,
    /// `x-ci-security-token`, for Cloud Infinite.
    Ci,
}

impl TokenName {
    /// The name, both of the header and of the query parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cos => "x-cos-security-token",
            Self::Ci => "x-ci-security-token",
        }
    }
}
