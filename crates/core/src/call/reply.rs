//! The answer of a call that went well.

use std::ops::{Deref, DerefMut};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::body::Body;
use crate::codec::Drift;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

/// What an operation answered: its typed output, and what came with it.
///
/// Dereferences to the output, so that `reply.jobs_detail` is `reply.output().jobs_detail`.
///
/// ```
/// # async fn run(client: tcloud_core::client::Client) -> Result<(), tcloud_core::error::Error> {
/// # use tcloud_core::{body::Body, call::{CallOptions, Reply}, codec::Document, operation::Operation};
/// # fn operation() -> &'static Operation { unimplemented!() }
/// # let mut answer = Document::new(operation().response);
/// # let request = Document::new(operation().request);
/// # let options = CallOptions::new();
/// let reply = client
///     .execute(operation(), &request, Body::empty(), &options, &mut answer)
///     .await?;
/// if let Some(id) = reply.request_id() {
///     println!("request {id} answered with {}", reply.status());
/// }
/// for departure in reply.drift() {
///     eprintln!("not as documented: {departure}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Reply<T> {
    pub(super) output: T,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) request_id: Option<String>,
    pub(super) drift: Vec<Drift>,
    pub(super) attempts: u32,
    pub(super) body: Body,
}

impl<T> Reply<T> {
    /// The typed output.
    pub fn output(&self) -> &T {
        &self.output
    }

    /// The typed output, to be changed or emptied.
    pub fn output_mut(&mut self) -> &mut T {
        &mut self.output
    }

    /// The typed output alone.
    pub fn into_output(self) -> T {
        self.output
    }

    /// The bytes of an operation that answers with raw bytes, as they came so far; empty otherwise,
    /// but for a stream of events that was asked for by [`Client::execute`](crate::client::Client).
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The raw bytes, to be read: they are streamed, and can be read once.
    pub fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    /// The raw bytes alone.
    pub fn into_body(self) -> Body {
        self.body
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The request's id at the service: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Where the answer departs from its table. Nothing of it is lost: what the table has no place
    /// for is among the output's [unknown nodes](crate::node::Node::unknown).
    pub fn drift(&self) -> &[Drift] {
        &self.drift
    }

    /// How often the request was sent, at least once.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The same reply with another output.
    pub(super) fn with<U>(self, output: U) -> Reply<U> {
        Reply {
            output,
            status: self.status,
            headers: self.headers,
            request_id: self.request_id,
            drift: self.drift,
            attempts: self.attempts,
            body: self.body,
        }
    }
}

impl Reply<()> {
    /// A reply of which nothing but its head has been read.
    pub(super) fn begun(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            output: (),
            status,
            request_id: request_id(&headers),
            headers,
            drift: Vec::new(),
            attempts: 0,
            body: Body::empty(),
        }
    }
}

impl<T> Reply<T> {
    /// Whether the body is a stream of events.
    pub(super) fn is_event_stream(&self) -> bool {
        let media_type = self.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        media_type
            .and_then(|text| text.split(';').next())
            .is_some_and(|text| text.trim().eq_ignore_ascii_case("text/event-stream"))
    }

    /// The error that a body, of which a part is read at a time, is not what `operation` answers.
    pub(super) fn broken(&self, operation: &'static Operation, message: String) -> Error {
        Error::new(ErrorKind::Response, message)
            .with_status(self.status)
            .with_request_id(self.request_id.clone())
            .of(operation)
    }
}

pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-ci-request-id", "x-cos-request-id", "x-tc-requestid"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned)
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.output
    }
}

impl<T> DerefMut for Reply<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.output
    }
}
