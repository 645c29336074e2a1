//! From a request's first lines to its operation.

use http::{HeaderMap, Method};

use crate::codec::xml;
use crate::endpoint::next_label;
use crate::node::Value;
use crate::operation::{BodyFormat, Catalog, Operation, Protocol};
use crate::schema::{Kind, Place};

/// What decides on the operation of a request.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// The service's own host name, without a port.
    pub host: &'a str,
    /// The decoded path.
    pub path: &'a str,
    /// The decoded query string.
    pub query: &'a [(String, String)],
    /// The headers, as far as they decide.
    pub headers: Option<&'a HeaderMap>,
    /// `X-TC-Action`, of an API 3.0 request.
    pub action: Option<&'a str>,
    /// `X-TC-Version`, of an API 3.0 request.
    pub version: Option<&'a str>,
    /// The body, if it has been read.
    pub body: Option<&'a [u8]>,
}

/// An operation, with what host and path say to it.
#[derive(Debug, Clone)]
pub struct Route {
    /// The operation.
    pub operation: &'static Operation,
    /// Labels of host and path.
    pub labels: Vec<(String, String)>,
}

impl Route {
    /// The route of a request that is known to call `operation`, if its method, host, path and
    /// query are those of the operation.
    pub fn to(operation: &'static Operation, head: &Head<'_>) -> Option<Self> {
        if !selects(operation, head.query) {
            return None;
        }
        let mut labels = Vec::new();
        matches(operation, head, &mut |label, value| {
            labels.push((label.to_owned(), value.to_owned()));
        })?;
        Some(Self { operation, labels })
    }
}

/// Why a request has no route.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unroutable {
    /// No operation has this host, method and path.
    NoOperation,
    /// Operations have this path, but a node of the body selects none of them.
    NoVariant {
        /// The node, such as `Tag`.
        node: &'static str,
        /// What it holds.
        found: String,
    },
    /// An API 3.0 action of another version.
    NoVersion,
}

