//! Every callback that a document prints is recognised, read without drift, and written again to a
//! document that says the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tcloud_ci::callback::{Callback, parse};
use tcloud_core::codec::{json, xml};
use tcloud_core::node::Node;
use tcloud_core::operation::BodyFormat;
use tcloud_tests::reading::{Tree, read};

/// Where the documents' callbacks depart from their tables: file, node, reason.
const DRIFT: [(&str, &str, &str); 3] = [
    (
        "JobCallback.10.xml",
        "StreamExtract",
        "calls the key of a stream `Output`",
    ),
    (
        "JobCallback.11.json",
        "StreamExtract",
        "calls the key of a stream `Output`",
    ),
    (
        "JobCallback.18.xml",
        "VideoTag",
        "has an empty `VideoTag` beside the operation that holds it",
    ),
];

/// JSON that was made from XML: a list of one says the same as its item, a number as its text.
fn plain(tree: Tree) -> Tree {
    match tree {
        Tree::Json(document) => Tree::Json(plain_value(document)),
        xml @ Tree::Xml(..) => xml,
    }
}

fn plain_value(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop().map_or(Value::Null, plain_value),
        Value::Array(items) => items.into_iter().map(plain_value).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, plain_value(member)))
            .collect(),
        Value::Number(number) => plain_number(&number.to_string()),
        Value::String(text) => plain_number(&text),
        other => other,
    }
}

/// `0`, `0.0` and `"0"` are one number.
fn plain_number(text: &str) -> Value {
    let number: Option<f64> = text.parse().ok();
    Value::String(number.map_or_else(|| text.to_owned(), |it| it.to_string()))
}

/// What a callback holds.
fn content(callback: &Callback) -> Option<&dyn Node> {
    Some(match callback {
        Callback::Job(it) => it.as_ref(),
        Callback::Workflow(it) => it.as_ref(),
        Callback::ImageAuditing(it) => it.as_ref(),
        Callback::VideoAuditing(it) => it.as_ref(),
        Callback::AudioAuditing(it) => it.as_ref(),
        Callback::TextAuditing(it) => it.as_ref(),
        Callback::DocumentAuditing(it) => it.as_ref(),
        Callback::WebpageAuditing(it) => it.as_ref(),
        Callback::AuditingSimple(it) => it.as_ref(),
        _ => return None,
    })
}

#[test]
fn callbacks_of_the_documents_conform_to_their_tables() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/ci/callbacks");
    let mut problems = Vec::new();
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let body = fs::read_to_string(&path).unwrap();
        let received = match parse(&body) {
            Ok(received) => received,
            Err(error) => {
                problems.push(format!("{file}: {error}"));
                continue;
            }
        };
        let Some(node) = content(&received.callback) else {
            problems.push(format!("{file}: this test does not know its kind"));
            continue;
        };
        let name = node.structure().name;
        kinds.insert(name);
        if !file.starts_with(&format!("{name}.")) {
            problems.push(format!("{file}: read as {name}"));
        }
        let told = received
            .drift
            .iter()
            .map(ToString::to_string)
            .filter(|drift| {
                !DRIFT
                    .iter()
                    .any(|(of, at, _)| file == *of && drift.contains(at))
            });
        problems.extend(told.map(|drift| format!("{file}: {drift}")));
        let (format, again) = if body.trim_start().starts_with('{') {
            let again = json::encode(node, json::Style::Typed).unwrap();
            (BodyFormat::Json, again)
        } else {
            let again = xml::encode("Response", node).unwrap();
            (BodyFormat::Xml("Response"), again)
        };
        let [before, after] = [&body, &again].map(|text| read(format, text).unwrap());
        if plain(before) != plain(after) {
            problems.push(format!("{file}: says something else: {again}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(kinds.len() >= 7, "{kinds:?}");
}
