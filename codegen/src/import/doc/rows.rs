//! The rows of a body: each in its container, of a type, once.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{finish, is_required, text_kind};
use super::facts::{OPEN, Row};
use super::kinds::{self, Kind};
use super::parent::{self, Containers, How};
use super::remark::{RemarkKind, Remarks};
use super::shape::{Shape, join, split};
use super::table::RawRow;
use super::vocabulary;

/// Passes over rows whose container is not known yet.
const PASSES: usize = 10;

/// Containers of one message that may be inferred.
const INFERRED: usize = 200;

/// The rows of a table, and the text before it.
pub(super) struct Source {
    pub(super) rows: Vec<RawRow>,
    pub(super) intro: String,
}

/// A row on its way to its container.
struct Pending {
    raw: RawRow,
    name: String,
    /// The table that it is from.
    table: usize,
    /// What the document calls the container; several if it names several.
    written: Option<Vec<String>>,
    kind: Option<Kind>,
    /// Paths of the containers, with how each was found.
    found: Vec<(String, How)>,
}

/// Reads the rows of a body: the name of its root and its rows in their order.
pub(super) fn body(
    side: &str,
    sources: &[Source],
    shape: &Shape,
    remarks: &mut Remarks,
) -> (String, Vec<Row>) {
    let mut pending = Vec::new();
    for (table, source) in sources.iter().enumerate() {
        for raw in &source.rows {
            pending.extend(names(raw, side, remarks).into_iter().map(|name| Pending {
                written: raw.parent.as_deref().map(parent::written),
                kind: raw.kind.as_deref().and_then(kinds::kind),
                raw: raw.clone(),
                name,
                table,
                found: Vec::new(),
            }));
        }
    }
    let tops: Vec<&str> = pending
        .iter()
        .filter(|row| {
            let top = row
                .written
                .as_ref()
                .is_some_and(|it| it.iter().all(String::is_empty));
            top && row.kind.as_ref().is_some_and(Kind::is_container)
        })
        .map(|row| row.name.as_str())
        .collect();
    let parents: Vec<String> = pending
        .iter()
        .filter_map(|row| row.written.as_ref()?.first().cloned())
        .collect();
    let root = if shape.json {
        String::new()
    } else {
        parent::root(shape, &tops, &parents).unwrap_or_default()
    };
    let intros: Vec<&str> = sources.iter().map(|source| source.intro.as_str()).collect();
    let mut placing = Placing {
        side,
        shape,
        containers: Containers::new(&root),
        intros: &intros,
        nodes: pending.iter().map(|row| row.name.clone()).collect(),
        inferred: Vec::new(),
        looks: 1000,
    };
    placing.place(&mut pending, remarks);
    let rows = placing.rows(pending, remarks);
    (root, rows)
}

/// The names that the cell of a name holds: usually one.
pub(super) fn names(raw: &RawRow, side: &str, remarks: &mut Remarks) -> Vec<String> {
    let text: String = raw.name.chars().map(vocabulary::half).collect();
    let text = text.replace(['`', '*', '\\'], "").replace('\n', " ");
    let whole: String = text.split_whitespace().collect();
    if is_name(&whole) && text.split_whitespace().count() <= 2 && !text.contains(" or ") {
        return vec![whole];
    }
    let bare = text.split('(').next().unwrap_or_default().trim();
    let bare = bare
        .trim_start_matches(['-', '>', '•', '└', '├', '─', '│', '+', ' ', '·'])
        .trim();
    if is_name(bare) {
        return vec![bare.to_owned()];
    }
    let parts: Vec<&str> = bare
        .split(['/', ',', '、', ' '])
        .map(str::trim)
        .filter(|part| !part.is_empty() && !matches!(*part, "or" | "and" | "或" | "和"))
        .collect();
    if parts.len() > 1
        && parts.len() <= 8
        && parts.iter().all(|part| is_name(part))
        && !bare.starts_with('/')
    {
        remarks.add(
            raw.line,
            RemarkKind::Repaired,
            format!("{side} {bare}"),
            "one line of the table names several nodes; each has a row",
        );
        return parts.into_iter().map(str::to_owned).collect();
    }
    remarks.add(
        raw.line,
        RemarkKind::Refused,
        format!("{side} {bare}"),
        "this is no name of a node; the line of the table was left out",
    );
    Vec::new()
}

