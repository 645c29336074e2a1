//! Whether a body arrived as it was sent, by the checksum that COS names in its answer.
//!
//! What the answer's header covers decides what is compared. The table of an operation has the
//! header if it is about the content that travels: that of `PutObject` and `GetObject`, not of an
//! upload that is processed. An answer with a part of an object, or with a picture that was
//! processed while it was read, names the checksum of another content.

use std::io;

use http::header::CONTENT_RANGE;
use http::{HeaderMap, StatusCode};

use super::options::CallOptions;
use super::reply::Reply;
use crate::body::{Body, Bytes, Crc64, Sent, Watch};
use crate::error::{Error, ErrorKind};
use crate::operation::{BodyFormat, Operation};
use crate::schema::Place;

const CRC64: &str = "x-cos-hash-crc64ecma";
/// Headers by which an answer shows that Cloud Infinite has had the content in hand.
const PROCESSED: [&str; 2] = ["x-ci-", "x-errno"];
const ADVICE: &str = "`check_integrity(false)` switches the comparison off";

/// Whether the answer of `operation` says what arrived of its request's body.
pub(super) fn covers_upload(operation: &Operation) -> bool {
    operation.method == "PUT" && operation.request_body == BodyFormat::Raw && names_crc64(operation)
}

fn names_crc64(operation: &Operation) -> bool {
    let fields = operation.response.fields().iter();
    let mut headers = fields.filter(|field| field.place == Place::Header);
    headers.any(|field| field.name.eq_ignore_ascii_case(CRC64))
}

/// Compares what went out with what the service says that it received.
pub(super) fn check_upload(sent: &Sent, reply: &Reply<()>, idempotent: bool) -> Result<(), Error> {
    let (bytes, Some(own)) = sent.crc64() else {
        return Ok(());
    };
    match crc64(&reply.headers) {
        Some(theirs) if theirs != own => Err(Error::new(
            ErrorKind::Integrity,
            format!(
                "the service received another body: the {bytes} bytes sent have the CRC-64 {own}, \
                 what it received has {theirs}"
            ),
        )
        .with_status(reply.status)
        .with_request_id(reply.request_id.clone())
        .retryable(idempotent)
        .advise(format!("send the body again; {ADVICE}"))),
        _ => Ok(()),
    }
}

/// The body of `reply`, compared while it is read with what the service says of it, if it says so.
pub(super) fn check_download(
    operation: &'static Operation,
    options: &CallOptions,
    reply: &Reply<()>,
    body: Body,
) -> Body {
    let headers = &reply.headers;
    let is_whole = reply.status == StatusCode::OK && !headers.contains_key(CONTENT_RANGE);
    // The caller's own parameters are where a picture's processing is asked for.
    let is_processed = !options.query.is_empty()
        || headers
            .keys()
            .any(|name| PROCESSED.iter().any(|it| name.as_str().starts_with(it)));
    let compared = operation.method == "GET"
        && operation.response_body == BodyFormat::Raw
        && names_crc64(operation)
        && is_whole
        && !is_processed;
    match crc64(headers).filter(|_| compared) {
        Some(named) => {
            let left = body.length();
            body.watched(Arriving {
                operation,
                status: reply.status,
                request_id: reply.request_id.clone(),
                named,
                crc64: Crc64::new(),
                bytes: 0,
                left,
            })
        }
        None => body,
    }
}

fn crc64(headers: &HeaderMap) -> Option<u64> {
    headers.get(CRC64)?.to_str().ok()?.trim().parse().ok()
}

/// A download that is compared.
struct Arriving {
    operation: &'static Operation,
    status: StatusCode,
    request_id: Option<String>,
    named: u64,
    crc64: Crc64,
    bytes: u64,
    left: Option<u64>,
}

impl Arriving {
    fn compare(&self) -> io::Result<()> {
        let (own, named) = (self.crc64.value(), self.named);
        if own == named {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Integrity,
            format!(
                "another content arrived: the {} bytes received have the CRC-64 {own}, the object \
                 has {named}",
                self.bytes
            ),
        )
        .of(self.operation)
        .with_status(self.status)
        .with_request_id(self.request_id.clone())
        .retryable(true)
        .advise(format!("read the object again; {ADVICE}"));
        Err(io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

impl Watch for Arriving {
    /// The last chunk is handed over only if all is well: who counts the bytes asks no further.
    fn chunk(&mut self, chunk: &Bytes) -> io::Result<()> {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.crc64.update(chunk);
        self.bytes = self.bytes.saturating_add(length);
        self.left = self.left.map(|left| left.saturating_sub(length));
        if self.left == Some(0) {
            return self.compare();
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.compare()
    }
}
