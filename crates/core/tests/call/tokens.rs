//! Tokens by which a service knows a request again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::{Environment, Manual};
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::schema::{Field, Flags, Kind, Place, Structure};
use tcloud_core::transport::{Memory, Recorded, TransportError};

use crate::fixture::{ANSWER, CREATE, RESPONSE, TASK, clock};

const fn token(name: &'static str) -> Field {
    Field::new(name, Kind::Text).with(Flags::IDEMPOTENCY_TOKEN)
}

static IN_BODY: Structure = Structure::new(
    "Request",
    &[Field::new("Name", Kind::Text), token("ClientToken")],
);
static IN_QUERY: Structure = Structure::new("Request", &[token("token").at(Place::Query)]);
static IN_HEADER: Structure = Structure::new("Request", &[token("x-ci-token").at(Place::Header)]);

const fn storage(request: &'static Structure) -> Operation {
    let host = "ci.{region}.myqcloud.com";
    Operation::new(CREATE.service, "Run", "POST", "/", host, request, &RESPONSE)
        .response_body(BodyFormat::Xml("Response"))
}

static BODY: Operation = Operation::new(
    TASK.service,
    "Run",
    "POST",
    "/",
    "mps.tencentcloudapi.com",
    &IN_BODY,
    &RESPONSE,
)
.request_body(BodyFormat::Json)
.response_body(BodyFormat::Json);
static XML: Operation = storage(&IN_BODY).request_body(BodyFormat::Xml("Request"));
static QUERY: Operation = storage(&IN_QUERY);
static HEADER: Operation = storage(&IN_HEADER);

/// A clock that needs no time, with numbers that do not come again.
#[derive(Debug)]
struct Counting(Manual, AtomicU64);

impl Environment for Counting {
    fn now(&self) -> i64 {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn random(&self) -> u64 {
        self.1.fetch_add(1, Ordering::SeqCst)
    }
}

/// What is sent by two calls of `operation`, each of whose first attempts is lost.
async fn sent(operation: &'static Operation, given: &[(&str, &str)]) -> Vec<Recorded> {
    let tried = AtomicU64::new(0);
    let answer = if operation.request_body == BodyFormat::Json {
        r#"{"Response":{"State":"Success","RequestId":"r"}}"#
    } else {
        ANSWER
    };
    let transport = Memory::new(move |_| {
        if tried.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            return Err(TransportError::new("reset"));
        }
        Ok(Response::new(answer.into()))
    });
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("ID", "KEY"))
        .transport(transport.clone())
        .environment(Counting(clock(), AtomicU64::new(7)))
        .build()
        .unwrap();
    let client = Client::new(&config);
    let mut request = Document::new(operation.request);
    for (name, text) in given {
        codec::set(&mut request, name, text);
    }
    for _ in 0..2 {
        let mut output = Document::new(&RESPONSE);
        let options = CallOptions::new();
        client
            .execute(operation, &request, Body::empty(), &options, &mut output)
            .await
            .unwrap();
    }
    transport.requests()
}

fn in_body(request: &Recorded) -> String {
    String::from_utf8(request.body.to_vec()).unwrap()
}

/// Where a request has its token.
type Find = fn(&Recorded) -> String;

#[tokio::test]
async fn a_call_has_a_token_of_its_own_in_all_its_attempts() {
    let places: [(_, Find); 3] = [
        (&BODY, in_body),
        (&QUERY, |it| it.uri.query().unwrap().to_owned()),
        (&HEADER, |it| {
            it.headers["x-ci-token"].to_str().unwrap().to_owned()
        }),
    ];
    for (operation, place) in places {
        let sent: Vec<_> = sent(operation, &[]).await.iter().map(place).collect();
        let [a, b, c, d] = sent.try_into().unwrap();
        assert_eq!((&a, &c), (&b, &d));
        assert_ne!(a, c);
        let digits = a.rsplit(['=', ':']).next().unwrap();
        let digits = digits.trim_matches(['"', '}']);
        assert_eq!(digits.len(), 32, "{a}");
    }
}

#[tokio::test]
async fn a_token_stands_beside_what_is_given() {
    let sent = sent(&BODY, &[("Name", "n")]).await;
    for request in &sent {
        let value: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(value["Name"], "n");
        assert_eq!(value["ClientToken"].as_str().map(str::len), Some(32));
        assert_eq!(value.as_object().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_token_is_an_element_of_an_xml_document() {
    for request in sent(&XML, &[("Name", "n")]).await {
        let text = in_body(&request);
        let start = "<Request><ClientToken>";
        let rest = text.strip_prefix(start).expect(&text);
        let (token, rest) = rest.split_at(32);
        assert!(token.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert_eq!(rest, "</ClientToken><Name>n</Name></Request>");
    }
    for request in sent(&XML, &[("ClientToken", "mine")]).await {
        let expected = "<Request><ClientToken>mine</ClientToken></Request>";
        assert_eq!(in_body(&request), expected);
    }
}

#[tokio::test]
async fn a_token_that_is_given_is_kept() {
    for request in sent(&BODY, &[("ClientToken", "mine")]).await {
        assert_eq!(in_body(&request), r#"{"ClientToken":"mine"}"#);
    }
    for request in sent(&QUERY, &[("token", "mine")]).await {
        assert_eq!(request.uri.query(), Some("token=mine"));
    }
}
