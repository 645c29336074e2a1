//! Every callback that a document prints is told apart, read without drift, and written again to a
//! document that says the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use tcloud_ci::callback::{Callback, parse};
use tcloud_core::codec::{json, xml};
use tcloud_core::node::Node;
use tcloud_core::operation::BodyFormat;
use tcloud_tests::reading::read;

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
        problems.extend(
            received
                .drift
                .iter()
                .map(|drift| format!("{file}: {drift}")),
        );
        let (format, again) = if body.trim_start().starts_with('{') {
            let again = json::encode(node, json::Style::Typed).unwrap();
            (BodyFormat::Json, again)
        } else {
            let again = xml::encode("Response", node).unwrap();
            (BodyFormat::Xml("Response"), again)
        };
        let [before, after] = [&body, &again].map(|text| read(format, text).unwrap());
        if before != after {
            problems.push(format!("{file}: says something else: {again}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(kinds.len() >= 7, "{kinds:?}");
}