/// Whether a text can be the name of a node.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 100
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'))
        && !text.ends_with(['.', ':'])
}

struct Placing<'s> {
    side: &'s str,
    shape: &'s Shape,
    containers: Containers,
    intros: &'s [&'s str],
    /// Names of all rows.
    nodes: BTreeSet<String>,
    /// Containers that no table has.
    inferred: Vec<Row>,
    /// Containers that may still be looked for in the bodies, so that no text is slow.
    looks: usize,
}

impl Placing<'_> {
    fn item(&self, path: &str) -> String {
        format!("{} {path}", self.side)
    }

    /// Finds the container of each row: first as written, then by less and less.
    fn place(&mut self, pending: &mut [Pending], remarks: &mut Remarks) {
        for leniency in 0..5 {
            for _ in 0..PASSES {
                let mut found = false;
                for row in pending.iter_mut().filter(|row| row.found.is_empty()) {
                    let places = self.find(row, leniency, remarks);
                    if places.is_empty() {
                        continue;
                    }
                    found = true;
                    for (place, _) in &places {
                        let path = join(place, &row.name);
                        let container = row.kind.as_ref().is_some_and(Kind::is_container)
                            || self.shape.get(&path).is_some_and(|seen| seen.container);
                        if container
                            || row.kind.is_none()
                            || row.kind.as_ref().is_some_and(|kind| kind.word.is_empty())
                        {
                            self.containers.add(&path);
                        }
                    }
                    row.found = places;
                }
                // What became known lets others be found as written.
                if !found {
                    break;
                }
                if leniency > 0 {
                    self.again(pending, remarks);
                }
            }
        }
    }

    /// Places what can be found as written now.
    fn again(&mut self, pending: &mut [Pending], remarks: &mut Remarks) {
        for row in pending.iter_mut().filter(|row| row.found.is_empty()) {
            row.found = self.find(row, 0, remarks);
            for (place, _) in &row.found {
                if row.kind.as_ref().is_none_or(Kind::is_container) {
                    self.containers.add(&join(place, &row.name));
                }
            }
        }
    }

    fn find(
        &mut self,
        row: &Pending,
        leniency: usize,
        remarks: &mut Remarks,
    ) -> Vec<(String, How)> {
        let Some(written) = &row.written else {
            return self.find_by_intro(row, leniency);
        };
        // The root is no row of itself.
        if written.iter().all(String::is_empty) && row.name == self.root() {
            return vec![(String::new(), How::Written)];
        }
        let mut places = Vec::new();
        for text in written {
            if text.contains('*') {
                if leniency >= 1 {
                    places.extend(
                        self.containers
                            .matching(text)
                            .into_iter()
                            .map(|path| (path, How::Completed)),
                    );
                }
                continue;
            }
            let place = self.find_one(row, text, leniency, remarks);
            match place {
                Some(place) => places.push(place),
                None if leniency < 4 => return Vec::new(),
                None => {}
            }
        }
        places.dedup_by(|one, other| one.0 == other.0);
        places
    }

    fn root(&self) -> String {
        self.containers.exact("").unwrap_or_default()
    }

    fn find_one(
        &mut self,
        row: &Pending,
        text: &str,
        leniency: usize,
        remarks: &mut Remarks,
    ) -> Option<(String, How)> {
        if let Some(path) = self.containers.exact(text) {
            return Some((path, How::Written));
        }
        if leniency >= 1 {
            let intro = self.intro(row.table);
            if let Some(found) = self.containers.by_end(text, &intro) {
                return Some(found);
            }
        }
        // A container that bodies show and no table has.
        let whole = [text.to_owned(), join(&self.root(), text)];
        if leniency >= 2 {
            for path in &whole {
                if self.shape.get(path).is_some_and(|seen| seen.container)
                    && self.infer(path, row, remarks)
                {
                    return Some((path.clone(), How::Written));
                }
            }
            // The one that ends so, with the containers around it.
            let end = format!(".{text}");
            self.looks = self.looks.checked_sub(1)?;
            let mut ends = self.shape.order.iter().filter(|path| path.ends_with(&end));
            if let (Some(path), None) = (ends.next(), ends.next())
                && self.shape.get(path).is_some_and(|seen| seen.container)
            {
                let known = path
                    .match_indices('.')
                    .map(|(at, _)| at)
                    .chain([path.len()]);
                let around: Vec<&str> = known.filter_map(|at| path.get(..at)).collect();
                let all = around
                    .iter()
                    .all(|path| self.containers.has(path) || self.infer(path, row, remarks));
                if all {
                    return Some((path.clone(), How::Completed));
                }
            }
        }
        if leniency >= 3 {
            let intro = self.intro(row.table);
            if let Some(path) = self.containers.with_slip(text, &intro) {
                return Some((path, How::Mended));
            }
        }
        if leniency >= 4 {
            // Only the parents of rows say that it is there.
            for path in &whole {
                let (around, name) = split(path);
                if self.containers.has(around)
                    && !name.is_empty()
                    && !around.is_empty()
                    && self.infer(path, row, remarks)
                {
                    return Some((path.clone(), How::Written));
                }
            }
        }
        None
    }

    /// Adds a container that no table has, if the one around it is known.
    fn infer(&mut self, path: &str, row: &Pending, remarks: &mut Remarks) -> bool {
        let (around, name) = split(path);
        if !is_name(name) || !self.containers.has(around) || self.inferred.len() >= INFERRED {
            return false;
        }
        let seen = self.shape.get(path);
        let list = seen.is_some_and(|seen| seen.repeated);
        let kind = Kind {
            word: "Container".to_owned(),
            list,
            really: None,
        };
        let mut container = Row::new(row.raw.line, around, name, kind);
        let shown = match seen {
            Some(seen) => format!("a body shows it (line {})", seen.line),
            None => "rows name it as their container".to_owned(),
        };
        container.explain(&format!("No table has it; {shown}."));
        remarks.add(
            row.raw.line,
            RemarkKind::Inferred,
            self.item(path),
            format!("no table has this container; {shown}"),
        );
        self.containers.add(path);
        self.inferred.push(container);
        true
    }

    /// The containers that the text before a table names.
    fn intro(&self, table: usize) -> Vec<String> {
        let text = self.intros.get(table).copied().unwrap_or_default();
        self.containers.named_in(text)
    }

    /// The container of a row whose table has no column for it.
    fn find_by_intro(&self, row: &Pending, leniency: usize) -> Vec<(String, How)> {
        // `Rule.Filter.Prefix` says it in its name.
        if let (around, true) = (split(&row.name).0, row.name.contains('.')) {
            return match self.containers.exact(around) {
                Some(path) => vec![(path, How::Written)],
                None => self.containers.by_end(around, &[]).into_iter().collect(),
            };
        }
        if row.name == self.root() && row.table == 0 {
            return vec![(String::new(), How::Written)];
        }
        let text = self.intros.get(row.table).copied().unwrap_or_default();
        // A text that names a node which is not placed yet waits for it.
        let named = self.containers.named_in(text);
        let names_one = |name: &&str| self.nodes.contains(*name);
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let waits = named.is_empty()
            && text
                .split(|c| !word(c))
                .filter(|it| *it != "Container")
                .any(|it| names_one(&it));
        if waits && leniency < 4 {
            return Vec::new();
        }
        let deeper: Vec<String> = named
            .iter()
            .filter(|path| **path != self.root())
            .cloned()
            .collect();
        let places = if deeper.is_empty() {
            vec![self.root()]
        } else {
            deeper
        };
        let how = if text.contains('`') || !named.is_empty() {
            How::Written
        } else {
            How::Completed
        };
        places.into_iter().map(|path| (path, how)).collect()
    }

    /// Makes the rows.
    fn rows(mut self, pending: Vec<Pending>, remarks: &mut Remarks) -> Vec<Row> {
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
                let mut own = self.row(&row, place, &holders, remarks);
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