/// Finds the operation of a request among those of `catalogs`: by host, method and path, then by
/// the parts of the query string that select one, then by the parameters and headers that one
/// requires or fixes (`uploadId`, `x-cos-copy-source`), then by the fixed nodes of the body.
///
/// # Errors
/// There is none.
pub fn route(catalogs: &[&'static Catalog], head: &Head<'_>) -> Result<Route, Unroutable> {
    let mut best: Vec<&'static Operation> = Vec::new();
    let mut so_far = (0, None);
    let mut other_version = false;
    for operation in catalogs.iter().flat_map(|catalog| catalog.operations) {
        if operation.service.protocol == Protocol::Tc3 {
            if head.action != Some(operation.name) {
                continue;
            }
            if head
                .version
                .is_some_and(|version| version != operation.service.version)
            {
                other_version = true;
                continue;
            }
        }
        if !selects(operation, head.query) || matches(operation, head, &mut |_, _| {}).is_none() {
            continue;
        }
        let rank = (operation.query.len(), required(operation, head));
        if rank > so_far {
            best.clear();
            so_far = rank;
        }
        if rank == so_far {
            best.push(operation);
        }
    }
    if best.is_empty() {
        return Err(if other_version {
            Unroutable::NoVersion
        } else {
            Unroutable::NoOperation
        });
    }
    let operation = by_fixed_nodes(best, head.body)?;
    Route::to(operation, head).ok_or(Unroutable::NoOperation)
}

/// Whether `query` has the parameters that select `operation`.
fn selects(operation: &Operation, query: &[(String, String)]) -> bool {
    operation.query.iter().all(|(name, value)| {
        query
            .iter()
            .any(|(found, text)| found == name && (value.is_empty() || text == value))
    })
}

/// Matches method, host and path, and hands on the labels of host and path.
fn matches(
    operation: &Operation,
    head: &Head<'_>,
    found: &mut impl FnMut(&str, &str),
) -> Option<()> {
    if operation.method != head.method.as_str() {
        return None;
    }
    // API 3.0 names the operation by a header; its hosts have regional and other forms.
    if operation.service.protocol != Protocol::Tc3 {
        match_template(operation.host, head.host, '.', found)?;
    }
    match_template(operation.path, head.path, '/', found)
}

/// How many parameters and headers `operation` requires, or `None` if the request lacks one: it is
/// a bad request of this operation only if it is one of no other.
fn required(operation: &Operation, head: &Head<'_>) -> Option<usize> {
    let mut count: usize = 0;
    for field in operation.request.fields() {
        let fixed = match field.kind {
            Kind::Fixed(text) => Some(text),
            // A request without what is computed lacks it, and is of this operation all the same.
            _ if field.is_required() && !field.is_computed() => None,
            _ => continue,
        };
        let is_there = match field.place {
            Place::Query => {
                let mut query = head.query.iter();
                query.any(|(name, text)| {
                    name == field.name && fixed.is_none_or(|fixed| fixed == text)
                })
            }
            Place::Header => {
                let found = head.headers.and_then(|headers| headers.get(field.name));
                found.is_some_and(|text| fixed.is_none_or(|fixed| text == fixed))
            }
            Place::Body | Place::Host | Place::Path => continue,
        };
        if !is_there {
            return None;
        }
        count = count.saturating_add(1);
    }
    Some(count)
}

/// Matches `text` against a template whose labels end at `stop`, and hands on their values.
fn match_template(
    template: &str,
    text: &str,
    stop: char,
    found: &mut impl FnMut(&str, &str),
) -> Option<()> {
    let Some((before, label, after)) = next_label(template) else {
        return (template == text).then_some(());
    };
    let rest = text.strip_prefix(before)?;
    let (name, end) = match label.strip_suffix('+') {
        Some(name) => (name, rest.len()),
        None => (label, rest.find(stop).unwrap_or(rest.len())),
    };
    let (value, rest) = rest.split_at_checked(end)?;
    if value.is_empty() {
        return None;
    }
    found(name, value);
    match_template(after, rest, stop, found)
}

/// Keeps the operation whose fixed nodes the body has: of several the one with the most of them,
/// then the one that lacks the fewest.
fn by_fixed_nodes(
    candidates: Vec<&'static Operation>,
    body: Option<&[u8]>,
) -> Result<&'static Operation, Unroutable> {
    let value = body
        // Most requests are recognised by their path: their bodies are read once, by their own
        // table.
        .filter(|_| {
            candidates
                .iter()
                .any(|operation| fixed_nodes(operation).next().is_some())
        })
        .and_then(|body| std::str::from_utf8(body).ok())
        .and_then(|text| xml::decode_any(text).ok())
        .map(|(_, value)| value);
    let Some(value) = value else {
        return candidates.into_iter().next().ok_or(Unroutable::NoOperation);
    };
    let mut mismatch = Unroutable::NoOperation;
    let mut best: Option<(Fit, &'static Operation)> = None;
    for candidate in candidates {
        match fit(candidate, &value) {
            Ok(fit) => {
                if best.as_ref().is_none_or(|(other, _)| fit > *other) {
                    best = Some((fit, candidate));
                }
            }
            Err(unroutable) => mismatch = unroutable,
        }
    }
    // One that does not know the node at all is not an answer to a body that has it.
    if let (Some((fit, operation)), Unroutable::NoVariant { node, .. }) = (&best, &mismatch)
        && fit.there == 0
        && operation.request.position(node).is_none()
    {
        return Err(mismatch);
    }
    best.map(|(_, operation)| operation).ok_or(mismatch)
}

/// How well a body fits the fixed nodes of an operation; more is better.
#[derive(PartialEq, PartialOrd)]
struct Fit {
    there: usize,
    absent: std::cmp::Reverse<usize>,
}

/// The nodes of the body of `operation` that always have the same text, with that text.
fn fixed_nodes(operation: &Operation) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_xml = matches!(operation.request_body, BodyFormat::Xml(_));
    let fields = operation.request.fields().iter().filter(move |_| is_xml);
    fields.filter_map(|field| match (field.kind, field.place) {
        (Kind::Fixed(text), Place::Body) => Some((field.name, text)),
        _ => None,
    })
}

/// Compares the fixed nodes of `operation` with a body; reports one that holds another text.
fn fit(operation: &Operation, body: &Value) -> Result<Fit, Unroutable> {
    let [mut there, mut absent] = [0, 0];
    for (node, text) in fixed_nodes(operation) {
        match body.get(node).and_then(Value::as_str) {
            Some(found) if found == text => there += 1,
            Some(found) => {
                return Err(Unroutable::NoVariant {
                    node,
                    found: found.to_owned(),
                });
            }
            None => absent += 1,
        }
    }
    Ok(Fit {
        there,
        absent: std::cmp::Reverse(absent),
    })
}
