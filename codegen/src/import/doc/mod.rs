//! Documents into spec files: plain text as it is copied from a page, Markdown, HTML.
//!
//! | step | takes | makes |
//! | --- | --- | --- |
//! | [`read`] | bytes, in one of the forms | a [`Document`]: headings, tables, code, text, with lines |
//! | [`operations`] | the document | [operations](Operation), as facts, with remarks |
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
mod body;
mod cells;
mod compare;
mod copies;
mod drift;
mod evidence;
mod facts;
mod http;
mod interpret;
mod kinds;
mod link;
mod lists;
mod merge;
mod message;
mod model;
mod name;
mod naming;
mod page;
mod parent;
mod prose;
mod ranges;
mod read;
mod refusal;
mod remark;
mod required;
mod route;
mod rows;
mod samples;
mod shape;
mod table;
mod terms;
mod text;
mod vocabulary;
mod write;

use std::collections::BTreeMap;

pub use self::compare::{Comparison, Tally, Values};
pub use self::facts::{Given, Operation};
pub use self::interpret::operations;
pub use self::model::{Block, Content, Document, Line, Table};
pub use self::read::{Form, form, read};
pub use self::refusal::Refusal;
pub use self::remark::{Remark, RemarkKind};
use super::merge::Merge;
use super::report::Report;
use crate::error::Error;
use crate::load::{ServiceSpec, SourceFile, Spec, load};
use crate::names::snake;
use crate::spec::OperationFile;

/// What an import is to do.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The name of the operation was given, so that its route does not count.
    pub named: bool,
    /// Gives rows a neutral text made of their facts.
    pub draft: bool,
}

/// A document, and the operations that it describes.
#[derive(Debug)]
pub struct Reading {
    /// Name of the document.
    pub name: String,
    /// Its operations, or why it has none.
    pub operations: Result<Vec<Operation>, Refusal>,
}

impl Reading {
    /// Reads and interprets a document.
    pub fn of(name: &str, bytes: &[u8], given: &Given<'_>) -> Self {
        let document = read(name, bytes);
        let operations = document.and_then(|document| operations(name, &document, given));
        Self {
            name: name.to_owned(),
            operations: operations.or_else(|refusal| plain(name, bytes, given).ok_or(refusal)),
        }
    }
}

/// The operations of a plain text that has a mark of Markdown or HTML somewhere.
fn plain(name: &str, bytes: &[u8], given: &Given<'_>) -> Option<Vec<Operation>> {
    let document = read::read_plain(name, bytes)?;
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

/// What was made of documents.
#[derive(Debug)]
pub struct Import {
    /// The files of the services: `<service>/…`.
    pub files: Vec<SourceFile>,
    /// The documents, in their order.
    pub documents: Vec<Imported>,
}

/// A document that was imported, or was not.
#[derive(Debug)]
pub struct Imported {
    /// Name of the document.
    pub name: String,
    /// Its operations, or why it has none.
    pub outcome: Result<Vec<Outcome>, Refusal>,
}

/// What became of an operation.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub operation: String,
    /// The file it is in; empty if it was left out.
    pub path: String,
    /// Rows that were found.
    pub rows: usize,
    /// How they compare with the tables that are known.
    pub comparison: Option<Comparison>,
    /// What is to be said, by the lines of the document.
    pub remarks: Vec<Remark>,
    /// What changed in a file that was there.
    pub changes: Option<Report>,
}

impl Outcome {
    /// How many remarks there are of a kind.
    pub fn count(&self, kind: RemarkKind) -> usize {
        self.remarks
            .iter()
            .filter(|remark| remark.kind == kind)
            .count()
    }
}

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
    let spec = spec(present)?;
    let place = Place {
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
        settings,
    };
    let mut made = BTreeMap::new();
    let mut documents = Vec::new();
    for reading in readings {
        let name = reading.name;
        let outcome = reading.operations.and_then(|operations| {
            operations
                .into_iter()
                .map(|operation| place.put(operation, &mut files, &mut made, &name))
                .collect()
        });
        documents.push(Imported { name, outcome });
    }
    Ok(Import {
        files: files
            .into_iter()
            .map(|(path, text)| SourceFile { path, text })
            .collect(),
        documents,
    })
}

