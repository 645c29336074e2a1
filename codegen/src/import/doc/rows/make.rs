//! Rows that have their container: their type, and what was found on the way.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pending, Placing};
use crate::import::doc::cells::{finish, is_required, text_kind};
use crate::import::doc::clauses::begins_with_condition;
use crate::import::doc::facts::{OPEN, Row};
use crate::import::doc::kinds::Kind;
use crate::import::doc::parent::How;
use crate::import::doc::remark::{RemarkKind, Remarks};
use crate::import::doc::shape::{join, split};
use crate::import::doc::table::RawRow;

impl Placing<'_> {
    /// Makes the rows.
    pub(super) fn rows(mut self, pending: Vec<Pending>, remarks: &mut Remarks) -> Vec<Row> {
        let root = self.root();
        let holders: BTreeSet<String> = pending
            .iter()
            .flat_map(|row| row.found.iter().map(|(place, _)| place.clone()))
            .collect();
        let mut rows: Vec<Row> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for row in pending {
            if row.found.is_empty() {
                rows.push(self.orphan(&row, remarks));
                continue;
            }
            let several = row.found.len() > 1;
            for (place, how) in &row.found {
                let path = join(place, last(&row.name));
                if place.is_empty() && path == root && !root.is_empty() {
                    continue;
                }
                // A container that no table has stands before the first row in it.
                self.give_out(place, &mut rows, &mut places);
                let mut own = match several.then(|| of_container(&row, place)).flatten() {
                    Some(row) => self.row(&row, place, &holders, remarks),
                    None => self.row(&row, place, &holders, remarks),
                };
                self.tell_place(&row, place, *how, several, remarks);
                if let Some(known) = places.get(&path).and_then(|at| rows.get_mut(*at)) {
                    merge(known, &own, &self.item(&path), remarks);
                    continue;
                }
                if own.kind.is_container() && own.description.is_empty() {
                    own.description.clone_from(&row.raw.description);
                }
                places.insert(path, rows.len());
                rows.push(own);
            }
        }
        rows
    }

    fn give_out(&mut self, place: &str, rows: &mut Vec<Row>, places: &mut BTreeMap<String, usize>) {
        let mut at = 0;
        while at < self.inferred.len() {
            let path = self.inferred.get(at).map(Row::path).unwrap_or_default();
            let within = place.strip_prefix(path.as_str());
            if within.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
                let row = self.inferred.remove(at);
                if let std::collections::btree_map::Entry::Vacant(e) = places.entry(path) {
                    e.insert(rows.len());
                    rows.push(row);
                }
            } else {
                at += 1;
            }
        }
    }

    fn tell_place(
        &self,
        row: &Pending,
        place: &str,
        how: How,
        several: bool,
        remarks: &mut Remarks,
    ) {
        let text = row
            .raw
            .parent
            .as_deref()
            .unwrap_or_default()
            .replace('\n', " ");
        let text = text.trim();
        let item = self.item(&join(place, last(&row.name)));
        let (kind, text) = match how {
            _ if several && row.written.is_some() => (
                RemarkKind::Repaired,
                format!("the parent is written `{text}`, which names several containers; each has the row"),
            ),
            How::Written => return,
            How::Completed if row.written.is_none() => (
                RemarkKind::Inferred,
                "the table has no column for parents, and no text names the container; the root was taken".to_owned(),
            ),
            How::Completed => (
                RemarkKind::Repaired,
                format!("the parent is written `{text}`, which is `{place}`"),
            ),
            How::Nearest => (
                RemarkKind::Repaired,
                format!("the parent is written `{text}`, which several containers are called; `{place}` is meant"),
            ),
            How::Mended => (
                RemarkKind::Contradicted,
                format!("the parent is written `{text}`; `{place}` is meant"),
            ),
        };
        remarks.add(row.raw.line, kind, item, text);
    }

    /// A row whose container is not known.
    fn orphan(&self, row: &Pending, remarks: &mut Remarks) -> Row {
        let text = row
            .written
            .as_ref()
            .and_then(|it| it.first())
            .cloned()
            .unwrap_or_default();
        let kind = row.kind.clone().unwrap_or_else(text_kind);
        let mut own = Row::new(row.raw.line, &text, last(&row.name), kind);
        own.required = is_required(&row.raw);
        own.explain(&format!("{OPEN}: no table has the container `{text}`."));
        remarks.add(
            row.raw.line,
            RemarkKind::Refused,
            self.item(&row.name),
            format!("no table and no body has its container `{text}`: write the parent"),
        );
        own
    }

    fn row(
        &self,
        row: &Pending,
        place: &str,
        holders: &BTreeSet<String>,
        remarks: &mut Remarks,
    ) -> Row {
        let raw = &row.raw;
        let name = last(&row.name);
        let path = join(place, name);
        let item = self.item(&path);
        let seen = self.shape.get(&path);
        let holds = holders.contains(&path);
        let shows_container = seen.is_some_and(|seen| seen.container);
        let cell = raw.kind.as_deref().unwrap_or_default().replace('\n', " ");
        let cell = cell.trim();
        let mut fix = None;
        let kind = match row.kind.clone() {
            Some(kind) if kind.word.is_empty() => {
                let word = if holds || shows_container {
                    "Container"
                } else {
                    "String"
                };
                remarks.add(
                    raw.line,
                    RemarkKind::Inferred,
                    item.clone(),
                    format!("the type is `{cell}`; read as a list of {word}"),
                );
                fix = Some(format!("The document says {cell}."));
                Kind {
                    word: word.to_owned(),
                    ..kind
                }
            }
            Some(kind) if holds && !kind.is_container() && kind.word != "Map" => {
                remarks.add(
                    raw.line,
                    RemarkKind::Contradicted,
                    item.clone(),
                    format!("the type is `{cell}`, but other rows are in it; it is a container"),
                );
                fix = Some(format!("The document says {cell} and has rows for it."));
                Kind {
                    word: "Container".to_owned(),
                    really: None,
                    ..kind
                }
            }
            Some(kind) => kind,
            None if holds || shows_container => {
                remarks.add(
                    raw.line,
                    RemarkKind::Inferred,
                    item.clone(),
                    if cell.is_empty() {
                        "the table does not say the type; other nodes are in it".to_owned()
                    } else {
                        format!("the type is `{cell}`; other nodes are in it")
                    },
                );
                Kind {
                    word: "Container".to_owned(),
                    list: false,
                    really: None,
                }
            }
            None if cell.is_empty() => {
                remarks.add(
                    raw.line,
                    RemarkKind::Inferred,
                    item.clone(),
                    "the table does not say the type; a text was taken",
                );
                text_kind()
            }
            None => {
                remarks.add(
                    raw.line,
                    RemarkKind::Refused,
                    item.clone(),
                    format!("the type `{cell}` is not known: write what it is"),
                );
                fix = Some(format!("{OPEN}: the document says {cell}."));
                text_kind()
            }
        };
        let mut own = Row::new(raw.line, place, name, kind);
        own.fix = fix;
        finish(&mut own, raw, &item, remarks);
        own
    }
}

