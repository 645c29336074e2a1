//! A request that was routed: what it carries, checked against its table.

use http::header::CONTENT_ENCODING;
use http::{HeaderMap, StatusCode};

use super::fault::Fault;
use super::known;
use super::route::Route;
use crate::body::Body;
use crate::codec::{self, Drift, DriftKind, gzip, json, xml};
use crate::node::Node;
use crate::operation::{BodyFormat, Operation, Protocol};

/// A request on its way to its handler.
#[derive(Debug)]
#[non_exhaustive]
pub struct Incoming {
    /// The operation it was routed to.
    pub operation: &'static Operation,
    /// Labels of host and path.
    pub labels: Vec<(String, String)>,
    /// The decoded query string.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; collected, unless the operation takes raw bytes.
    pub body: Body,
}

impl Incoming {
    /// The most bytes that a document which came compressed may have once it is unpacked.
    pub const MOST_UNPACKED: usize = 10 * 1024 * 1024;

    /// A request that was routed.
    ///
    /// # Errors
    /// It has a query parameter or a header that the operation does not know, and may mean another
    /// one. Or its document is compressed, and cannot be unpacked.
    pub fn new(
        route: Route,
        query: Vec<(String, String)>,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Self, Fault> {
        let Route { operation, labels } = route;
        // The parameters of API 3.0 are those of its body.
        if operation.service.protocol != Protocol::Tc3 {
            known::require_known(operation, &query, &headers)?;
        }
        let body = unpacked(operation, &headers, body)?;
        Ok(Self {
            operation,
            labels,
            query,
            headers,
            body,
        })
    }

    /// The typed request, checked against its table, and its raw body if it takes one.
    ///
    /// # Errors
    /// The body cannot be read, or a field violates its table.
    pub fn decode<T: Node + Default>(self) -> Result<(T, Body), Fault> {
        let mut request = T::default();
        let body = self.decode_into(&mut request)?;
        Ok((request, body))
    }

    /// The same for a request whose type is found at run time, such as a
    /// [`Document`](crate::codec::Document).
    ///
    /// # Errors
    /// The body cannot be read, or a field violates its table.
    pub fn decode_into(self, request: &mut dyn Node) -> Result<Body, Fault> {
        let operation = self.operation;
        require_text(&self.headers, operation)?;
        let protocol = operation.service.protocol;
        let mut drift = codec::fill_labels(request, borrowed(&self.labels));
        drift.extend(codec::fill_query(request, borrowed(&self.query)));
        drift.extend(codec::fill_headers(
            request,
            self.headers.iter().filter_map(|(name, value)| {
                Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
            }),
        ));
        let format = operation.request_body;
        let text = match format {
            BodyFormat::Raw => None,
            _ => self.body.as_bytes(),
        };
        let text = text
            .map(|bytes| std::str::from_utf8(bytes))
            .transpose()
            .map_err(|_| Fault::malformed(protocol, "the body is not UTF-8"))?
            .unwrap_or_default();
        let mut root = "";
        match format {
            BodyFormat::Xml(name) => {
                root = name;
                // A body is optional where no node of it is required; the check below decides.
                if !text.trim().is_empty() {
                    drift.extend(
                        xml::decode(text, name, request)
                            .map_err(|error| Fault::malformed(protocol, error.to_string()))?,
                    );
                }
            }
            BodyFormat::Json => drift.extend(
                json::decode(text, "", request)
                    .map_err(|error| Fault::malformed(protocol, error.to_string()))?,
            ),
            BodyFormat::Empty if !text.trim().is_empty() => {
                return Err(Fault::not_in_table(operation, "body"));
            }
            BodyFormat::Empty | BodyFormat::Raw => {}
        }
        if let Some(fault) = drift.iter().find_map(|drift| refused(operation, drift)) {
            return Err(fault);
        }
        if let Some(violation) = codec::first_violation(request, root) {
            let text = violation.to_string();
            return Err(
                Fault::invalid(protocol, text, violation.missing).because_of(&violation.path)
            );
        }
        Ok(self.body)
    }
}

/// `body`; a document of JSON that is compressed, as it was before.
fn unpacked(operation: &Operation, headers: &HeaderMap, body: Body) -> Result<Body, Fault> {
    let is_document = operation.request_body == BodyFormat::Json;
    if !is_document || !headers.contains_key(CONTENT_ENCODING) {
        return Ok(body);
    }
    let bytes = match body.into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return Ok(body),
    };
    let document = gzip::decoded(headers, bytes, Incoming::MOST_UNPACKED);
    document
        .map(Body::from)
        .map_err(|error| Fault::malformed(operation.service.protocol, format!("the body: {error}")))
}

/// A header that the table knows must be text: dropped, a condition would be no condition.
fn require_text(headers: &HeaderMap, operation: &Operation) -> Result<(), Fault> {
    let bad = headers.iter().find(|(name, value)| {
        std::str::from_utf8(value.as_bytes()).is_err()
            && known::knows_header(operation.request, name.as_str())
    });
    match bad {
        Some((name, _)) => Err(Fault::invalid(
            operation.service.protocol,
            format!("the header {name} is not UTF-8; encode its value"),
            false,
        )),
        None => Ok(()),
    }
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Drift that a server does not accept: a value that has no place would be ignored without a word.
fn refused(operation: &Operation, drift: &Drift) -> Option<Fault> {
    let protocol = operation.service.protocol;
    let fault = match &drift.kind {
        DriftKind::Type { .. }
        | DriftKind::Repeated
        | DriftKind::Root { .. }
        | DriftKind::LeftOut { .. } => Some(Fault::invalid(protocol, drift.to_string(), false)),
        // As with words, the documents' own samples differ in the case.
        DriftKind::Fixed { expected, found } if !found.eq_ignore_ascii_case(expected) => {
            Some(Fault::invalid(protocol, drift.to_string(), false))
        }
        DriftKind::Unknown if protocol == Protocol::Tc3 => Some(Fault::new(
            StatusCode::OK,
            "UnknownParameter",
            format!("The parameter `{}` is not recognized", drift.path),
        )),
        DriftKind::Unknown => {
            let part = format!("node `{}`", drift.path);
            Some(Fault::not_in_table(operation, &part))
        }
        _ => None,
    };
    fault.map(|fault| fault.because_of(&drift.path))
}
