//! What `tracing` is told of calls, and that no secret is in it.

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Response;
use tcloud_core::call::CallOptions;
use tcloud_core::codec::Document;
use tcloud_core::transport::{Memory, Recorded, TransportError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::fixture::{ANSWER, DESCRIBE, TASK, TC3_REQUEST, call, client, clock, request};

/// Collects all spans, fields and events, from all targets and of all levels.
#[derive(Clone, Default)]
struct Collector {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Collector {
    fn note(&self, head: String, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(head);
        record(&mut fields);
        self.lines.lock().unwrap().push(fields.0);
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.spans.fetch_add(1, Ordering::SeqCst) + 1;
        let parent = span.parent().map(Id::into_u64);
        let head = format!("{id} {} in {parent:?}:", span.metadata().name());
        self.note(head, |fields| span.record(fields));
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.note(format!("{}:", span.into_u64()), |fields| {
            values.record(fields);
        });
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note("event:".to_owned(), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_and_its_attempts_are_spans() {
    let count = AtomicUsize::new(0);
    let transport = Memory::new(move |_| {
        let (status, body) = match count.fetch_add(1, Ordering::SeqCst) {
            0 => (
                503,
                "<Error><Code>SlowDown</Code><Message>m</Message></Error>",
            ),
            _ => (200, ANSWER),
        };
        let answer = Response::builder().status(status);
        Ok(answer
            .header("x-ci-request-id", "r-1")
            .body(body.into())
            .unwrap())
    });
    let collector = Collector::default();
    let guard = tracing::subscriber::set_default(collector.clone());
    call(&client(transport, &clock()), &DESCRIBE, &secret())
        .await
        .unwrap();
    drop(guard);
    let text = collector.text();
    let regions = text.matches("region=").count();
    assert_eq!(regions, 1, "a field is recorded once: {text}");
    for expected in [
        r#"1 tcloud.call in None: service="ci" operation="DescribeJob""#,
        r#"1: bucket="b-1250000000""#,
        r#"1: region="ap-chongqing""#,
        r#"2 tcloud.attempt in Some(1): number=1 host="b-1250000000.ci.ap-chongqing.myqcloud.com""#,
        "2: status=503",
        r#"2: request_id="r-1""#,
        "2: received=56",
        r#"2: outcome="Service SlowDown""#,
        "3 tcloud.attempt in Some(1): number=2",
        "3: status=200",
        r#"3: outcome="success""#,
        "1: attempts=2",
        "1: duration_ms=",
        r#"1: outcome="success""#,
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

/// A request with values that nobody should read.
fn secret() -> Document {
    request(&[
        ("bucket", "b-1250000000"),
        ("key", "a.png"),
        ("Object", "o"),
        ("x-ci-customer-key", "CUSTOMERKEY"),
        ("Password", "PASSWORD"),
    ])
}

/// What a service, or a proxy, may repeat of what was sent: all of it.
fn echo(request: &Recorded) -> String {
    let mut text = request.uri.to_string();
    for (name, value) in &request.headers {
        // As it travelled: what is marked as a secret, too.
        let value = String::from_utf8_lossy(value.as_bytes());
        writeln!(text, "{name}: {value}").unwrap();
    }
    text + &String::from_utf8_lossy(&request.body)
}

#[tokio::test]
async fn no_secret_reaches_a_span_whatever_is_answered() {
    type Answer = fn(&Recorded) -> Result<Response<tcloud_core::body::Body>, TransportError>;
    let answers: [Answer; 4] = [
        |_| Ok(Response::new(ANSWER.into())),
        |request| {
            let body = format!("<html>{}</html>", echo(request));
            Ok(Response::builder().status(403).body(body.into()).unwrap())
        },
        |request| {
            let text = echo(request).replace(['<', '&'], " ");
            let body = format!(
                "<Error><Code>SignatureDoesNotMatch</Code><Message>{text}</Message>\
                 <StringToSign>{text}</StringToSign><FormatString>{text}</FormatString></Error>"
            );
            Ok(Response::builder().status(403).body(body.into()).unwrap())
        },
        |request| Err(TransportError::new(echo(request))),
    ];
    let collector = Collector::default();
    let guard = tracing::subscriber::set_default(collector.clone());
    let mut signatures = Vec::new();
    let mut echoed = false;
    for answer in answers {
        let transport = Memory::new(answer);
        let client = client(transport.clone(), &clock());
        let _ = call(&client, &DESCRIBE, &secret()).await;
        let _ = call(&client, &TASK, &Document::new(&TC3_REQUEST)).await;
        let url = client
            .presign(
                &DESCRIBE,
                &secret(),
                &CallOptions::new(),
                Duration::from_secs(60),
            )
            .await
            .unwrap();
        let (_, signature) = url.url().split_once("q-signature=").unwrap();
        signatures.push(signature.split('&').next().unwrap().to_owned());
        for request in transport.requests() {
            let authorization = request.headers["authorization"].to_str().unwrap();
            let (_, signature) = authorization.rsplit_once("ignature=").unwrap();
            signatures.push(signature.to_owned());
            let text = echo(&request);
            echoed |= [
                "AKIDEXAMPLE",
                "TOKENEXAMPLE",
                "CUSTOMERKEY",
                "PASSWORD",
                signature,
            ]
            .iter()
            .all(|secret| text.contains(secret));
        }
    }
    drop(guard);
    assert!(echoed, "the material has secrets");
    let text = collector.text();
    assert!(text.matches("tcloud.call").count() >= 8, "{text}");
    assert!(text.matches("tcloud.attempt").count() >= 8, "{text}");
    assert!(signatures.len() >= 12);
    let known = ["AKIDEXAMPLE", "SECRETEXAMPLE", "TOKENEXAMPLE"];
    let fields = [
        "CUSTOMERKEY",
        "PASSWORD",
        "q-sign",
        "q-ak",
        "TC3-HMAC",
        "https://",
    ];
    let signatures = signatures.iter().map(String::as_str);
    for secret in known.into_iter().chain(fields).chain(signatures) {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}
