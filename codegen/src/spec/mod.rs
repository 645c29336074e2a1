//! The spec files as they are written: `api-spec/<service>/`.
//!
//! A row is a row of the document's node table, in its order and its words. What the tables cannot
//! say stands on the row beside them. Every type here carries its JSON Schema, so that editors
//! complete and check the files.

mod column;
mod document;
mod encoding;
mod job;
mod picture;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

pub use self::column::Column;
pub use self::document::Document;
pub use self::encoding::Encoding;
pub use self::job::Job;
pub use self::picture::{
    PictureFile, PictureForm, PictureParameter, PictureSlot, PictureWord, PictureWords,
    PictureWordsFile,
};
use crate::words::Type;

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
    /// How requests are signed and errors told.
    pub protocol: Protocol,
    /// API version (API 3.0 only).
    #[serde(default)]
    pub version: String,
    /// Address of the service's documents. Without it: that of the API explorer (API 3.0 only).
    #[serde(default)]
    pub document: String,
    /// The rows come from the service's own metadata, which knows names and types but no
    /// descriptions: a row without `doc` is no fault.
    #[serde(default)]
    pub imported: bool,
    /// How the lists of the service go on: the first rule that fits an operation which does not say
    /// so itself.
    #[serde(default)]
    pub paging: Vec<PagingRule>,
    /// Nodes of an answer that hold the id of the job which an operation started, the first that the
    /// answer has: what `POST /jobs` starts is described by `GET /jobs/{jobId}`, if that has a
    /// `waiter`. An operation that says so itself (`job`, `several_jobs`) is not asked.
    #[serde(default)]
    pub jobs: Vec<String>,
    /// Labels of host names, such as `bucket`: a row each. An operation whose `host` names the
    /// label takes it as a required parameter.
    #[serde(default)]
    #[schemars(with = "Vec<Row>")]
    pub host_labels: Vec<Spanned<Row>>,
}

/// `index.yaml`: what the documents and the official SDKs of a service know, so that what the
/// tables lack is seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexFile {
    /// The documents.
    pub documents: Vec<IndexEntry>,
    /// The functions of an official SDK.
    #[serde(default)]
    pub functions: Vec<IndexEntry>,
}

/// A document or a function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexEntry {
    /// Title of the document, or name of the function.
    pub name: String,
    /// Method, path and query as it has them.
    #[serde(default)]
    pub http: Option<String>,
    /// Kind of work that the body names.
    #[serde(default)]
    pub tag: Option<String>,
    /// The operation or structure that answers it, where the route does not tell.
    #[serde(default)]
    pub by: Option<String>,
    /// Why nothing answers it.
    #[serde(default)]
    pub reason: Option<String>,
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
    /// It answers with server-sent events, or can (API 3.0 only).
    #[serde(default)]
    pub events: Option<Events>,
    /// That texts of the answer are URL-encoded.
    #[serde(default)]
    pub encoding: Option<Encoding>,
    /// How a list goes on.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// How to wait for what the operation describes.
    #[serde(default)]
    pub waiter: Option<Waiter>,
    /// The job that the operation starts.
    #[serde(default)]
    pub job: Option<Job>,
    /// It may start several jobs, so that its answer is no place to look for the one.
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

/// A row of a node table.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["name", "type", "doc"]))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark of its own in the table"
)]
pub struct Row {
    /// Name of the node, as it travels.
    pub name: String,
    /// The containers it stands in, from the root: `Request.Operation`.
    pub parent: String,
    /// Type in the document's words: `String`, `Int`, `Container`, `Container array`, the name of
    /// a structure, …
    #[serde(rename = "type")]
    #[schemars(with = "String")]
    pub kind: Column,
    /// Whether the document requires it.
    pub required: bool,
    /// Whether an answer may hold `null` for it (API 3.0 only).
    pub nullable: bool,
    /// Whether an answer may leave out what a request must have (API 3.0 only).
    pub omittable: bool,
    /// What the service assumes without it.
    pub default: Option<String>,
    /// The words it may hold; more may come, so the generated enum is open.
    pub values: Option<Values>,
    /// Smallest and largest number: `[0, 2]`; `null` for an open end.
    pub range: Option<[Option<i64>; 2]>,
    /// Most characters of the text.
    pub max_length: Option<u32>,
    /// The text that documents write for "no value", which words, range and length do not bind:
    /// `"0"` for a size that is not set.
    pub unset: Option<String>,
    /// What it is, in our words.
    pub doc: String,

