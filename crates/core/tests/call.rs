//! A call from its request's fields to its outcome, over a transport in memory and a clock that
//! only moves when someone sleeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::{Endpoint, Site};
use tcloud_core::environment::Manual;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::retry::RetryPolicy;
use tcloud_core::schema::{Field, Flags, Kind, Place, Structure};
use tcloud_core::transport::{Memory, Transport, TransportError};

static CI: Service = Service::new("ci", "Cloud Infinite", "", Protocol::Ci, &[]);
static MPS: Service = Service::new("mps", "Media Processing", "2019-06-12", Protocol::Tc3, &[]);

static REQUEST: Structure = Structure::new(
    "Request",
    &[
        Field::new("bucket", Kind::Text)
            .at(Place::Host)
            .with(Flags::REQUIRED),
        Field::new("key", Kind::Text).at(Place::Path),
        Field::new("size", Kind::Integer).at(Place::Query),
        Field::new("x-ci-note", Kind::Text).at(Place::Header),
        Field::new("Object", Kind::Text).with(Flags::REQUIRED),
        Field::new("x-ci-customer-key", Kind::Text)
            .at(Place::Header)
            .with(Flags::SENSITIVE),
        Field::new("Password", Kind::Text).with(Flags::SENSITIVE),
    ],
);
static RESPONSE: Structure = Structure::new("Response", &[Field::new("State", Kind::Text)]);
static TC3_REQUEST: Structure = Structure::new("Request", &[Field::new("TaskId", Kind::Text)]);
static EMPTY: Structure = Structure::new("Request", &[]);

const HOST: &str = "{bucket}.ci.{region}.myqcloud.com";

static CREATE: Operation = Operation::new(
    &CI,
    "CreateJob",
    "POST",
    "/jobs/{key+}",
    HOST,
    &REQUEST,
    &RESPONSE,
)
.request_body(BodyFormat::Xml("Request"))
.response_body(BodyFormat::Xml("Response"))
.permission("ci:CreateMediaJobs");
static DESCRIBE: Operation = CREATE_IDEMPOTENT;
const CREATE_IDEMPOTENT: Operation = Operation::new(
    &CI,
    "DescribeJob",
    "GET",
    "/jobs/{key+}",
    HOST,
    &REQUEST,
    &RESPONSE,
)
.request_body(BodyFormat::Xml("Request"))
.response_body(BodyFormat::Xml("Response"))
.idempotent(true);
static TASK: Operation = Operation::new(
    &MPS,
    "DescribeTask",
    "POST",
    "/",
    "mps.tencentcloudapi.com",
    &TC3_REQUEST,
    &RESPONSE,
)
.request_body(BodyFormat::Json)
.response_body(BodyFormat::Json)
.idempotent(true);
static PUT: Operation = Operation::new(
    &CI,
    "Put",
    "PUT",
    "/raw",
    "ci.{region}.myqcloud.com",
    &EMPTY,
    &RESPONSE,
)
.request_body(BodyFormat::Raw)
.idempotent(true);

