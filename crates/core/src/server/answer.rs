//! What a handler answers, written as its operation's table says.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::fault::Fault;
use super::outgoing::Outgoing;
use crate::body::Body;
use crate::codec::{self, json, url_text, xml};
use crate::node::Node;
use crate::operation::{BodyFormat, Operation, Protocol};

/// What a handler answers.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The typed output.
    pub output: T,
    /// The raw body, of an operation that answers with one.
    pub body: Body,
    /// The status.
    pub status: StatusCode,
    /// Headers besides those of the table.
    pub headers: HeaderMap,
}

impl<T> Answer<T> {
    /// An answer of `output` with status 200.
    pub fn new(output: T) -> Self {
        Self {
            output,
            body: Body::empty(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
        }
    }

    /// The same answer with a raw body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The same answer with another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl<T> From<T> for Answer<T> {
    fn from(output: T) -> Self {
        Self::new(output)
    }
}

impl Outgoing {
    /// Writes an answer as its operation's table says.
    ///
    /// # Errors
    /// A text of the output cannot be carried by the format.
    pub fn encode<T: Node>(
        operation: &'static Operation,
        answer: Answer<T>,
    ) -> Result<Self, Fault> {
        let Answer {
            mut output,
            body,
            status,
            headers,
        } = answer;
        Self::write(operation, &mut output, body, status, headers)
    }

    /// As [`Outgoing::encode`], whatever the type of the output.
    pub fn write(
        operation: &'static Operation,
        output: &mut dyn Node,
        raw: Body,
        status: StatusCode,
        mut headers: HeaderMap,
    ) -> Result<Self, Fault> {
        let protocol = operation.service.protocol;
        if let Some(encoding) = operation.encoding {
            url_text::apply(encoding, output);
        }
        for (name, value) in codec::bind(output).headers {
            let pair = http::HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
            let (name, value) = pair.ok_or_else(|| {
                Fault::internal(protocol, format!("the header {name} cannot be written"))
            })?;
            headers.insert(name, value);
        }
        let unwritable = |error: codec::CodecError| Fault::internal(protocol, error.to_string());
        let body = match operation.response_body {
            BodyFormat::Raw => raw,
            BodyFormat::Empty => Body::empty(),
            BodyFormat::Xml(root) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                Body::from(xml::encode(root, output).map_err(unwritable)?)
            }
            BodyFormat::Json => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let text = json::encode(output, json::Style::Typed).map_err(unwritable)?;
                Body::from(match protocol {
                    Protocol::Tc3 => format!("{{\"Response\":{text}}}"),
                    Protocol::Cos | Protocol::Ci => text,
                })
            }
        };
        Ok(Self {
            status,
            headers,
            body,
        })
    }
}