    /// What the text really is (`Boolean`, `Int`, `Timestamp`), where the document's type column
    /// only says how it travels.
    #[serde(rename = "as")]
    #[schemars(with = "Option<String>")]
    pub really: Option<Column>,
    /// The text it always has.
    pub fixed: Option<String>,
    /// What whoever sends the request computes for it from the body, unless the caller sets it. A
    /// header that is required is no argument of the request then.
    pub computed: Option<Computed>,
    /// That the service does what it has done for the same text only once (`ClientToken`): the call
    /// sets one, if none is set, and the operation can be tried again.
    pub idempotency_token: bool,
    /// That the text is URL-encoded if the answer tells so by the nodes of the operation's
    /// `encoding`.
    pub url_encoded: bool,
    /// Name of the enum made from `values`. Without it: container and node.
    #[serde(rename = "enum")]
    pub enumeration: Option<String>,
    /// Publishes this container as a structure of the service, so that other tables can name it as
    /// a type.
    pub structure: Option<String>,
    /// Name of the field in Rust, where the node's own would mislead.
    pub rename: Option<String>,
    /// Sets the rows of this container by methods of the request itself.
    pub lift: bool,
    /// A secret: never shown.
    pub sensitive: bool,
    /// An attribute of the XML element.
    pub attribute: bool,
    /// The text of the XML element itself: `<Status>on</Status>` as a whole document.
    pub content: bool,
    /// Deprecated by the service.
    pub deprecated: bool,
    /// Why this row differs from the document's.
    pub fix: Option<String>,
}

impl Row {
    /// The type, which is what the text really is where the row says so, and whether there is a
    /// list of it.
    pub(crate) fn typed(&self) -> (Type<'_>, bool) {
        let (travels, list) = self.kind.read();
        match &self.really {
            Some(really) => (really.read().0, list),
            None => (travels, list),
        }
    }
}

/// What is computed from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Computed {
    /// The MD5 digest in Base64, as `Content-MD5` has it.
    Md5,
}

/// Words, with or without a description each.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a list of words, or a map of words and their meanings"
)]
pub enum Values {
    /// Words that explain themselves.
    Plain(Vec<String>),
    /// Words with their meaning.
    Described(BTreeMap<String, String>),
}

/// That an answer comes as server-sent events, each of them a response. `{}` says no more.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    /// Request parameter that asks for events by `true`. Without it the service decides.
    pub asked_by: Option<String>,
    /// Response node of an event that says what went wrong in the middle of an answer: a container
    /// with `Code`, and `Message` or `Msg`.
    pub error: Option<String>,
}

/// How a list goes on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Request parameter that names the next page.
    pub input: String,
    /// Response node with its value; without it the parameter is a number that counts up.
    pub output: Option<String>,
    /// Further request parameters that name the next page, each with the response node that has its
    /// value: `version-id-marker: NextVersionIdMarker`.
    #[serde(default)]
    pub also: BTreeMap<String, String>,
    /// What such a number counts.
    #[serde(default)]
    pub by: Counted,
    /// Response node that says whether there is more (`true`).
    pub more: Option<String>,
    /// Response node with the number of items in all, for page numbers.
    pub total: Option<String>,
    /// Response node that holds the items.
    pub items: String,
}

/// How lists of a service go on: fits an operation whose request has the parameter and whose
/// response has the node and one list alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagingRule {
    /// Request parameter that names the next page.
    pub input: String,
    /// Response node with its value; without it the parameter is a number that counts up.
    #[serde(default)]
    pub output: Option<String>,
    /// What such a number counts.
    #[serde(default)]
    pub by: Counted,
    /// Response nodes with the number of items in all; the first that the response has counts.
    #[serde(default)]
    pub total: Vec<String>,
}

/// What the number that asks for the next page counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// Pages, from 1.
    #[default]
    Pages,
    /// The items before the page, from 0.
    Items,
}

/// How to wait for a job.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiter {
    /// Name of the client's method: `wait_job`.
    pub name: String,
    /// Response node with the state; the first item of a list counts.
    pub state: String,
    /// States that end the wait well.
    pub success: Vec<String>,
    /// States that end it badly.
    #[serde(default)]
    pub failure: Vec<String>,
    /// Response node with the error's code; with `success` a code other than `ok` means failure.
    #[serde(default)]
    pub code: Option<String>,
    /// The codes that mean no error.
    #[serde(default)]
    pub ok: Vec<String>,
    /// Response node with the error's message.
    #[serde(default)]
    pub message: Option<String>,
    /// How the parts of a job tell that they failed, where the job as a whole does not.
    #[serde(default)]
    pub parts: Option<Parts>,
    /// Seconds between two looks.
    pub interval: u32,
    /// Seconds until the wait is given up.
    pub timeout: u32,
}

/// How a part of a job, a container anywhere in the response, tells that it failed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Row with the state.
    pub state: String,
    /// States of failure.
    pub failure: Vec<String>,
    /// Rows with the error's code; the first that the part has counts.
    #[serde(default)]
    pub code: Vec<String>,
    /// The codes that mean no error.
    #[serde(default)]
    pub ok: Vec<String>,
    /// Row with the error's message.
    pub message: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_really_is_counts() {
        let row = Row {
            kind: "String array".into(),
            really: Some("Int".into()),
            ..Row::default()
        };
        assert_eq!(row.typed(), (Type::Integer, true));
    }
}
