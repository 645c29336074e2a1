//! Every operation of the tables has a route: what is listed as implemented does something, and
//! what is not built says so by its name.

use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::schema::{Kind, Place};
use tcloud_local::{AuthMode, Settings, implements};

use crate::fixture::{BUCKET, Fixture, REGION};

/// The host, the target and the body of a request of `operation`, as short as it can be.
fn request(operation: &Operation) -> (String, String, String) {
    let host = operation
        .host
        .replace("{bucket}", BUCKET)
        .replace("{region}", REGION)
        .replace("{uin}", "100000000001");
    let path: Vec<_> = operation
        .path
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "x"
            } else {
                segment
            }
        })
        .collect();
    let mut query: Vec<_> = operation
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut body = String::new();
    for field in operation.request.fields() {
        match (field.kind, field.place) {
            (Kind::Fixed(text), Place::Body) => {
                body = format!("{body}<{0}>{text}</{0}>", field.name);
            }
            (Kind::Fixed(text), Place::Query) => query.push(format!("{}={text}", field.name)),
            (_, Place::Query) if field.is_required() => query.push(format!("{}=1", field.name)),
            _ => {}
        }
    }
    if let BodyFormat::Xml(root) = operation.request_body {
        body = format!("<{root}>{body}</{root}>");
    }
    let target = format!("{}?{}", path.join("/"), query.join("&"));
    (host, target, body)
}

/// The headers without which it would be another operation's request.
fn headers(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let fields = operation.request.fields().iter();
    let headers = fields.filter(|it| it.place == Place::Header);
    headers
        .filter_map(|it| match it.kind {
            Kind::Fixed(text) => Some((it.name, text)),
            _ => it.is_required().then_some((it.name, "x")),
        })
        .collect()
}

/// `tcloud local --list` shows what `implements` says.
#[tokio::test]
async fn what_is_listed_is_done_and_everything_else_says_so_by_its_name() {
    let settings = Settings::default().auth(AuthMode::Off).workers(0);
    let fixture = Fixture::ready(settings).await;
    let mut wrong = Vec::new();
    let catalogs = [&tcloud_ci::CATALOG, &tcloud_cos::CATALOG];
    for operation in catalogs.iter().flat_map(|catalog| catalog.operations) {
        let (host, target, body) = request(operation);
        let answer = fixture
            .raw_to(&host, operation.method, &target, &body, &headers(operation))
            .await;
        let expected = format!("{} is not implemented", operation.name);
        let refused = answer.0 == 501;
        let named = operation.method == "HEAD" || answer.1.contains(&expected);
        let right = if implements(operation) {
            !refused
        } else {
            refused && named
        };
        if !right {
            wrong.push(format!(
                "{}: {} {host}{target} {body}\n  {answer:?}",
                operation.name, operation.method
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
