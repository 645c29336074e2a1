//! Rows into tables that people have written in: what they wrote stays byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::edit::{Edits, Item, top_line};
use super::report::{Change, Report};
use crate::error::Error;
use crate::rows::join;
use crate::spec::Row;
use crate::words::{self, Type};

/// What is imported of a row.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark of its own in the table"
)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) parent: String,
    /// As the type column has it.
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) deprecated: bool,
    pub(super) nullable: bool,
    pub(super) omittable: bool,
    /// The service knows a request again by it.
    pub(super) token: bool,
    /// It is not what its source says: that a row is the same and has a `fix` is right.
    pub(super) mended: bool,
}

/// The merge of one service.
pub(super) struct Merge<'f> {
    pub(super) texts: &'f BTreeMap<String, String>,
    pub(super) edits: BTreeMap<String, Edits>,
    pub(super) report: &'f mut Report,
}

impl Merge<'_> {
    pub(super) fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    pub(super) fn edits(&mut self, path: &str) -> &mut Edits {
        self.edits.entry(path.to_owned()).or_default()
    }

    pub(super) fn changed(&mut self, item: &str, how: impl Into<String>) {
        self.report.add(Change::Changed {
            item: item.to_owned(),
            how: how.into(),
        });
    }

    /// Sets a key of the operation in the line behind its name, or removes it.
    pub(super) fn key(&mut self, path: &str, key: &str, value: Option<&str>) {
        let text = self.text(path);
        let present = top_line(text, key);
        let behind = top_line(text, "operation").map_or(text.len(), |line| line.end);
        let line = value.map(|value| format!("{key}: {value}\n"));
        let place = present.unwrap_or(behind..behind);
        self.edits(path).replace(place, line.unwrap_or_default());
    }

    /// Merges the rows of a table, each of `facts` with the text that a new row has; `end` is where
    /// rows of an empty table would go.
    pub(super) fn rows(
        &mut self,
        path: &str,
        item: &str,
        rows: &[Spanned<Row>],
        facts: &[Wanted],
        write: &dyn Fn(usize, usize) -> String,
        end: Option<usize>,
    ) -> Result<(), Error> {
        let mut after = None;
        for (index, fact) in facts.iter().enumerate() {
            let name = format!("{item} {}", fact.path());
            if let Some(row) = rows.iter().find(|row| fact.is(&row.value)) {
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
            let new = write(index, indent);
            self.edits(path).insert(at, new);
            self.report.add(Change::Added(name));
        }
        let known: BTreeSet<(&str, &str)> = facts
            .iter()
            .map(|fact| (fact.parent.as_str(), fact.name.as_str()))
            .collect();
        let parents: BTreeSet<&str> = facts.iter().map(|fact| fact.parent.as_str()).collect();
        for row in rows.iter().map(|row| &row.value) {
            // A row that a person added says so by its `fix`; one within a container that is not
            // imported is a person's.
            let (parent, name) = (row.parent.as_str(), row.name.as_str());
            let ours = parent.is_empty() || parents.contains(parent);
            if !known.contains(&(parent, name)) && row.fix.is_none() && ours {
                self.report
                    .add(Change::Removed(format!("{item} {}", join(parent, name))));
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
        fact: &Wanted,
    ) -> Result<(), Error> {
        let own = &row.value;
        let same_type = is_same_type(own, fact);
        let differs = !same_type
            || (own.required, own.nullable, own.omittable)
                != (fact.required, fact.nullable, fact.omittable);
        if let Some(reason) = &own.fix {
            if differs {
                self.report.add(Change::Kept {
                    item: name.to_owned(),
                    reason: reason.clone(),
                });
            } else if !fact.mended {
                self.report.add(Change::UselessFix(name.to_owned()));
            }
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

impl Wanted {
    fn is(&self, row: &Row) -> bool {
        row.name == self.name && row.parent == self.parent
    }

    fn path(&self) -> String {
        join(&self.parent, &self.name)
    }
}

/// Whether a row and what is imported agree on how a value is sent. That a text is really a time, or
/// which container it is, a person may know better.
fn is_same_type(row: &Row, fact: &Wanted) -> bool {
    let (own, own_list) = row.kind.read();
    let (new, new_list) = words::parse(&fact.kind);
    let same = own == new
        || matches!(
            (own, new),
            (Type::Text, Type::Timestamp) | (Type::Timestamp, Type::Text)
        ) && row.really.is_some()
        || own == Type::Container && matches!(new, Type::Named(_))
        || new == Type::Container && matches!(own, Type::Named(_));
    same && own_list == new_list
}

fn in_one_line(path: &str, name: &str) -> Error {
    Error::new(
        path,
        format!("`{name}` cannot be merged: write each row as an item in lines of its own"),
    )
}