fn spec(present: Vec<SourceFile>) -> Result<Spec, Error> {
    load(present).map_err(|found| {
        let file = found.first().map_or("", |it| it.file.as_str());
        let problem = found.first().map_or("", |it| it.message.as_str());
        Error::new(
            file,
            format!("{problem}; `cargo xtask lint` shows the place"),
        )
    })
}

/// Where operations go.
struct Place<'s> {
    spec: &'s Spec,
    /// What rows are compared with.
    known: &'s Spec,
    structures: BTreeMap<&'s str, link::Structures<'s>>,
    settings: &'s Settings,
}

impl Place<'_> {
    fn put(
        &self,
        mut operation: Operation,
        files: &mut BTreeMap<String, String>,
        made: &mut BTreeMap<String, (String, String, String)>,
        document: &str,
    ) -> Result<Outcome, Refusal> {
        let lists = operation
            .request
            .lists()
            .into_iter()
            .chain(operation.response.lists());
        let rows = lists.map(|(_, rows)| rows.len()).sum();
        let known = self.find(self.known, &operation);
        let comparison =
            known.map(|(service, _, file)| compare::compare(&operation, file, service));
        if let Some((_, _, file)) = known {
            file.operation.value.clone_into(&mut operation.name);
        }
        let outcome = |operation: Operation, path: String, changes| Outcome {
            operation: operation.name,
            path,
            rows,
            comparison,
            remarks: operation.remarks,
            changes,
        };
        if let Some((_, path, _)) = self.find(self.spec, &operation) {
            let path = path.to_owned();
            let changes = self.edition(&operation, &path, files, document)?;
            return Ok(outcome(operation, path, changes));
        }
        let structures = self.structures.get(operation.service.as_str());
        if operation.tc3 {
            let missing = link::missing(&operation, structures);
            operation.remarks.extend(missing);
        } else if let Some(structures) = structures {
            link::link(&mut operation, structures);
        }
        let key = format!("{} {}", operation.service, operation.name);
        let route = format!("{} {}", operation.method, operation.path);
        if let Some((other, path, of)) = made.get(&key) {
            if same_route(of, &route)
                && let Some(changes) = self.edition(&operation, path, files, document)?
            {
                return Ok(outcome(operation, path.clone(), Some(changes)));
            }
            let text = format!(
                "{} is made of `{other}` already, of another request; this one was left out: import it alone, with `--name`",
                operation.name
            );
            operation.remarks.push(Remark {
                line: operation.line,
                kind: RemarkKind::Refused,
                item: "operation".to_owned(),
                text,
            });
            return Ok(outcome(operation, String::new(), None));
        }
        let (path, depth) = self.path(&operation);
        if files.contains_key(&path) {
            let problem =
                format!("{path} holds another operation already: give this one a name by `--name`");
            return Err(Refusal::new(document, problem));
        }
        files
            .entry(format!("{}/service.yaml", operation.service))
            .or_insert_with(|| write::service(&operation));
        files.insert(
            path.clone(),
            write::operation(&operation, depth, self.settings.draft),
        );
        made.insert(key, (document.to_owned(), path.clone(), route));
        Ok(outcome(operation, path, None))
    }

    /// Merges an edition of a document into the file `path` as it is by now; `None` if the operation
    /// there is another one.
    fn edition(
        &self,
        operation: &Operation,
        path: &str,
        files: &mut BTreeMap<String, String>,
        document: &str,
    ) -> Result<Option<Report>, Refusal> {
        let refused = |error: Error| Refusal::of_file(document, &error);
        let folder = format!("{}/", operation.service);
        let text = files.get(path).map_or("", String::as_str);
        let untouched = self
            .spec
            .sources
            .iter()
            .any(|source| source.path == path && source.text == text);
        let fresh;
        let current = if untouched {
            self.spec
        } else {
            // Another document of this run has changed the file, so that its places have moved.
            let own = [format!("{folder}service.yaml"), path.to_owned()];
            let sources = own.into_iter().filter_map(|path| {
                let text = files.get(&path)?.clone();
                Some(SourceFile { path, text })
            });
            fresh = spec(sources.collect()).map_err(refused)?;
            &fresh
        };
        let Some((_, _, file)) = self.find(current, operation) else {
            return Ok(None);
        };
        let mut report = Report::new(&operation.service, document);
        let mut merge = Merge {
            texts: files,
            edits: BTreeMap::new(),
            report: &mut report,
        };
        merge::merge(&mut merge, path, file, operation).map_err(refused)?;
        for (path, edits) in merge.edits {
            if let Some(text) = files.get_mut(&path) {
                *text = edits.apply(text);
            }
        }
        Ok(Some(report))
    }

    /// The file that has the operation: the one of its route and tag, or of its name.
    fn find<'t>(
        &self,
        spec: &'t Spec,
        operation: &Operation,
    ) -> Option<(&'t ServiceSpec, &'t str, &'t OperationFile)> {
        let service = spec
            .services
            .iter()
            .find(|it| it.service.service == operation.service)?;
        let method = operation.method.as_str();
        let route = format!("{method} {}", operation.path);
        let by_name = || {
            service
                .operations
                .iter()
                .find(|(_, file)| file.operation.value == operation.name)
        };
        let found = if operation.tc3 || self.settings.named {
            by_name()
        } else {
            let same = |file: &OperationFile| {
                same_route(&file.http.value, &route) && fixed_tag(file) == tag(operation)
            };
            let same_method =
                |file: &OperationFile| file.http.value.split(' ').next() == Some(method);
            // Of several with one route, the one that requires most of what the document has.
            let of_route = service
                .operations
                .iter()
                .filter(|(_, file)| same(file))
                .filter_map(|found| Some((asked(&found.1, operation)?, found)))
                .rev()
                .max_by_key(|(asked, _)| *asked);
            of_route
                .map(|(_, found)| found)
                .or_else(|| by_name().filter(|(_, file)| same_method(file)))
        };
        found.map(|(source, file)| {
            let path = spec
                .sources
                .get(*source)
                .map_or("", |file| file.path.as_str());
            (service, path, file)
        })
    }

    /// The path of a new file, and the folders between it and the service's.
    fn path(&self, operation: &Operation) -> (String, usize) {
        let service = &operation.service;
        let name = snake(&operation.name);
        let first = |path: &str| {
            path.trim_start_matches('/')
                .split(['/', '?'])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let own = first(&operation.path);
        let own_service = self
            .spec
            .services
            .iter()
            .find(|it| it.service.service == *service);
        let beside = own_service
            .into_iter()
            .flat_map(|it| &it.operations)
            .filter_map(|(source, file)| {
                let (_, path) = file.http.value.split_once(' ')?;
                let file = self.spec.sources.get(*source)?.path.as_str();
                let folder = file
                    .strip_prefix(&format!("{service}/operations/"))?
                    .split_once('/')?
                    .0;
                (first(path) == own && !own.starts_with('{')).then(|| folder.to_owned())
            });
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for folder in beside {
            *counts.entry(folder).or_default() += 1;
        }
        match counts.into_iter().max_by_key(|(_, count)| *count) {
            Some((folder, _)) => (format!("{service}/operations/{folder}/{name}.yaml"), 2),
            None => (format!("{service}/operations/{name}.yaml"), 1),
        }
    }
}

/// How many parameters an operation requires; `None` if a document does not have them all.
fn asked(file: &OperationFile, operation: &Operation) -> Option<usize> {
    let required = file.request.query.iter().filter(|row| row.value.required);
    let found = |name: &str| operation.request.query.iter().any(|row| row.name == name);
    required
        .map(|row| found(&row.value.name).then_some(1))
        .sum()
}

fn fixed_tag(file: &OperationFile) -> Option<&str> {
    let row = file
        .request
        .rows
        .iter()
        .find(|row| row.value.name == "Tag")?;
    row.value.fixed.as_deref()
}

fn tag(operation: &Operation) -> Option<&str> {
    let row = operation
        .request
        .rows
        .iter()
        .find(|row| row.name == "Tag")?;
    row.fixed.as_deref()
}

/// Whether two routes are the same, whatever the names in their paths are called.
fn same_route(one: &str, other: &str) -> bool {
    let plain = |route: &str| -> String {
        let mut result = String::new();
        let mut inside = false;
        for c in route.chars() {
            match c {
                '{' => inside = true,
                '}' => {
                    inside = false;
                    result.push('*');
                }
                c if !inside => result.push(c),
                _ => {}
            }
        }
        result
    };
    plain(one) == plain(other)
}
