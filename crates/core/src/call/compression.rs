//! What of a call may travel compressed.
//!
//! A document may: it is read as it was before it was compressed. Raw bytes may not, for an object
//! that is stored as gzip has to come out as it is stored, with its length and its checksum; nor may
//! a stream of events, which a compressor would hold back.

use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, HeaderValue};

use crate::body::Body;
use crate::codec::gzip;
use crate::error::{Error, ErrorKind};
use crate::operation::{BodyFormat, Operation, Protocol};

/// A smaller document is a few packets, whatever is done to it.
const LEAST: usize = 10 * 1024;

/// Says in the `headers` of a request that its answer may be compressed. No signature covers that:
/// who carries a request may change it.
pub(super) fn accept(operation: &Operation, headers: &mut HeaderMap) {
    let document = matches!(
        operation.response_body,
        BodyFormat::Xml(_) | BodyFormat::Json
    );
    if cfg!(feature = "gzip") && document && operation.events.is_none() {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
}

/// The body of a request of `operation` as it travels, and its encoding if it is compressed: if that
/// is `wanted`, and the body is a large document of API 3.0.
pub(super) fn pack(
    operation: &Operation,
    body: Body,
    wanted: bool,
) -> Result<(Body, Option<&'static str>), Error> {
    let is_document =
        operation.service.protocol == Protocol::Tc3 && operation.request_body == BodyFormat::Json;
    let large = |bytes: &&[u8]| wanted && is_document && bytes.len() >= LEAST;
    let Some(bytes) = body.as_bytes().filter(large) else {
        return Ok((body, None));
    };
    let packed = gzip::encoded(bytes).map_err(|error| {
        Error::new(
            ErrorKind::Configuration,
            format!("the request cannot be compressed: {error}"),
        )
        .caused_by(error)
    })?;
    Ok(if packed.len() < bytes.len() {
        (Body::from(packed), Some("gzip"))
    } else {
        (body, None)
    })
}
