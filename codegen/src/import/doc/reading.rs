//! A document, read and interpreted.

use super::facts::{Given, Operation, Structure};
use super::interpret::operations;
use super::read::{read, read_plain};
use super::refusal::Refusal;
use super::remark::{Remark, RemarkKind};
use super::structures;

/// A document, and the operations that it describes.
#[derive(Debug)]
pub struct Reading {
    /// Name of the document.
    pub name: String,
    /// Its operations, or why it has none.
    pub operations: Result<Vec<Operation>, Refusal>,
    /// Its structures, if it is a page of these and has no operation.
    pub structures: Vec<Structure>,
    /// The service that was asked for.
    pub(super) service: Option<String>,
}

impl Reading {
    /// Reads and interprets a document.
    pub fn of(name: &str, bytes: &[u8], given: &Given<'_>) -> Self {
        let document = read(name, bytes);
        let mut structures = Vec::new();
        let operations = document.and_then(|document| {
            operations(name, &document, given).or_else(|refusal| {
                structures = structures::read(&document);
                if structures.is_empty() {
                    return plain(name, bytes, given).ok_or(refusal);
                }
                Ok(Vec::new())
            })
        });
        Self {
            name: name.to_owned(),
            operations,
            structures,
            service: given.service.map(str::to_owned),
        }
    }

    /// The services that it has something of.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        let own = self
            .service
            .as_deref()
            .filter(|_| !self.structures.is_empty());
        let operations = self.operations.iter().flatten();
        operations.map(Operation::service).chain(own)
    }
}

/// The operations of a plain text that has a mark of Markdown or HTML somewhere.
fn plain(name: &str, bytes: &[u8], given: &Given<'_>) -> Option<Vec<Operation>> {
    let document = read_plain(name, bytes)?;
    let mut operations = operations(name, &document, given).ok()?;
    for operation in &mut operations {
        operation.remarks.insert(
            0,
            Remark {
                line: 1,
                kind: RemarkKind::Note,
                item: String::new(),
                text: "it has marks of Markdown or HTML, and makes sense as plain text only"
                    .to_owned(),
            },
        );
    }
    Some(operations)
}
