//! Documents into spec files: plain text as it is copied from a page, Markdown, HTML.
//!
//! | step | takes | makes |
//! | --- | --- | --- |
//! | [`read`] | bytes, in one of the forms | a [`Document`]: headings, tables, code, text, with lines |
//! | [`operations`] | the document | [operations](Operation), as facts, with remarks |
//! | `pages` | pages of structures | files of these |
//! | `link` | the facts and the service | containers as structures that exist |
//! | `write` | facts of a new operation | YAML |
//! | `merge` | facts of a known one and its file | edits of its text |
//!
//! No reader knows what a row is, and the interpreter does not know which form a document had. The
//! words of documents, in both languages, are in `vocabulary`.
//!
//! Facts are taken, never sentences. What was not simply read has a remark with its line; what
//! cannot be decided has a `fix` that begins with `to be completed`, which the linter refuses.

mod action;
mod address;
mod body;
mod cells;
mod clauses;
mod compare;
mod copies;
mod drift;
mod evidence;
mod facts;
mod figures;
mod headless;
mod http;
mod interpret;
mod kinds;
mod lengths;
mod link;
mod listed;
mod lists;
mod merge;
mod message;
mod model;
mod name;
mod naming;
mod numbers;
mod outcome;
mod page;
mod pages;
mod parameters;
mod parent;
mod place;
mod prose;
mod ranges;
mod read;
mod reading;
mod refusal;
mod remark;
mod required;
mod route;
mod rows;
mod samples;
mod shape;
mod strays;
mod structures;
mod table;
mod tags;
mod terms;
mod text;
mod unlike;
mod vocabulary;
mod write;

use std::collections::BTreeMap;

pub use self::compare::{Comparison, Tally, Values};
pub use self::facts::{Given, Operation, Structure};
pub use self::interpret::operations;
pub use self::model::{Block, Content, Document, Line, Table};
pub use self::outcome::{Import, Imported, Outcome, Settings};
pub use self::read::{Form, form, read};
pub use self::reading::Reading;
pub use self::refusal::Refusal;
pub use self::remark::{Remark, RemarkKind};
use crate::error::Error;
use crate::load::{SourceFile, Spec};
use crate::spec::Protocol;

/// Puts the operations of documents into the files of their services, of which `present` may be
/// none. `known` are other tables that rows are compared with, if not these.
///
/// A document that cannot be imported has its refusal in its place and does not stop the others.
///
/// # Errors
///
/// Files of the services that cannot be read.
pub fn import(
    readings: Vec<Reading>,
    present: Vec<SourceFile>,
    known: Option<&Spec>,
    settings: &Settings,
) -> Result<Import, Error> {
    let mut files: BTreeMap<String, String> = present
        .iter()
        .map(|file| (file.path.clone(), file.text.clone()))
        .collect();
    let spec = place::spec(present)?;
    let mut place = place::Place {
        spec: &spec,
        known: known.unwrap_or(&spec),
        structures: spec
            .services
            .iter()
            .map(|service| {
                (
                    service.service.service.as_str(),
                    link::Structures::of(service),
                )
            })
            .collect(),
        others: known
            .unwrap_or(&spec)
            .services
            .iter()
            // Tables of API 3.0 have their types from metadata, and leave none to doubt.
            .filter(|service| service.service.protocol != Protocol::Tc3)
            .map(|service| {
                (
                    service.service.service.as_str(),
                    unlike::Others::of(service),
                )
            })
            .collect(),
        added: BTreeMap::new(),
        settings,
    };
    // Structures come first, so that operations find them, wherever their page stands.
    let mut pages = pages::put(&readings, &spec, settings, &mut files, &mut place.added);
    let mut made = BTreeMap::new();
    let mut documents = Vec::new();
    for reading in readings {
        let name = reading.name;
        if let Some(outcome) = pages.remove(&name) {
            documents.push(Imported { name, outcome });
            continue;
        }
        let outcome = reading.operations.and_then(|operations| {
            operations
                .into_iter()
                .map(|operation| place.put(operation, &mut files, &mut made, &name))
                .collect()
        });
        documents.push(Imported { name, outcome });
    }
    for service in place.added.keys() {
        pages::service(service, &mut files);
    }
    Ok(Import {
        files: files
            .into_iter()
            .map(|(path, text)| SourceFile { path, text })
            .collect(),
        documents,
    })
}
