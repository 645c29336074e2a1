//! Facts into files that people have written in.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::edit::{Edits, Item, top_line};
use super::report::{Change, Report};
use super::table::{Facts, Operation, Tables};
use super::write;
use crate::error::Error;
use crate::load::{ServiceSpec, SourceFile, load};
use crate::spec::{Message, OperationFile, Row, Status};
use crate::words::{self, Type};

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
                Some(facts) => merge.operation(path(*source), operation, facts)?,
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
                    merge.rows(source, name, &structure.value.rows, facts, end)?;
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

struct Merge<'f> {
    texts: &'f BTreeMap<String, String>,
    edits: BTreeMap<String, Edits>,
    report: &'f mut Report,
}

impl Merge<'_> {
    fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    fn edits(&mut self, path: &str) -> &mut Edits {
        self.edits.entry(path.to_owned()).or_default()
    }

    fn changed(&mut self, item: &str, how: impl Into<String>) {
        self.report.add(Change::Changed {
            item: item.to_owned(),
            how: how.into(),
        });
    }

    fn operation(
        &mut self,
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
                self.key(path, key, new);
                let how = new.map_or_else(
                    || format!("no longer `{key}`"),
                    |new| format!("`{key}` is now `{new}`"),
                );
                self.changed(name, how);
            }
        }
        // What a person says of events may be more than the metadata knows.
        if let (None, Some(events)) = (&file.events, &facts.events) {
            self.key(path, "events", Some(&write::events(events)));
            self.changed(name, "answers with a stream of events");
        }
        self.message(path, name, "request", &file.request, &facts.request)?;
        self.message(path, name, "response", &file.response, &facts.response)
    }

    /// Sets a key of the operation in the line behind its name, or removes it.
    fn key(&mut self, path: &str, key: &str, value: Option<&str>) {
        let text = self.text(path);
        let present = top_line(text, key);
        let behind = top_line(text, "operation").map_or(text.len(), |line| line.end);
        let line = value.map(|value| format!("{key}: {value}\n"));
        let place = present.unwrap_or(behind..behind);
        self.edits(path).replace(place, line.unwrap_or_default());
    }

    fn message(
        &mut self,
        path: &str,
        operation: &str,
        key: &str,
        message: &Message,
        facts: &[Facts],
    ) -> Result<(), Error> {
        let item = format!("{operation} {key}");
        if !message.rows.is_empty() || facts.is_empty() {
            return self.rows(path, &item, &message.rows, facts, None);
        }
        let text = self.text(path);
        let place = match top_line(text, "response") {
            Some(response) if key == "request" => response.start,
            _ => text.len(),
        };
        let new = write::message(key, facts);
        self.edits(path).insert(place, new);
        self.report.add(Change::Added(item));
        Ok(())
    }

    /// Merges the rows of a table; `end` is where rows of an empty one would go.
    fn rows(
        &mut self,
        path: &str,
        item: &str,
        rows: &[Spanned<Row>],
        facts: &[Facts],
        end: Option<usize>,
    ) -> Result<(), Error> {
        let mut after = None;
        for fact in facts {
            let name = format!("{item} {}", fact.name);
            if let Some(row) = rows.iter().find(|row| row.value.name == fact.name) {
                let place =
                    Item::of(self.text(path), row).ok_or_else(|| in_one_line(path, &name))?;
                self.row(path, &name, row, &place, fact)?;
                after = Some((place.lines.end, place.indent));
                continue;
            }
            let first = || {
                let first = Item::of(self.text(path), rows.first()?)?;
                Some((first.lines.start, first.indent))
            };
            let (at, indent) = after
                .or_else(first)
                .or_else(|| Some((end?, 6)))
                .ok_or_else(|| in_one_line(path, &name))?;
            let new = write::row(fact, indent);
            self.edits(path).insert(at, new);
            self.report.add(Change::Added(name));
        }
        let names: BTreeSet<&str> = facts.iter().map(|fact| fact.name.as_str()).collect();
        for row in rows.iter().map(|row| &row.value) {
            // A row that a person added says so by its `fix`; one within a container is a person's.
            if !names.contains(row.name.as_str()) && row.fix.is_none() && row.parent.is_empty() {
                self.report
                    .add(Change::Removed(format!("{item} {}", row.name)));
            }
        }
        Ok(())
    }

    fn row(
        &mut self,
        path: &str,
        name: &str,
        row: &Spanned<Row>,
        place: &Item,
        fact: &Facts,
    ) -> Result<(), Error> {
        let own = &row.value;
        let same_type = is_same_type(own, fact);
        let differs = !same_type
            || (own.required, own.nullable, own.omittable)
                != (fact.required, fact.nullable, fact.omittable);
        if let Some(reason) = &own.fix {
            self.report.add(if differs {
                Change::Kept {
                    item: name.to_owned(),
                    reason: reason.clone(),
                }
            } else {
                Change::UselessFix(name.to_owned())
            });
        }
        let text = self.texts.get(path).map_or("", String::as_str);
        let value = |key: &str| {
            place
                .value(text, row, key)
                .ok_or_else(|| in_one_line(path, name))
        };
        if fact.deprecated && !own.deprecated {
            let end = value("type")?.end;
            self.edits(path)
                .insert(end, place.key(text, "deprecated", "true"));
            self.changed(name, "deprecated by the service");
        }
        if own.fix.is_some() {
            return Ok(());
        }
        // What a person says of tokens may be more than the metadata knows.
        if fact.token && !own.idempotency_token {
            let end = value("type")?.end;
            self.edits(path)
                .insert(end, place.key(text, "idempotency_token", "true"));
            self.changed(name, "makes its request idempotent");
        }
        if !same_type {
            let range = value("type")?;
            self.edits(path).replace(range, fact.kind.as_str());
            self.changed(name, format!("type `{}` is now `{}`", own.kind, fact.kind));
        }
        for (key, present, new, [comes, goes]) in [
            (
                "required",
                own.required,
                fact.required,
                ["now required", "no longer required"],
            ),
            (
                "nullable",
                own.nullable,
                fact.nullable,
                ["may now be null", "no longer null"],
            ),
            (
                "omittable",
                own.omittable,
                fact.omittable,
                ["may now be missing", "no longer missing"],
            ),
        ] {
            if new && !present {
                let end = value("type")?.end;
                self.edits(path).insert(end, place.key(text, key, "true"));
                self.changed(name, comes);
            } else if present && !new {
                let range = place
                    .whole(text, row, key)
                    .ok_or_else(|| in_one_line(path, name))?;
                self.edits(path).replace(range, "");
                self.changed(name, goes);
            }
        }
        Ok(())
    }
}

/// Whether a row and the metadata agree on how a value is sent. That a text is really a time, or
/// which container it is, a person may know better.
fn is_same_type(row: &Row, fact: &Facts) -> bool {
    let (own, own_list) = row.kind.read();
    let (new, new_list) = words::parse(&fact.kind);
    let same = own == new
        || matches!(
            (own, new),
            (Type::Text, Type::Timestamp) | (Type::Timestamp, Type::Text)
        ) && row.really.is_some()
        || own == Type::Container && matches!(new, Type::Named(_));
    same && own_list == new_list
}

fn in_one_line(path: &str, name: &str) -> Error {
    Error::new(
        path,
        format!("`{name}` cannot be merged: write each row as an item in lines of its own"),
    )
}