fn client(transport: impl Transport + 'static, environment: &Manual) -> Client {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE").with_token("TOKENEXAMPLE"))
        .transport(transport)
        .environment(environment.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

fn clock() -> Manual {
    Manual::new(1_700_000_000_000)
}

fn request(fields: &[(&str, &str)]) -> Document {
    let mut document = Document::new(&REQUEST);
    for (name, text) in fields {
        codec::set(&mut document, name, text);
    }
    document
}

fn whole() -> Document {
    request(&[
        ("bucket", "b-1250000000"),
        ("key", "a/图 1.png"),
        ("size", "5"),
        ("x-ci-note", "n"),
        ("Object", "o"),
    ])
}

async fn call(
    client: &Client,
    operation: &'static Operation,
    request: &Document,
) -> Result<Document, Error> {
    let mut output = Document::new(&RESPONSE);
    client
        .execute(
            operation,
            request,
            Body::empty(),
            &CallOptions::new(),
            &mut output,
        )
        .await?;
    Ok(output)
}

const ANSWER: &str = "<Response><State>Success</State></Response>";

#[tokio::test]
async fn fields_travel_where_the_table_puts_them() {
    let transport = Memory::answering([(200, ANSWER)]);
    let output = call(&client(transport.clone(), &clock()), &CREATE, &whole())
        .await
        .unwrap();
    assert_eq!(format!("{output:?}"), "Response { State: \"Success\" }");
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(
        sent.uri.to_string(),
        "https://b-1250000000.ci.ap-chongqing.myqcloud.com/jobs/a/%E5%9B%BE%201.png?size=5"
    );
    assert_eq!(
        sent.headers["host"],
        "b-1250000000.ci.ap-chongqing.myqcloud.com"
    );
    assert_eq!(sent.headers["x-ci-note"], "n");
    assert_eq!(sent.headers["x-ci-security-token"], "TOKENEXAMPLE");
    assert_eq!(
        sent.headers["content-length"],
        sent.body.len().to_string().as_str()
    );
    assert_eq!(sent.body, "<Request><Object>o</Object></Request>");
    let authorization = sent.headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains(
            "q-header-list=content-length;content-type;host;x-ci-note;x-ci-security-token"
        )
    );
    assert!(authorization.contains("q-url-param-list=size"));
}

#[tokio::test]
async fn an_endpoint_keeps_the_services_host() {
    let transport = Memory::answering([(200, ANSWER)]);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("a", "b"))
        .transport(transport.clone())
        .endpoint(Endpoint::parse("http://127.0.0.1:9000/").unwrap())
        .build()
        .unwrap();
    call(&Client::new(&config), &CREATE, &whole())
        .await
        .unwrap();
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(sent.uri.authority().unwrap(), "127.0.0.1:9000");
    assert_eq!(sent.uri.scheme_str(), Some("http"));
    assert_eq!(
        sent.headers["host"],
        "b-1250000000.ci.ap-chongqing.myqcloud.com"
    );
}

