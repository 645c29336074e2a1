//! The spec files as they are written: `api-spec/<service>/`.
//!
//! A row is a row of the document's node table, in its order and its words. What the tables cannot
//! say is on the row beside them. Every type here carries its JSON Schema, so that editors
//! complete and check the files.

mod column;
mod document;
mod encoding;
mod follow;
mod index;
mod job;
mod picture;
mod row;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

pub use self::column::Column;
pub use self::document::Document;
pub use self::encoding::Encoding;
pub use self::follow::{Counted, Paging, PagingRule, Parts, Waiter};
pub use self::index::{IndexEntry, IndexFile};
pub use self::job::Job;
pub use self::picture::{
    PictureFile, PictureForm, PictureParameter, PictureSlot, PictureWord, PictureWords,
    PictureWordsFile,
};
pub use self::row::{Computed, Row, Values};

/// `service.yaml`: what all operations of a service share.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceFile {
    /// Short name: the crate, the command and the folder are called so.
    pub service: String,
    /// The service's own name.
    pub title: String,
    /// What the service is for, in a sentence or two.
    #[serde(default)]
    pub doc: String,
    /// How requests are signed and errors are reported.
    pub protocol: Protocol,
    /// API version (API 3.0 only).
    #[serde(default)]
    pub version: String,
    /// Address of the service's documents. Without it: that of the API explorer (API 3.0 only).
    #[serde(default)]
    pub document: String,
    /// The rows come from the service's own metadata, which knows names and types but no
    /// descriptions: a row without `doc` is not an error.
    #[serde(default)]
    pub imported: bool,
    /// How the lists of the service continue: the first rule that fits an operation which does not
    /// say so itself.
    #[serde(default)]
    pub paging: Vec<PagingRule>,
    /// Nodes of an answer that hold the id of the job which an operation started, the first that the
    /// answer has: what `POST /jobs` starts is described by `GET /jobs/{jobId}`, if that has a
    /// `waiter`. An operation that says so itself (`job`, `several_jobs`) is not asked.
    #[serde(default)]
    pub jobs: Vec<String>,
    /// Labels of host names, such as `bucket`, one row for each. An operation whose `host` names the
    /// label takes it as a required parameter.
    #[serde(default)]
    #[schemars(with = "Vec<Row>")]
    pub host_labels: Vec<Spanned<Row>>,
}

/// A family of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// XML and raw bodies, q-sign.
    Cos,
    /// As `cos`, for Cloud Infinite.
    Ci,
    /// JSON, TC3-HMAC-SHA256.
    Tc3,
}

/// `structures/*.yaml`: structures that several operations use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StructuresFile {
    /// The structures.
    #[schemars(with = "Vec<StructureTable>")]
    pub structures: Vec<Spanned<StructureTable>>,
}

/// A structure with a table of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StructureTable {
    /// Name, as type columns use it.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub doc: String,
    /// A whole message that the service sends to an address of the user, so that no row has it.
    #[serde(default)]
    pub callback: bool,
    /// Its rows. `parent` may be left out for direct children; nested containers name theirs,
    /// starting with the structure's name.
    #[schemars(with = "Vec<Row>")]
    pub rows: Vec<Spanned<Row>>,
}

