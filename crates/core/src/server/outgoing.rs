//! An answer as it leaves.

use http::{HeaderMap, StatusCode};

use crate::body::Body;

/// An answer on its way to the client.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outgoing {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}
