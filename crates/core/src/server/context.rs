//! What a handler may want to know besides its request.

use http::Extensions;

use crate::body::Body;

/// What a handler may want to know of a request besides its fields.
#[derive(Debug)]
#[non_exhaustive]
pub struct Context {
    /// The request's id.
    pub request_id: String,
    /// The region the request was sent to; empty where the host names none.
    pub region: String,
    /// The id of the key that signed it; empty for an anonymous request.
    pub secret_id: String,
    /// The host name the request was sent to.
    pub host: String,
    /// The raw body, of an operation that takes one.
    pub body: Body,
    /// What else the server has found out, such as who is calling.
    pub extensions: Extensions,
}

impl Context {
    /// The context of the request `request_id`, with nothing else known.
    pub fn new(request_id: impl Into<String>) -> Self {
        Self {
            request_id: request_id.into(),
            region: String::new(),
            secret_id: String::new(),
            host: String::new(),
            body: Body::empty(),
            extensions: Extensions::new(),
        }
    }
}
