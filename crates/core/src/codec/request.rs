//! A request that is known only by its table, from JSON.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CodecError, Document, Drift, DriftKind, fill_headers, fill_labels, fill_query, json};
use crate::schema::{Place, Structure};

/// The request of the table `structure` that the JSON object `text` describes, and where it departs
/// from the table. All nodes have their own names, wherever they go: into the path, the query, a header
/// or the body. What goes outside the body may be a list, which is written with commas, and a family
/// of headers such as `x-cos-meta-` is an object.
///
/// What is missing is no departure: [`check`](super::check) finds that.
///
/// # Errors
/// It is not a JSON object, or exceeds the bounds of documents.
pub fn request(
    structure: &'static Structure,
    text: &str,
) -> Result<(Document, Vec<Drift>), CodecError> {
    let mut document = Document::new(structure);
    let (mut labels, mut query, mut headers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut rest = text.to_owned();
    if let Ok(Value::Object(mut map)) = serde_json::from_str(text) {
        for field in structure.fields() {
            let texts = match field.place {
                Place::Host | Place::Path => &mut labels,
                Place::Query => &mut query,
                Place::Header => &mut headers,
                _ => continue,
            };
            match map.remove(field.name) {
                None | Some(Value::Null) => {}
                Some(Value::Object(pairs)) => {
                    for (name, value) in pairs {
                        texts.insert(format!("{}{name}", field.name), plain(value));
                    }
                }
                Some(value) => {
                    texts.insert(field.name.to_owned(), plain(value));
                }
            }
        }
        rest = Value::Object(map).to_string();
    }
    let mut drift = json::decode(&rest, "", &mut document)?;
    drift.extend(fill_labels(&mut document, pairs(&labels)));
    drift.extend(fill_query(&mut document, pairs(&query)));
    drift.extend(fill_headers(&mut document, pairs(&headers)));
    drift.retain(|departure| departure.kind != DriftKind::Missing);
    Ok((document, drift))
}

fn pairs(texts: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
}

/// A value as it is written outside the body; a list has commas.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(items) => items.into_iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
