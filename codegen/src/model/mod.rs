//! What the emitters write down: every name, type, place and text decided.
//!
//! Nothing here refers back to the spec, and nothing is left to work out; an emitter turns a value
//! of this module into tokens and no more.

mod enumeration;
pub mod picture;

use std::collections::BTreeMap;

use tcloud_core::schema::Place;

pub use self::enumeration::{Enumeration, Word};
pub use crate::spec::{Encoding, Events};

/// A service: one generated crate.
#[derive(Debug)]
pub struct Service {
    /// Short name: the crate's without its prefix.
    pub name: String,
    /// The service's own name.
    pub title: String,
    /// API version; empty unless the service is of API 3.0.
    pub version: String,
    /// How requests are signed: a variant of the run-time `Protocol`.
    pub protocol: &'static str,
    /// What the service is for.
    pub doc: String,
    /// Address of its documents.
    pub document: String,
    /// The spec file with all this, relative to `api-spec`.
    pub source: String,
    /// The operations, in the order of the spec.
    pub operations: Vec<Operation>,
    /// The shared types by the module that holds them.
    pub families: BTreeMap<String, Family>,
    /// The grammar of picture processing.
    pub pictures: picture::Grammar,
}

/// Types that live in one file.
#[derive(Debug, Default)]
pub struct Family {
    /// The spec files they come from.
    pub sources: Vec<String>,
    /// The structures.
    pub structures: Vec<Structure>,
    /// The enumerations.
    pub enumerations: Vec<Enumeration>,
}

/// A structure: one node table.
#[derive(Debug)]
pub struct Structure {
    /// Name of the type.
    pub name: String,
    /// Name of its table.
    pub table: String,
    /// What it is.
    pub doc: String,
    /// What it is, for a terminal.
    pub help: String,
    /// Its rows, in the order of the table.
    pub fields: Vec<Field>,
    /// Whether the structure has a setter for each field. A request leaves them to its builder.
    pub setters: bool,
}

/// A row.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the run-time table, and any may go with any other"
)]
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// Name of the Rust field.
    pub name: String,
    /// Name of the method that sets it.
    pub setter: String,
    /// What it holds.
    pub kind: Kind,
    /// Which part of the message carries it.
    pub place: Place,
    /// Its place in the table.
    pub position: usize,
    /// It must be there.
    pub required: bool,
    /// An answer may hold `null` for it.
    pub nullable: bool,
    /// An answer may leave it out, though a request must have it.
    pub omittable: bool,
    /// It repeats.
    pub list: bool,
    /// It is never shown.
    pub sensitive: bool,
    /// It is an attribute of the XML element.
    pub attribute: bool,
    /// It is the text of the XML element.
    pub content: bool,
    /// It is in quotes, though it is not text.
    pub quoted: bool,
    /// It is the MD5 digest of the body.
    pub md5: bool,
    /// The service knows a request again by it.
    pub token: bool,
    /// The text is URL-encoded if the answer says so.
    pub url_encoded: bool,
    /// Its name and its words come in any case.
    pub any_case: bool,
    /// The service has deprecated it.
    pub deprecated: bool,
    /// Its structure can hold its own kind, so the field needs a box.
    pub boxed: bool,
    /// Its bounds.
    pub limits: Limits,
    /// What it is.
    pub doc: String,
    /// What it is, for a terminal.
    pub help: String,
}

/// What a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Float,
    /// A truth value.
    Boolean,
    /// A time.
    Timestamp,
    /// A word of an open enumeration.
    Enumeration(Path),
    /// Always this text.
    Fixed(String),
    /// A structure.
    Structure {
        /// Its type.
        path: Path,
        /// Its table.
        table: Path,
    },
    /// Structures, each under a name of its own.
    MapOf {
        /// Their type.
        path: Path,
        /// Their table.
        table: Path,
    },
    /// Names and texts.
    Map,
    /// Anything.
    Any,
}

/// A name and the module of the generated crate it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Modules from the crate's root.
    pub module: Vec<String>,
    /// The name.
    pub name: String,
}

/// The bounds of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Smallest number.
    pub minimum: Option<i64>,
    /// Largest number.
    pub maximum: Option<i64>,
    /// Most characters.
    pub max_length: Option<u32>,
    /// The text that means "no value", which the bounds do not bind.
    pub unset: Option<String>,
    /// What is assumed without the value.
    pub default: Option<String>,
}

