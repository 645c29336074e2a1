//! Operations, a client and a clock that the tests share.

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::Manual;
use tcloud_core::error::Error;
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Flags, Kind, Place, Structure};
use tcloud_core::transport::Transport;

static CI: Service = Service::new("ci", "Cloud Infinite", "", Protocol::Ci);
static MPS: Service = Service::new("mps", "Media Processing", "2019-06-12", Protocol::Tc3);

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
pub(crate) static RESPONSE: Structure =
    Structure::new("Response", &[Field::new("State", Kind::Text)]);
pub(crate) static TC3_REQUEST: Structure =
    Structure::new("Request", &[Field::new("TaskId", Kind::Text)]);
pub(crate) static NEW_REQUEST: Structure = Structure::new(
    "Request",
    &[Field::new("x-ci-forbid-overwrite", Kind::Boolean).at(Place::Header)],
);
pub(crate) static EMPTY: Structure = Structure::new("Request", &[]);

const HOST: &str = "{bucket}.ci.{region}.myqcloud.com";

pub(crate) static CREATE: Operation = Operation::new(
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
pub(crate) static DESCRIBE: Operation = Operation::new(
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
pub(crate) static TASK: Operation = Operation::new(
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
pub(crate) static HEAD: Operation = Operation::new(
    &CI,
    "Head",
    "HEAD",
    "/jobs/{key+}",
    HOST,
    &REQUEST,
    &RESPONSE,
)
.idempotent(true);
/// Done twice, it is refused the second time if it must not replace anything.
pub(crate) static PUT_NEW: Operation = Operation::new(
    &CI,
    "PutNew",
    "PUT",
    "/new",
    "ci.{region}.myqcloud.com",
    &NEW_REQUEST,
    &RESPONSE,
)
.response_body(BodyFormat::Xml("Response"))
.idempotent(true)
.idempotent_unless("x-ci-forbid-overwrite");
pub(crate) static PUT: Operation = Operation::new(
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

pub(crate) fn client(transport: impl Transport + 'static, environment: &Manual) -> Client {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE").with_token("TOKENEXAMPLE"))
        .transport(transport)
        .environment(environment.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

pub(crate) fn clock() -> Manual {
    Manual::new(1_700_000_000_000)
}

pub(crate) fn request(fields: &[(&str, &str)]) -> Document {
    let mut document = Document::new(&REQUEST);
    for (name, text) in fields {
        codec::set(&mut document, name, text);
    }
    document
}

pub(crate) fn whole() -> Document {
    request(&[
        ("bucket", "b-1250000000"),
        ("key", "a/图 1.png"),
        ("size", "5"),
        ("x-ci-note", "n"),
        ("Object", "o"),
    ])
}

pub(crate) async fn call(
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

pub(crate) const ANSWER: &str = "<Response><State>Success</State></Response>";

/// Answers with raw bytes.
pub(crate) static GET: Operation = Operation::new(
    &CI,
    "Get",
    "GET",
    "/raw",
    "ci.{region}.myqcloud.com",
    &EMPTY,
    &RESPONSE,
)
.response_body(BodyFormat::Raw)
.idempotent(true);
/// Does its work before it answers.
pub(crate) static COPY: Operation = Operation::new(
    &CI,
    "Copy",
    "PUT",
    "/copy",
    "ci.{region}.myqcloud.com",
    &EMPTY,
    &RESPONSE,
)
.response_body(BodyFormat::Xml("Response"))
.quiet(true);