#[tokio::test]
async fn the_international_site_has_its_own_api_hosts() {
    let transport = Memory::answering([(200, r#"{"Response":{"State":"x"}}"#)]);
    let config = Config::builder()
        .site(Site::International)
        .region("ap-singapore")
        .credentials(Credentials::new("a", "b"))
        .transport(transport.clone())
        .build()
        .unwrap();
    call(&Client::new(&config), &TASK, &Document::new(&TC3_REQUEST))
        .await
        .unwrap();
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(sent.headers["host"], "mps.intl.tencentcloudapi.com");
    assert_eq!(sent.headers["x-tc-action"], "DescribeTask");
    assert_eq!(sent.headers["x-tc-version"], "2019-06-12");
    assert_eq!(sent.headers["x-tc-region"], "ap-singapore");
    assert_eq!(sent.body, "{}");
}

#[tokio::test]
async fn what_is_missing_or_impossible_is_told_before_anything_is_sent() {
    let cases: [(&[(&str, &str)], &str); 5] = [
        (
            &[("key", "k")],
            "CreateJob: required, but not given: bucket, Request.Object; set them; see ",
        ),
        (
            &[("bucket", "evil.com/"), ("key", "k"), ("Object", "o")],
            "CreateJob: \"evil.com/\" cannot be the `bucket` of a host name; use lower-case letters, digits and hyphens only",
        ),
        (
            &[("bucket", "b"), ("Object", "o")],
            "CreateJob: \"\" cannot be the `key` of a path: it is empty",
        ),
        (
            &[("bucket", "b"), ("key", "a/.."), ("Object", "o")],
            "CreateJob: \"a/..\" cannot be the `key` of a path: it ends in a dot segment",
        ),
        (
            &[
                ("bucket", "b"),
                ("key", "k"),
                ("x-ci-note", "a\nb"),
                ("Object", "o"),
            ],
            "CreateJob: the value of `x-ci-note` cannot stand in a header; remove line breaks and control characters",
        ),
    ];
    for (fields, expected) in cases {
        let transport = Memory::answering::<Body>([]);
        let error = call(
            &client(transport.clone(), &clock()),
            &CREATE,
            &request(fields),
        )
        .await
        .unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(!error.was_ever_sent());
        assert!(transport.requests().is_empty());
    }
}

#[tokio::test]
async fn an_xml_refusal_carries_everything_the_service_said() {
    let body = "<Error><Code>AccessDenied</Code><Message>No.</Message><Resource>/x</Resource>\
                <RequestId>Njx</RequestId></Error>";
    let transport = Memory::answering([(403, body)]);
    let error = call(&client(transport, &clock()), &CREATE, &whole())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.code(), Some("AccessDenied"));
    assert_eq!(error.request_id(), Some("Njx"));
    assert_eq!(error.status().map(|s| s.as_u16()), Some(403));
    assert_eq!(
        error.to_string(),
        "CreateJob: AccessDenied: No (HTTP 403, request Njx); if the key lacks the permission ci:CreateMediaJobs, grant it"
    );
}

#[tokio::test]
async fn an_api_refusal_hides_under_status_200() {
    let body = r#"{"Response":{"Error":{"Code":"InvalidParameterValue","Message":"TaskId"},"RequestId":"r-1"}}"#;
    let transport = Memory::answering([(200, body)]);
    let error = call(
        &client(transport, &clock()),
        &TASK,
        &Document::new(&TC3_REQUEST),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    assert_eq!(error.request_id(), Some("r-1"));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_proxys_page_is_not_taken_for_an_answer() {
    for (status, body) in [(502, "<html>Bad gateway</html>"), (404, "")] {
        let transport = Memory::new(move |_| {
            Ok(Response::builder()
                .status(status)
                .body(body.into())
                .unwrap())
        });
        let error = call(&client(transport, &clock()), &CREATE, &whole())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
    }
}

/// Answers the first `failures` requests by `fail`, then well.
fn failing(
    failures: usize,
    fail: impl Fn() -> Result<Response<Body>, TransportError> + Send + Sync + 'static,
) -> (Memory, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let transport = Memory::new(move |_| {
        if seen.fetch_add(1, Ordering::SeqCst) < failures {
            fail()
        } else {
            Ok(Response::new(ANSWER.into()))
        }
    });
    (transport, count)
}

fn status(code: u16, error: &'static str) -> impl Fn() -> Result<Response<Body>, TransportError> {
    move || {
        let body = format!("<Error><Code>{error}</Code><Message>m</Message></Error>");
        Ok(Response::builder().status(code).body(body.into()).unwrap())
    }
}

#[tokio::test]
async fn passing_failures_are_tried_again_if_that_is_harmless() {
    for (operation, code, name, attempts) in [
        (&DESCRIBE, 503, "ServiceUnavailable", 3),
        (&CREATE, 503, "ServiceUnavailable", 1),
        (&CREATE, 503, "SlowDown", 3),
        (&CREATE, 429, "SlowDown", 3),
        (&DESCRIBE, 501, "NotImplemented", 1),
        (&DESCRIBE, 404, "NoSuchKey", 1),
    ] {
        let (transport, count) = failing(2, status(code, name));
        let outcome = call(&client(transport, &clock()), operation, &whole()).await;
        assert_eq!(
            count.load(Ordering::SeqCst),
            attempts,
            "{} {name}",
            operation.name
        );
        assert_eq!(outcome.is_ok(), attempts == 3);
    }
}

#[tokio::test]
async fn broken_connections_are_tried_again_if_nothing_was_sent_or_nothing_can_happen_twice() {
    for (operation, sent, attempts) in [
        (&CREATE, false, 3),
        (&CREATE, true, 1),
        (&DESCRIBE, true, 3),
    ] {
        let fail = move || {
            Err(if sent {
                TransportError::new("reset")
            } else {
                TransportError::unsent("refused")
            })
        };
        let (transport, count) = failing(2, fail);
        let _ = call(&client(transport, &clock()), operation, &whole()).await;
        assert_eq!(count.load(Ordering::SeqCst), attempts);
    }
}

#[tokio::test]
async fn waits_grow_and_are_bounded() {
    let environment = clock();
    let (transport, _) = failing(9, status(503, "SlowDown"));
    let client = client(transport, &environment);
    let options = CallOptions::new()
        .retry(RetryPolicy::default().attempts(10))
        .timeout(Duration::from_secs(600));
    let mut output = Document::new(&RESPONSE);
    client
        .execute(&CREATE, &whole(), Body::empty(), &options, &mut output)
        .await
        .unwrap();
    let slept = environment.slept();
    assert_eq!(slept.len(), 9);
    for (index, pause) in slept.iter().enumerate() {
        let most = Duration::from_millis(200 << index).min(Duration::from_secs(20));
        assert!(*pause <= most, "{pause:?} > {most:?}");
    }
}

#[tokio::test]
async fn a_client_gives_up_retrying_when_all_its_calls_fail() {
    let (transport, count) = failing(usize::MAX, status(503, "SlowDown"));
    let client = client(transport, &clock());
    for _ in 0..200 {
        call(&client, &CREATE, &whole()).await.unwrap_err();
    }
    // 200 first attempts, and what the bucket pays for.
    assert_eq!(count.load(Ordering::SeqCst), 300);
}

#[tokio::test]
async fn a_streamed_body_is_sent_once() {
    let (transport, count) = failing(1, status(503, "SlowDown"));
    let chunks = tokio_stream(vec!["a", "b"]);
    let mut output = Document::new(&RESPONSE);
    let client = client(transport, &clock());
    let outcome = client
        .execute(
            &PUT,
            &Document::new(&EMPTY),
            Body::from_stream(chunks, Some(2)),
            &CallOptions::new(),
            &mut output,
        )
        .await;
    assert!(outcome.unwrap_err().is_retryable());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

fn tokio_stream(
    chunks: Vec<&'static str>,
) -> impl futures_core::Stream<Item = std::io::Result<bytes::Bytes>> + Send {
    struct Chunks(std::vec::IntoIter<&'static str>);
    impl futures_core::Stream for Chunks {
        type Item = std::io::Result<bytes::Bytes>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(
                self.0
                    .next()
                    .map(|chunk| Ok(bytes::Bytes::from_static(chunk.as_bytes()))),
            )
        }
    }
    Chunks(chunks.into_iter())
}

#[tokio::test]
async fn a_wrong_clock_is_healed_once_from_the_date_header() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let transport = Memory::new(move |request| {
        seen.fetch_add(1, Ordering::SeqCst);
        let signed = request.headers["authorization"].to_str().unwrap();
        if signed.contains("q-sign-time=1799999940;") {
            return Ok(Response::new(ANSWER.into()));
        }
        Ok(Response::builder()
            .status(403)
            .header("date", tcloud_core::time::format_http_date(1_800_000_000))
            .body("<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>".into())
            .unwrap())
    });
    let client = client(transport, &clock());
    call(&client, &CREATE, &whole()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    call(&client, &CREATE, &whole()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 3, "the lesson is remembered");
}

#[tokio::test]
async fn a_refused_signature_is_explained() {
    let transport = Memory::new(|_| {
        let theirs = "post\n/jobs/a/other\nsize=5\nhost=b\n";
        let body = format!(
            "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><FormatString>{theirs}</FormatString></Error>"
        );
        Ok(Response::builder().status(403).body(body.into()).unwrap())
    });
    let error = call(&client(transport, &clock()), &CREATE, &whole())
        .await
        .unwrap_err();
    let shown = error.to_string();
    assert!(
        shown.contains("path") && shown.contains("/jobs/a/other"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_deadline_holds() {
    #[derive(Debug)]
    struct Silent;
    impl Transport for Silent {
        fn send(
            &self,
            _: http::Request<Body>,
        ) -> tcloud_core::credentials::BoxFuture<'_, Result<Response<Body>, TransportError>>
        {
            Box::pin(std::future::pending())
        }
    }
    let error = call(&client(Silent, &clock()), &CREATE, &whole())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.was_ever_sent());
    assert!(
        error
            .to_string()
            .starts_with("CreateJob: no answer within 60 s"),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let client = client(Memory::answering([(200, ANSWER)]), &clock());
    let mut request = whole();
    codec::set(&mut request, "x-ci-customer-key", "KEYEXAMPLE");
    codec::set(&mut request, "Password", "PASSWORDEXAMPLE");
    let options = CallOptions::new();
    let signed = client
        .sign(&CREATE, &request, Body::empty(), &options)
        .await
        .unwrap();
    let api = client
        .sign(&TASK, &Document::new(&TC3_REQUEST), Body::empty(), &options)
        .await
        .unwrap();
    let signature_of = |text: &str| text.rsplit('=').next().unwrap().to_owned();
    let signatures = [&signed, &api]
        .map(|signed| signature_of(signed.http().headers()["authorization"].to_str().unwrap()));
    let secrets = [
        "SECRETEXAMPLE",
        "TOKENEXAMPLE",
        "KEYEXAMPLE",
        "PASSWORDEXAMPLE",
        signatures[0].as_str(),
        signatures[1].as_str(),
    ];
    for shown in [
        format!("{client:?}"),
        format!("{signed:?}"),
        signed.to_string(),
        format!("{:?}", signed.http()),
        format!("{api:?}"),
        format!("{:?}", api.http()),
    ] {
        for secret in secrets {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    assert!(
        signed
            .to_string()
            .ends_with("<Request><Object>o</Object><Password>(secret)</Password></Request>")
    );
}
