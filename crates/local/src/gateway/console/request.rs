//! One request: what it carried, beside the table of its operation.

use http::{Response, StatusCode};
use serde_json::{Value, json};
use tcloud_core::body::Body;
use tcloud_core::operation::{BodyFormat, Operation};

use super::super::Gateway;
use super::super::pages::{json_page, unknown};
use super::{struck, tree};
use crate::recorded::Arrived;
use crate::services;

/// How much of a body is shown, in bytes.
const SHOWN: usize = 256 * 1024;

impl Gateway {
    /// Shows the request with the id `id`.
    pub(super) fn request(&self, id: &str) -> Response<Body> {
        let Some(entry) = self.log.find(id) else {
            return unknown(&format!(
                "there is no request {id} any more; the last 500 are kept"
            ));
        };
        let mut shown = json!({ "request": entry });
        let mut set = |name: &str, value: Value| {
            if let Some(shown) = shown.as_object_mut() {
                shown.insert(name.to_owned(), value);
            }
        };
        let arrived = entry.seen.as_ref().and_then(|seen| seen.read());
        if let Some(seen) = &entry.seen {
            set("headers", json!(seen.headers));
            set("query", json!(seen.query));
            set("cut", json!(seen.is_cut));
        }
        let operation = arrived.as_ref().map(|arrived| arrived.operation());
        let operation = operation.or_else(|| called(entry.operation.as_deref()?));
        if let Some(operation) = operation {
            set("operation", about(operation));
            let tree = match &arrived {
                Some(arrived) => tree::of(arrived),
                None => tree::empty(operation),
            };
            set("rows", json!(tree.rows));
            set("problems", json!(tree.problems));
        }
        set("arrived", json!(arrived.is_some()));
        set(
            "body",
            arrived.map_or(Value::Null, |arrived| body(&arrived)),
        );
        json_page(StatusCode::OK, &shown)
    }
}

/// The operation that the log calls `name`, such as `cos.PutObject`.
fn called(name: &str) -> Option<&'static Operation> {
    let (service, name) = name.split_once('.')?;
    let mut catalogs = services::all().iter().map(|service| service.catalog);
    let catalog = catalogs.find(|catalog| catalog.service.name == service)?;
    catalog.operation(name)
}

fn about(operation: &Operation) -> Value {
    json!({
        "name": operation.name,
        "service": operation.service.name,
        "summary": operation.summary,
        "document": operation.document,
        "method": operation.method,
        "path": operation.path,
        "permission": operation.permission,
        "errors": operation.errors,
        "implemented": services::implements(operation),
    })
}

/// The document of a request without its secrets: written anew, since what cannot be read may hold
/// some.
fn body(arrived: &Arrived) -> Value {
    let operation = arrived.operation();
    let Some(bytes) = arrived.document() else {
        return match operation.request_body {
            BodyFormat::Raw => json!({ "note": "Content of objects is not kept." }),
            BodyFormat::Empty => Value::Null,
            _ => json!({ "note": "The document was not read: the request was refused before." }),
        };
    };
    if bytes.is_empty() {
        return Value::Null;
    }
    let text = std::str::from_utf8(bytes).ok();
    let shown = text.and_then(|text| struck::document(operation, text));
    match shown {
        Some(mut text) => {
            let end = text.floor_char_boundary(SHOWN);
            let is_cut = end < text.len();
            text.truncate(end);
            let format = match operation.request_body {
                BodyFormat::Json => "json",
                _ => "xml",
            };
            json!({ "text": text, "format": format, "size": bytes.len(), "cut": is_cut })
        }
        None => json!({
            "note": "The document cannot be read, and is not shown: it may hold secrets.",
            "size": bytes.len(),
        }),
    }
}
