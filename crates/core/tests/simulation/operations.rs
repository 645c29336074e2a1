//! Operations that differ in what the call makes of a failure.

use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Flags, Kind, Structure};

static CI: Service = Service::new("ci", "Cloud Infinite", "", Protocol::Ci);
static MPS: Service = Service::new("mps", "Media Processing", "2019-06-12", Protocol::Tc3);

static REQUEST: Structure = Structure::new("Request", &[]);
static KNOWN_AGAIN: Structure = Structure::new(
    "Request",
    &[Field::new("ClientToken", Kind::Text).with(Flags::IDEMPOTENCY_TOKEN)],
);
pub(crate) static RESPONSE: Structure =
    Structure::new("Response", &[Field::new("State", Kind::Text)]);

const HOST: &str = "ci.{region}.myqcloud.com";
const API: &str = "mps.tencentcloudapi.com";

const fn xml(name: &'static str, method: &'static str) -> Operation {
    Operation::new(&CI, name, method, "/", HOST, &REQUEST, &RESPONSE)
        .response_body(BodyFormat::Xml("Response"))
}

const fn tc3(name: &'static str) -> Operation {
    Operation::new(&MPS, name, "POST", "/", API, &REQUEST, &RESPONSE)
        .request_body(BodyFormat::Json)
        .response_body(BodyFormat::Json)
}

static CREATE: Operation = xml("Create", "POST");
static COPY: Operation = xml("Copy", "PUT").quiet(true);
static DESCRIBE: Operation = xml("Describe", "GET").idempotent(true);
static UPLOAD: Operation = xml("Upload", "PUT")
    .request_body(BodyFormat::Raw)
    .idempotent(true);
static APPEND: Operation = xml("Append", "POST").request_body(BodyFormat::Raw);
static DOWNLOAD: Operation = xml("Download", "GET")
    .response_body(BodyFormat::Raw)
    .idempotent(true);
static RUN: Operation = tc3("Run");
/// What has been done for its token is not done again.
static RUN_ONCE: Operation =
    Operation::new(&MPS, "RunOnce", "POST", "/", API, &KNOWN_AGAIN, &RESPONSE)
        .request_body(BodyFormat::Json)
        .response_body(BodyFormat::Json);
static TASK: Operation = tc3("Task").idempotent(true);

pub(crate) static ALL: [&Operation; 9] = [
    &CREATE, &COPY, &DESCRIBE, &UPLOAD, &APPEND, &DOWNLOAD, &RUN, &RUN_ONCE, &TASK,
];

pub(crate) fn is_raw_answer(operation: &Operation) -> bool {
    operation.response_body == BodyFormat::Raw
}

/// Whether nothing bad happens if a request is sent twice.
pub(crate) fn is_harmless(operation: &Operation) -> bool {
    operation.idempotent || has_token(operation)
}

pub(crate) fn has_token(operation: &Operation) -> bool {
    operation.request == &KNOWN_AGAIN
}

pub(crate) fn is_tc3(operation: &Operation) -> bool {
    operation.service.protocol == Protocol::Tc3
}
