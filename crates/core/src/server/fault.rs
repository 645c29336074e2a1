//! Refusals, in the form of each protocol.

use std::fmt;
use std::fmt::Write;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use quick_xml::escape::escape;
use serde_json::json;

use super::outgoing::Outgoing;
use crate::body::Body;
use crate::operation::{Operation, Protocol};

/// A refusal: what becomes an error at the client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The status; API 3.0 always sends 200.
    pub status: StatusCode,
    /// The error code.
    pub code: String,
    /// What is wrong, and what to do about it.
    pub message: String,
    /// More elements of an XML error, such as the text the server signed.
    pub details: Vec<(&'static str, String)>,
    /// The node of the request that is wrong, if it is one: `SelectRequest.Expression`. A handler's
    /// service may have a code of its own for it.
    pub node: Option<String>,
}

impl Fault {
    /// A refusal with `status`, `code` and `message`.
    pub fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            details: Vec::new(),
            node: None,
        }
    }

    /// The same refusal with one more element.
    pub fn detail(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.details.push((name, text.into()));
        self
    }

    /// The same refusal, because of the node at `path`.
    pub(super) fn because_of(mut self, path: &str) -> Self {
        self.node = Some(path.to_owned());
        self
    }

    /// A request that cannot be read.
    pub fn malformed(protocol: Protocol, message: impl Into<String>) -> Self {
        match protocol {
            Protocol::Cos => Self::new(StatusCode::BAD_REQUEST, "MalformedXML", message),
            Protocol::Ci => Self::new(StatusCode::BAD_REQUEST, "InvalidContent", message),
            Protocol::Tc3 => Self::new(StatusCode::OK, "InvalidRequest", message),
        }
    }

    /// A field that violates its table; `missing` if it is required and absent.
    pub fn invalid(protocol: Protocol, message: impl Into<String>, missing: bool) -> Self {
        match protocol {
            Protocol::Cos | Protocol::Ci => {
                Self::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
            }
            Protocol::Tc3 if missing => Self::new(StatusCode::OK, "MissingParameter", message),
            Protocol::Tc3 => Self::new(StatusCode::OK, "InvalidParameterValue", message),
        }
    }

    /// A failure of the server itself.
    pub fn internal(protocol: Protocol, message: impl Into<String>) -> Self {
        match protocol {
            Protocol::Cos | Protocol::Ci => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
            }
            Protocol::Tc3 => Self::new(StatusCode::OK, "InternalError", message),
        }
    }

    /// An operation that the server does not have.
    pub fn not_implemented(operation: &Operation) -> Self {
        let message = format!("{} is not implemented here", operation.name);
        match operation.service.protocol {
            Protocol::Cos | Protocol::Ci => {
                Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
            }
            Protocol::Tc3 => Self::new(StatusCode::OK, "UnsupportedOperation", message),
        }
    }

    /// A `part` of a request that the table of `operation` does not have, such as a header with its
    /// name. It may ask for more, or mean another operation altogether.
    pub fn not_in_table(operation: &Operation, part: &str) -> Self {
        let Operation { name, .. } = operation;
        let message = format!(
            "{name} has no {part} here, and what that asks for is not implemented. Leave it out \
             only if {name} without it is what you want."
        );
        Self {
            message,
            ..Self::not_implemented(operation)
        }
    }

    /// The refusal in the form of the protocol. `resource` is what was asked for; some clients want
    /// it not to be empty.
    pub fn render(&self, protocol: Protocol, request_id: &str, resource: &str) -> Outgoing {
        let mut headers = HeaderMap::new();
        let body = match protocol {
            Protocol::Tc3 => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                json!({ "Response": {
                    "Error": { "Code": self.code, "Message": self.message },
                    "RequestId": request_id,
                } })
                .to_string()
            }
            Protocol::Cos | Protocol::Ci => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                self.xml(request_id, resource)
            }
        };
        Outgoing {
            status: self.status,
            headers,
            body: Body::from(body),
        }
    }

    fn xml(&self, request_id: &str, resource: &str) -> String {
        let mut out = String::from("<Error>");
        let elements = [
            ("Code", self.code.as_str()),
            ("Message", &self.message),
            ("Resource", resource),
            ("RequestId", request_id),
            ("TraceId", request_id),
        ];
        let details = self
            .details
            .iter()
            .map(|(name, text)| (*name, text.as_str()));
        for (name, text) in elements.into_iter().chain(details) {
            let text: String = text
                .chars()
                .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
                .collect();
            // Writing to a String cannot fail.
            let _ = write!(out, "<{name}>{}</{name}>", escape(text.as_str()));
        }
        out.push_str("</Error>");
        out
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}