/// An operation.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Operation {
    /// The service's name of it.
    pub name: String,
    /// Name of its module, and of the methods that call and serve it.
    pub module: String,
    /// Name of its fluent builder.
    pub builder: String,
    /// Other names by which people look for it.
    pub aliases: Vec<String>,
    /// What it is about: the folder its file is in, as words.
    pub subject: String,
    /// One line: what it does.
    pub summary: String,
    /// All there is to say of it.
    pub doc: String,
    /// Address of its document.
    pub document: String,
    /// Permission a sub-account needs.
    pub permission: String,
    /// HTTP method.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// The parts of the query that select it.
    pub query: Vec<(String, String)>,
    /// Host.
    pub host: String,
    /// A second send changes nothing more.
    pub idempotent: bool,
    /// The header that takes this away; empty if there is none.
    pub idempotent_unless: String,
    /// The service works, for as long as it takes, before it begins its answer.
    pub quiet: bool,
    /// The service has deprecated it, or answers it no longer.
    pub deprecated: bool,
    /// It is called without a signature.
    pub unsigned: bool,
    /// Error codes.
    pub errors: Vec<String>,
    /// What is sent.
    pub request: Structure,
    /// How its body is encoded.
    pub request_body: Body,
    /// What comes back.
    pub response: Structure,
    /// How its body is encoded.
    pub response_body: Body,
    /// Its containers that are shared types, because others have equal ones, by their own names:
    /// its module has these, too, so that a name stays where it is when another operation comes to
    /// share the type.
    pub shared: Vec<(Path, String)>,
    /// Containers of its own.
    pub structures: Vec<Structure>,
    /// Enumerations of its own.
    pub enumerations: Vec<Enumeration>,
    /// Rows of containers that the builder sets directly.
    pub lifted: Vec<Lifted>,
    /// That it answers with server-sent events, or can.
    pub events: Option<Events>,
    /// That texts of the answer are URL-encoded.
    pub encoding: Option<Encoding>,
    /// How a list is paged.
    pub paging: Option<Paging>,
    /// How to wait.
    pub waiter: Option<Waiter>,
    /// The one job it starts.
    pub job: Option<Job>,
    /// The spec file with all this, relative to `api-spec`.
    pub source: String,
}

/// How a body is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    Empty,
    /// XML with this root.
    Xml(String),
    /// JSON.
    Json,
    /// Bytes as they are.
    Raw,
}

/// A row of a container, set by a method of the request's builder.
#[derive(Debug)]
pub struct Lifted {
    /// The containers from the request to the row: names of Rust fields.
    pub containers: Vec<String>,
    /// The row, with the builder's method as its setter.
    pub field: Field,
}

/// How a list is paged: node names, without the root.
#[derive(Debug)]
pub struct Paging {
    /// Request parameter that names the next page.
    pub input: String,
    /// Response node with its value.
    pub output: Option<String>,
    /// Further request parameters, and the response nodes with their values.
    pub also: Vec<(String, String)>,
    /// Whether a number without such a node counts items, not pages.
    pub by_items: bool,
    /// Response node that says whether there is more.
    pub more: Option<String>,
    /// Response node with the number of items in all.
    pub total: Option<String>,
    /// The containers from the response to the items: names of Rust fields.
    pub containers: Vec<String>,
    /// The row with the items.
    pub items: Field,
}

/// How to wait for a job: node names, without the root.
#[derive(Debug)]
pub struct Waiter {
    /// Name of the client's method.
    pub method: String,
    /// Response node with the state.
    pub state: String,
    /// States that end the wait well.
    pub success: Vec<String>,
    /// States that end it badly.
    pub failure: Vec<String>,
    /// Response node with the error's code.
    pub code: Option<String>,
    /// Codes that mean no error.
    pub ok: Vec<String>,
    /// Response node with the error's message.
    pub message: Option<String>,
    /// How its parts report that they failed.
    pub parts: Option<crate::spec::Parts>,
    /// Seconds between two looks.
    pub interval: u32,
    /// Seconds until the wait is given up.
    pub timeout: u32,
}

/// The one job that an operation starts.
#[derive(Debug)]
pub struct Job {
    /// The fields from the response to the job's id, which is a text. Of a list the first item
    /// counts.
    pub id: Vec<Field>,
    /// How to wait for it.
    pub described_by: Option<DescribedBy>,
}

/// The operation that describes a job, and waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedBy {
    /// The service's name of it.
    pub operation: String,
    /// Name of its module.
    pub module: String,
    /// Name of its request.
    pub request: String,
    /// The request's field that takes the job's id.
    pub id: String,
    /// The other fields it requires, each with the field of the starting request that has the value.
    pub copied: Vec<(String, String)>,
    /// Seconds between two looks.
    pub interval: u32,
    /// Seconds until the wait is given up.
    pub timeout: u32,
}

impl Structure {
    /// The fields the Rust type has: all but those of fixed text.
    pub fn own_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_fixed())
    }

    /// The fields its constructor asks for.
    pub fn required_fields(&self) -> impl Iterator<Item = &Field> {
        self.own_fields()
            .filter(|field| field.required && !field.md5)
    }
}

impl Kind {
    /// Whether it holds entries under names that no table lists.
    pub const fn is_map(&self) -> bool {
        matches!(self, Self::Map | Self::MapOf { .. })
    }
}

impl Field {
    /// Whether it holds as many values as come.
    pub const fn is_many(&self) -> bool {
        self.list || self.kind.is_map()
    }

    /// Whether it always has one text, so that nothing is kept.
    pub const fn is_fixed(&self) -> bool {
        matches!(self.kind, Kind::Fixed(_))
    }
}
