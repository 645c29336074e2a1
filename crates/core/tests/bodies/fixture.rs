//! Operations that move bodies, a client, and streams.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, Response};
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::error::Error;
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::retry::RetryPolicy;
use tcloud_core::schema::{Field, Flags, Kind, Place, Structure};
use tcloud_core::transport::Transport;

static COS: Service = Service::new("cos", "Object Storage", "", Protocol::Cos);
const HOST: &str = "b-1250000000.cos.{region}.myqcloud.com";
pub(crate) const CRC64: &str = "x-cos-hash-crc64ecma";

static UPLOAD: Structure = Structure::new(
    "Upload",
    &[
        Field::new("Content-Type", Kind::Text).at(Place::Header),
        Field::new("Content-MD5", Kind::Text).at(Place::Header),
    ],
);
static DOWNLOAD: Structure = Structure::new(
    "Download",
    &[Field::new("Range", Kind::Text).at(Place::Header)],
);
static OBJECT: Structure = Structure::new(
    "Object",
    &[Field::new("x-cos-hash-crc64ecma", Kind::Text).at(Place::Header)],
);
static RESULT: Structure = Structure::new("Result", &[]);
static OPTIONAL: Structure = Structure::new(
    "Optional",
    &[Field::new("Content-MD5", Kind::Text)
        .at(Place::Header)
        .with(Flags::MD5)],
);
static REQUIRED: Structure = Structure::new(
    "Required",
    &[
        Field::new("Content-MD5", Kind::Text)
            .at(Place::Header)
            .with(Flags::MD5.or(Flags::REQUIRED)),
        Field::new("Tag", Kind::Text),
    ],
);

/// Stores an object; the answer has its checksum.
pub(crate) static PUT: Operation =
    Operation::new(&COS, "Put", "PUT", "/object", HOST, &UPLOAD, &OBJECT)
        .request_body(BodyFormat::Raw)
        .idempotent(true);
/// Stores an object, not twice.
pub(crate) static PUT_ONCE: Operation =
    Operation::new(&COS, "PutOnce", "PUT", "/object", HOST, &UPLOAD, &OBJECT)
        .request_body(BodyFormat::Raw);
/// Stores an object and processes it: the table says nothing of a checksum.
pub(crate) static PROCESS: Operation =
    Operation::new(&COS, "Process", "PUT", "/object", HOST, &UPLOAD, &RESULT)
        .request_body(BodyFormat::Raw)
        .idempotent(true);
/// Adds to an object; the answer has the checksum of the whole.
pub(crate) static APPEND: Operation =
    Operation::new(&COS, "Append", "POST", "/object", HOST, &UPLOAD, &OBJECT)
        .request_body(BodyFormat::Raw);
/// Reads an object.
pub(crate) static GET: Operation =
    Operation::new(&COS, "Get", "GET", "/object", HOST, &DOWNLOAD, &OBJECT)
        .response_body(BodyFormat::Raw)
        .idempotent(true);
/// A digest is computed if it can be.
pub(crate) static DIGEST: Operation =
    Operation::new(&COS, "Digest", "PUT", "/object", HOST, &OPTIONAL, &RESULT)
        .request_body(BodyFormat::Raw);
/// A digest has to be there.
pub(crate) static DIGEST_REQUIRED: Operation =
    Operation::new(&COS, "Required", "PUT", "/object", HOST, &REQUIRED, &RESULT)
        .request_body(BodyFormat::Raw);
/// The same of a document.
pub(crate) static DIGEST_OF_DOCUMENT: Operation =
    Operation::new(&COS, "Document", "PUT", "/?tags", HOST, &REQUIRED, &RESULT)
        .request_body(BodyFormat::Xml("Tags"));
/// API 3.0 signs what it sends.
pub(crate) static TC3: Operation = {
    static MPS: Service = Service::new("mps", "Media Processing", "2019-06-12", Protocol::Tc3);
    Operation::new(
        &MPS,
        "Raw",
        "POST",
        "/",
        "mps.tencentcloudapi.com",
        &UPLOAD,
        &RESULT,
    )
    .request_body(BodyFormat::Raw)
};

pub(crate) fn config(transport: impl Transport + 'static) -> ConfigBuilder {
    let mut policy = RetryPolicy::default();
    policy.base = Duration::ZERO;
    Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .retry(policy)
        .transport(transport)
}

pub(crate) fn client(transport: impl Transport + 'static) -> Client {
    Client::new(&config(transport).build().unwrap())
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) body: Body,
    pub(crate) attempts: u32,
}

/// Calls `operation` with the `named` headers and nodes.
pub(crate) async fn call_with(
    client: &Client,
    operation: &'static Operation,
    named: &[(&str, &str)],
    body: impl Into<Body>,
    options: CallOptions,
) -> Result<Came, Error> {
    let mut request = Document::new(operation.request);
    for (name, value) in named {
        codec::set(&mut request, name, value);
    }
    let mut output = Document::new(operation.response);
    let reply = client
        .execute(operation, &request, body.into(), &options, &mut output)
        .await?;
    Ok(Came {
        attempts: reply.attempts(),
        body: reply.into_body(),
    })
}

pub(crate) async fn call(
    client: &Client,
    operation: &'static Operation,
    body: impl Into<Body>,
) -> Result<Came, Error> {
    call_with(client, operation, &[], body, CallOptions::new()).await
}

/// An answer of 200 with `named` headers.
pub(crate) fn answer(named: &[(&'static str, &str)], body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in named {
        headers.insert(*name, value.parse().unwrap());
    }
    response
}

/// Chunks, one after the other, and then perhaps an error.
pub(crate) struct Chunks(pub(crate) VecDeque<io::Result<Bytes>>);

impl Chunks {
    pub(crate) fn of(texts: &[&'static str]) -> Self {
        let chunk = |text: &&'static str| Ok(Bytes::from_static(text.as_bytes()));
        Self(texts.iter().map(chunk).collect())
    }

    pub(crate) fn failing(texts: &[&'static str], error: &'static str) -> Self {
        let mut chunks = Self::of(texts);
        chunks.0.push_back(Err(io::Error::other(error)));
        chunks
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}
