//! What a request carries, against what the table of its operation knows.
//!
//! A query parameter may select another operation, and a header ask for more than the operation
//! does: `DELETE /?response-control` is no `DeleteBucket`. So nothing of it is ignored, but for
//! what every request may carry, which is listed here.

use http::HeaderMap;

use super::fault::Fault;
use crate::operation::Operation;
use crate::schema::{Kind, Place, Structure};

/// Query parameters of every request: the signature of a presigned URL, the session token, and
/// what official SDKs add to a URL signed by somebody else.
const PARAMETERS: [&str; 13] = [
    "clientIP",
    "clientUA",
    "q-ak",
    "q-header-list",
    "q-key-time",
    "q-sign-algorithm",
    "q-sign-time",
    "q-signature",
    "q-url-param-list",
    "sign",
    "token",
    "x-ci-security-token",
    "x-cos-security-token",
];

/// Headers of every request, in lower case; `*` stands for any rest. Those of marks of retries and
/// of tracing say something of the way of a request and nothing of what it asks for, and metadata
/// means nothing where nothing is stored.
const HEADERS: [&str; 5] = [
    "x-ci-security-token",
    "x-cos-meta-*",
    "x-cos-sdk-*",
    "x-cos-security-token",
    "x-cos-trace*",
];

/// Beginnings of the headers by which a service is asked for something. All others are those of
/// HTTP, or of whoever carries it.
const ASKING: [&str; 4] = ["pic-operations", "x-amz-", "x-ci-", "x-cos-"];

/// A name is not repeated further than this, in characters.
const LONGEST: usize = 100;

/// Whether every request to Object Storage and Cloud Infinite may carry the query parameter `name`.
pub fn is_common_parameter(name: &str) -> bool {
    PARAMETERS.contains(&name)
}

/// Refuses a query parameter or a header that neither the table of `operation` knows nor every
/// request may carry.
pub(super) fn require_known(
    operation: &Operation,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<(), Fault> {
    let selects = |name: &str| operation.query.iter().any(|(own, _)| *own == name);
    let parameter = query.iter().map(|(name, _)| name.as_str()).find(|name| {
        !is_common_parameter(name)
            && !selects(name)
            && !has(operation.request, Place::Query, |own| own == *name)
    });
    if let Some(name) = parameter {
        let part = format!("query parameter `{}`", shortened(name));
        return Err(Fault::not_in_table(operation, &part));
    }
    let header = headers.keys().map(http::HeaderName::as_str).find(|name| {
        ASKING.iter().any(|start| name.starts_with(start))
            && !HEADERS.iter().any(|known| fits(name, known))
            && !knows_header(operation.request, name)
    });
    match header {
        Some(name) => {
            let part = format!("header `{}`", shortened(name));
            Err(Fault::not_in_table(operation, &part))
        }
        None => Ok(()),
    }
}

/// Whether a table has the header `name`, given in lower case.
pub(super) fn knows_header(table: &Structure, name: &str) -> bool {
    table.fields().iter().any(|field| {
        field.place == Place::Header
            && match field.kind {
                Kind::Map => name
                    .get(..field.name.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(field.name)),
                _ => field.name.eq_ignore_ascii_case(name),
            }
    })
}

fn has(table: &Structure, place: Place, is: impl Fn(&str) -> bool) -> bool {
    let mut fields = table.fields().iter();
    fields.any(|field| field.place == place && is(field.name))
}

fn fits(name: &str, known: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == known,
    }
}

fn shortened(name: &str) -> String {
    let mut start: String = name.chars().take(LONGEST).collect();
    if start.len() < name.len() {
        start.push('…');
    }
    start
}
