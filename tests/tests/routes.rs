//! A request as the client sends it is one of its own operation and of no other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::{BodyFormat, Catalog, Operation};
use tcloud_core::schema::{Field, Flags, Kind, Place, Structure};
use tcloud_core::server::{Head, route};
use tcloud_core::sign::encode::{decode_path, decode_query};
use tcloud_core::transport::{Memory, Recorded};

/// The JSON of what `structure` requires, of every row if `all`.
fn filled(structure: &'static Structure, all: bool, depth: usize) -> serde_json::Value {
    let fields = structure.fields().iter();
    let wanted = fields.filter(|it| it.place == Place::Body && (it.is_required() || all));
    let members = wanted.filter_map(|field| {
        let value = value(field, all, depth)?;
        let value = if field.is_list() {
            serde_json::Value::Array(vec![value])
        } else {
            value
        };
        Some((field.name.to_owned(), value))
    });
    serde_json::Value::Object(members.collect())
}

/// Something that `field` can hold.
fn value(field: &Field, all: bool, depth: usize) -> Option<serde_json::Value> {
    Some(match field.kind {
        Kind::Structure(inner) if depth < 6 => filled(inner, all, depth + 1),
        Kind::MapOf(inner) if depth < 6 => {
            serde_json::json!({ "x": filled(inner, all, depth + 1) })
        }
        Kind::Structure(_) | Kind::MapOf(_) | Kind::Fixed(_) => return None,
        Kind::Map => serde_json::json!({ "x": "x" }),
        Kind::Boolean => true.into(),
        Kind::Float => 1.5.into(),
        Kind::Any => serde_json::json!({}),
        Kind::Integer => 30.into(),
        _ => text(field).into(),
    })
}

fn text(field: &Field) -> String {
    match field.kind {
        Kind::Enumeration(words) => (*words.first().unwrap()).to_owned(),
        Kind::Timestamp => "2024-05-06T02:11:12Z".to_owned(),
        Kind::Boolean => "true".to_owned(),
        Kind::Integer | Kind::Float => "30".to_owned(),
        _ => "x".to_owned(),
    }
}

/// A request of `operation` with what it requires, or with every row.
fn request(operation: &'static Operation, all: bool) -> Document {
    let mut request = Document::new(operation.request);
    let body = filled(operation.request, all, 0).to_string();
    codec::json::decode(&body, "", &mut request).unwrap();
    for field in operation.request.fields() {
        let outside = field.place != Place::Body && !matches!(field.kind, Kind::Fixed(_));
        // What the client computes or counts is its own.
        let own = field.is_computed() || field.flags.contains(Flags::IDEMPOTENCY_TOKEN);
        let is_needed = field.is_required() || matches!(field.place, Place::Host | Place::Path);
        if outside && !own && is_needed {
            codec::set(&mut request, field.name, &text(field));
        }
    }
    request
}

/// The request of `operation` that leaves the client.
async fn sent(operation: &'static Operation, all: bool) -> Recorded {
    let transport = Memory::answering([(204, "")]);
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("ID", "KEY"))
        .check_limits(false)
        .transport(transport.clone())
        .build()
        .unwrap();
    let body = match operation.request_body {
        BodyFormat::Raw => Body::from("content"),
        _ => Body::empty(),
    };
    let mut output = Document::new(operation.response);
    let call = Client::new(&config);
    let request = request(operation, all);
    // The empty answer is no answer of most; what was sent is what matters.
    let options = CallOptions::new();
    let outcome = call
        .execute(operation, &request, body, &options, &mut output)
        .await;
    let mut sent = transport.requests();
    assert_eq!(sent.len(), 1, "{}: {outcome:?}", operation.name);
    sent.remove(0)
}

fn found(catalog: &'static Catalog, sent: &Recorded) -> String {
    let host = sent.headers.get("host").unwrap().to_str().unwrap();
    let path = decode_path(sent.uri.path()).unwrap();
    let query = decode_query(sent.uri.query().unwrap_or_default()).unwrap();
    let head = Head {
        method: &sent.method,
        host,
        path: &path,
        query: &query,
        headers: Some(&sent.headers),
        action: None,
        version: None,
        body: Some(&sent.body),
    };
    match route(&[catalog], &head) {
        Ok(route) => route.operation.name.to_owned(),
        Err(why) => format!("{why:?}"),
    }
}

async fn assert_routed(catalog: &'static Catalog) {
    let mut wrong = BTreeMap::new();
    for operation in catalog.operations {
        for all in [false, true] {
            let found = found(catalog, &sent(operation, all).await);
            if found != operation.name {
                wrong.insert(operation.name, found);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn each_request_of_object_storage_is_one_of_its_operation() {
    assert_routed(&tcloud_cos::CATALOG).await;
}

#[tokio::test]
async fn each_request_of_cloud_infinite_is_one_of_its_operation() {
    assert_routed(&tcloud_ci::CATALOG).await;
}