/// A row that several containers have, with what its description says of the one at `place` only:
/// lines that name another of them are left out, and of those that name this one the condition that
/// does. `None` if there are no such lines.
fn of_container(row: &Pending, place: &str) -> Option<Pending> {
    let names = |path: &str, line: &str| {
        let own = last(path);
        line.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.len() > 3 && own.ends_with(word))
    };
    let others: Vec<&str> = row
        .found
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| *path != place)
        .collect();
    let own = |line: &str| -> Option<String> {
        if !names(place, line) {
            let other = others.iter().any(|path| names(path, line));
            return (!other).then(|| line.to_owned());
        }
        let condition = line.split([',', '，']).next().unwrap_or_default();
        if begins_with_condition(line) && names(place, condition) {
            let rest = line.get(condition.len()..).unwrap_or_default();
            return Some(rest.trim_start_matches([',', '，', ' ']).to_owned());
        }
        Some(line.to_owned())
    };
    let lines: Vec<String> = row.raw.description.lines().filter_map(own).collect();
    let description = lines.join("\n");
    (description != row.raw.description).then(|| Pending {
        raw: RawRow {
            description,
            ..row.raw.clone()
        },
        ..row.clone()
    })
}

/// The name behind the containers that a name may begin with.
fn last(name: &str) -> &str {
    split(name).1
}

/// Joins a row that the document has twice.
fn merge(known: &mut Row, own: &Row, item: &str, remarks: &mut Remarks) {
    let told = |row: &Row| {
        format!(
            "{}{}",
            row.kind.text(),
            if row.required { ", required" } else { "" }
        )
    };
    if told(known) == told(own) {
        if !own.description.is_empty() && known.description.trim() != own.description.trim() {
            remarks.add(
                own.line,
                RemarkKind::Repaired,
                item,
                format!(
                    "line {} describes it already, in other words: this line was left out",
                    known.line
                ),
            );
        }
        return;
    }
    remarks.add(
        own.line,
        RemarkKind::Contradicted,
        item,
        format!(
            "line {} says {}, this one {}; the first counts",
            known.line,
            told(known),
            told(own)
        ),
    );
}