/// `operations/<name>.yaml`, or `operations/<subject>/<name>.yaml`: one operation.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationFile {
    /// Name in upper camel case.
    #[schemars(with = "String")]
    pub operation: Spanned<String>,
    /// One line: what it does. Without it: the words of the name (API 3.0 only).
    #[serde(default)]
    pub summary: String,
    /// More than the summary says: what to know before calling it.
    #[serde(default)]
    pub doc: String,
    /// Other names by which people look for it, as official SDKs have them: `list_objects`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub alias: Vec<Spanned<String>>,
    /// The document the tables come from. Without it: the API explorer (API 3.0 only).
    #[serde(default)]
    pub document: Document,
    /// That the service is about to drop the operation, or has dropped it.
    #[serde(default)]
    pub status: Option<Status>,
    /// It is called without a signature: its request carries its own proof.
    #[serde(default)]
    pub unsigned: bool,
    /// Permission a sub-account needs.
    #[serde(default)]
    pub permission: String,
    /// Method and path: `PUT /jobs/{jobId}?cancel`. Without it: `POST /` (API 3.0 only).
    #[serde(default = "unplaced")]
    #[schemars(with = "Option<String>")]
    pub http: Spanned<String>,
    /// Host name, with `{region}` and the labels of `service.yaml`. Without it: that of the service
    /// (API 3.0 only).
    #[serde(default)]
    pub host: String,
    /// Whether a second send changes nothing more than the first.
    #[serde(default)]
    pub idempotent: bool,
    /// The header of the request that takes this away unless it is `false`, since what was done is
    /// refused the second time: `x-cos-forbid-overwrite`.
    #[serde(default)]
    pub idempotent_unless: String,
    /// Whether the service works before it begins its answer, for as long as it takes, such as a
    /// copy: the call's `attempt` clock does not run.
    #[serde(default)]
    pub quiet: bool,
    /// What is sent.
    #[serde(default)]
    pub request: Message,
    /// What comes back.
    #[serde(default)]
    pub response: Message,
    /// It answers with a stream of events, or can.
    #[serde(default)]
    pub events: Option<Events>,
    /// That texts of the answer are URL-encoded.
    #[serde(default)]
    pub encoding: Option<Encoding>,
    /// How a list continues.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// How to wait for what the operation describes.
    #[serde(default)]
    pub waiter: Option<Waiter>,
    /// The job that the operation starts.
    #[serde(default)]
    pub job: Option<Job>,
    /// It may start several jobs, so that its answer does not name a single one.
    #[serde(default)]
    pub several_jobs: bool,
    /// Error codes the document lists.
    #[serde(default)]
    pub errors: Vec<String>,
    /// Structures that no other operation uses.
    #[serde(default)]
    #[schemars(with = "Vec<StructureTable>")]
    pub structures: Vec<Spanned<StructureTable>>,
    /// Requests and responses as the document prints them.
    #[serde(default)]
    #[schemars(with = "Vec<Sample>")]
    pub samples: Vec<Spanned<Sample>>,
}

/// A key that the file leaves out has no place in it.
fn unplaced() -> Spanned<String> {
    Spanned::new(String::new(), Location::UNKNOWN, Location::UNKNOWN)
}

/// How far an operation is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It works, and is about to go.
    Deprecated,
    /// The service answers it no longer.
    Offline,
}

/// A request or a response.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Message {
    /// Segments of the path.
    #[schemars(with = "Vec<Row>")]
    pub path: Vec<Spanned<Row>>,
    /// Parameters of the query string.
    #[schemars(with = "Vec<Row>")]
    pub query: Vec<Spanned<Row>>,
    /// Headers. A row of type `Map` takes all headers that start with its name.
    #[schemars(with = "Vec<Row>")]
    pub headers: Vec<Spanned<Row>>,
    /// How the body travels. Without it: by the protocol if there are `rows`, else none.
    pub body: Option<Body>,
    /// Root element of an XML body. Without it: the parent of the first row that has no parent
    /// among the rows.
    pub root: Option<String>,
    /// The rows of the body.
    #[schemars(with = "Vec<Row>")]
    pub rows: Vec<Spanned<Row>>,
}

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// There is none.
    None,
    /// XML.
    Xml,
    /// JSON.
    Json,
    /// Bytes as they are, streamed.
    Raw,
}

/// That an answer comes as a stream of events. Of API 3.0, they are server-sent events, each of them a
/// response; `{}` says no more.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    /// Request parameter that asks for events by `true`. Without it the service decides.
    pub asked_by: Option<String>,
    /// Response node of an event that says what went wrong in the middle of an answer: a container
    /// with `Code`, and `Message` or `Msg`.
    pub error: Option<String>,
    /// They are messages with checksums, in a raw answer (Object Storage only).
    pub messages: bool,
}

/// A request and its response as a document prints them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What it shows.
    pub name: String,
    /// Body of the request.
    #[serde(default)]
    pub request: Option<String>,
    /// Body of the response.
    #[serde(default)]
    pub response: Option<String>,
    /// Where the sample departs from its table: node path and why.
    #[serde(default)]
    pub drift: BTreeMap<String, String>,
}
