//! Facts into files that people have written in.

use std::collections::BTreeMap;

use super::table::{Facts, Operation, Tables};
use super::write;
use crate::error::Error;
use crate::import::edit::{Item, top_line};
use crate::import::merge::{Merge, Wanted};
use crate::import::report::{Change, Report};
use crate::load::{ServiceSpec, SourceFile, load};
use crate::spec::{Message, OperationFile, Status};

/// What the files have already.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The file of each operation.
    pub(super) operations: BTreeMap<String, String>,
    /// The structures, and the file of each.
    pub(super) structures: BTreeMap<String, String>,
}

impl Known {
    /// Whether there are no files yet.
    pub(super) fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.structures.is_empty()
    }
}

/// Brings every table that `files` has in line with the metadata.
pub(super) fn merge(
    tables: &Tables,
    files: &mut BTreeMap<String, String>,
    report: &mut Report,
) -> Result<Known, Error> {
    let sources = files.iter().map(|(path, text)| SourceFile {
        path: path.clone(),
        text: text.clone(),
    });
    let spec = load(sources.collect()).map_err(|found| {
        let file = found.first().map_or("", |it| it.file.as_str());
        let problem = found.first().map_or("", |it| it.message.as_str());
        Error::new(
            file,
            format!("{problem}; `cargo xtask lint` shows the place"),
        )
    })?;
    let mut known = Known::default();
    for service in &spec.services {
        check_version(tables, service)?;
        let path = |index: usize| {
            spec.sources
                .get(index)
                .map_or("", |file| file.path.as_str())
        };
        let mut merge = Merge {
            texts: files,
            edits: BTreeMap::new(),
            report,
        };
        for (source, operation) in &service.operations {
            let name = operation.operation.value.as_str();
            known
                .operations
                .insert(name.to_owned(), path(*source).to_owned());
            match tables.operations.get(name) {
                Some(facts) => self::operation(&mut merge, path(*source), operation, facts)?,
                None => merge
                    .report
                    .add(Change::Removed(format!("operation {name}"))),
            }
        }
        for (source, structure) in service.structures() {
            let (name, source) = (structure.value.name.as_str(), path(source));
            known.structures.insert(name.to_owned(), source.to_owned());
            match tables.structures.get(name) {
                Some(facts) => {
                    let item = Item::of(merge.text(source), structure);
                    let end = item.map(|item| item.lines.end);
                    let write = |index: usize, indent| {
                        let row = facts.get(index);
                        row.map_or_else(String::new, |row| write::row(row, indent))
                    };
                    merge.rows(
                        source,
                        name,
                        &structure.value.rows,
                        &wanted(facts),
                        &write,
                        end,
                    )?;
                }
                None => merge
                    .report
                    .add(Change::Removed(format!("structure {name}"))),
            }
        }
        let edits = merge.edits;
        for (path, edits) in edits {
            if let Some(text) = files.get_mut(&path) {
                *text = edits.apply(text);
            }
        }
    }
    Ok(known)
}

fn check_version(tables: &Tables, service: &ServiceSpec) -> Result<(), Error> {
    let (present, new) = (&service.service.version, &tables.version);
    if present == new {
        return Ok(());
    }
    Err(Error::new(
        &tables.service,
        format!(
            "the tables are of version {present}, the metadata of {new}: import \
             `{}@{present}`, or remove the folder first",
            tables.service
        ),
    ))
}

fn operation(
    merge: &mut Merge<'_>,
    path: &str,
    file: &OperationFile,
    facts: &Operation,
) -> Result<(), Error> {
    let name = file.operation.value.as_str();
    let status = file.status.map(|status| match status {
        Status::Deprecated => "deprecated",
        Status::Offline => "offline",
    });
    let unsigned = |unsigned: bool| unsigned.then_some("true");
    for (key, present, new) in [
        ("status", status, facts.status),
        (
            "unsigned",
            unsigned(file.unsigned),
            unsigned(facts.unsigned),
        ),
    ] {
        if present != new {
            merge.key(path, key, new);
            let how = new.map_or_else(
                || format!("no longer `{key}`"),
                |new| format!("`{key}` is now `{new}`"),
            );
            merge.changed(name, how);
        }
    }
    // What a person says of events may be more than the metadata knows.
    if let (None, Some(events)) = (&file.events, &facts.events) {
        merge.key(path, "events", Some(&write::events(events)));
        merge.changed(name, "answers with a stream of events");
    }
    message(merge, path, name, "request", &file.request, &facts.request)?;
    message(
        merge,
        path,
        name,
        "response",
        &file.response,
        &facts.response,
    )
}

fn message(
    merge: &mut Merge<'_>,
    path: &str,
    operation: &str,
    key: &str,
    message: &Message,
    facts: &[Facts],
) -> Result<(), Error> {
    let item = format!("{operation} {key}");
    if !message.rows.is_empty() || facts.is_empty() {
        let wanted = wanted(facts);
        let write = |index: usize, indent| {
            let row = facts.get(index);
            row.map_or_else(String::new, |row| write::row(row, indent))
        };
        return merge.rows(path, &item, &message.rows, &wanted, &write, None);
    }
    let text = merge.text(path);
    let place = match top_line(text, "response") {
        Some(response) if key == "request" => response.start,
        _ => text.len(),
    };
    let new = write::message(key, facts);
    merge.edits(path).insert(place, new);
    merge.report.add(Change::Added(item));
    Ok(())
}

/// What the metadata says of rows, as the merge takes it.
fn wanted(facts: &[Facts]) -> Vec<Wanted> {
    facts
        .iter()
        .map(|fact| Wanted {
            name: fact.name.clone(),
            parent: String::new(),
            kind: fact.kind.clone(),
            required: fact.required,
            deprecated: fact.deprecated,
            nullable: fact.nullable,
            omittable: fact.omittable,
            token: fact.token,
            mended: false,
        })
        .collect()
}
