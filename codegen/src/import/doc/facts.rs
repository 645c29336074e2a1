//! What a document says of an operation, as facts.

use std::collections::BTreeMap;

use super::kinds::Kind;
use super::remark::Remark;
pub(super) use crate::open::OPEN;

/// What is known besides the document.
#[derive(Debug, Clone, Default)]
pub struct Given<'a> {
    /// The service's folder, `ci`. Without it, read from the document's host.
    pub service: Option<&'a str>,
    /// The operation's name, if the rule is not to make it.
    pub name: Option<&'a str>,
}

/// An operation of a document.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// Name in upper camel case.
    pub name: String,
    /// The line of the document in which it begins.
    pub line: usize,
    /// Its folder of tables: `ci`.
    pub(super) service: String,
    pub(super) tc3: bool,
    /// Version of the service (API 3.0 only).
    pub(super) version: Option<String>,
    pub(super) method: String,
    /// Path and the part of the query string that selects the operation.
    pub(super) path: String,
    pub(super) host: String,
    pub(super) permission: Option<String>,
    pub(super) address: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) idempotent: bool,
    pub(super) idempotent_unless: Option<String>,
    /// It works for long before it answers.
    pub(super) quiet: bool,
    pub(super) request: Message,
    pub(super) response: Message,
    pub(super) errors: Vec<String>,
    pub(super) samples: Vec<Sample>,
    /// Structures that no page has, as far as the samples show them.
    pub(super) structures: Vec<Structure>,
    /// What is to be said about it.
    pub remarks: Vec<Remark>,
}

impl Operation {
    /// Short name of its service, which is that of the folder.
    pub fn service(&self) -> &str {
        &self.service
    }
}

/// A request or a response.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) path: Vec<Row>,
    pub(super) query: Vec<Row>,
    pub(super) headers: Vec<Row>,
    pub(super) root: String,
    pub(super) rows: Vec<Row>,
    /// The body is bytes.
    pub(super) raw: bool,
}

impl Message {
    /// All rows, with the key of the list they are in.
    pub(super) fn lists(&self) -> [(&'static str, &Vec<Row>); 4] {
        [
            ("path", &self.path),
            ("query", &self.query),
            ("headers", &self.headers),
            ("rows", &self.rows),
        ]
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the spec")]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) parent: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) default: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) range: Option<[Option<i64>; 2]>,
    pub(super) max_length: Option<u32>,
    pub(super) fixed: Option<String>,
    pub(super) deprecated: bool,
    /// An answer may hold `null` for it.
    pub(super) nullable: bool,
    /// It is an attribute of the XML element.
    pub(super) attribute: bool,
    /// Why the row is not what the document says.
    pub(super) fix: Option<String>,
    /// What the document says of it. Nothing of the text is carried over.
    pub(super) description: String,
}

impl Row {
    pub(super) fn new(line: usize, parent: &str, name: &str, kind: Kind) -> Self {
        Self {
            line,
            name: name.to_owned(),
            parent: parent.to_owned(),
            kind,
            required: false,
            default: None,
            values: Vec::new(),
            range: None,
            max_length: None,
            fixed: None,
            deprecated: false,
            nullable: false,
            attribute: false,
            fix: None,
            description: String::new(),
        }
    }

    /// Path of the node, with the containers it is in.
    pub(super) fn path(&self) -> String {
        if self.parent.is_empty() {
            self.name.clone()
        } else {
            format!("{}.{}", self.parent, self.name)
        }
    }

    /// Says why the row departs from the document; what is said already stays.
    pub(super) fn explain(&mut self, reason: &str) {
        self.fix = Some(match self.fix.take() {
            Some(before) if before.contains(reason) => before,
            Some(before) if before.starts_with(OPEN) => format!("{before} {reason}"),
            Some(before) if reason.starts_with(OPEN) => format!("{reason} {before}"),
            Some(before) => format!("{before} {reason}"),
            None => reason.to_owned(),
        });
    }
}

/// A structure of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// Name in upper camel case.
    pub name: String,
    /// The line of the document in which its table begins.
    pub line: usize,
    pub(super) rows: Vec<Row>,
    /// What is to be said about it.
    pub(super) remarks: Vec<Remark>,
}

/// A request and its response, as the document prints them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) line: usize,
    pub(super) request: Option<String>,
    pub(super) response: Option<String>,
    /// Closing tags were mended.
    pub(super) mended: bool,
    pub(super) drift: BTreeMap<String, String>,
}
