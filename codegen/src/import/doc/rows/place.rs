//! The container of each row: first as written, then by less and less.

use super::{Pending, Placing, is_name};
use crate::import::doc::facts::Row;
use crate::import::doc::kinds::Kind;
use crate::import::doc::parent::How;
use crate::import::doc::remark::{RemarkKind, Remarks};
use crate::import::doc::shape::{join, split};

/// Passes over rows whose container is not known yet.
const PASSES: usize = 10;

/// Containers of one message that may be inferred.
const INFERRED: usize = 200;

impl Placing<'_> {
    pub(super) fn item(&self, path: &str) -> String {
        format!("{} {path}", self.side)
    }

    /// Finds the container of each row: first as written, then by less and less.
    pub(super) fn place(&mut self, pending: &mut [Pending], remarks: &mut Remarks) {
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

    pub(super) fn root(&self) -> String {
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
            // What is written is no container at all: bodies show the node in one place.
            self.looks = self.looks.checked_sub(1)?;
            if let Some(path) = self.shown_in(&row.name).filter(|_| !text.contains('.')) {
                return Some((path, How::Mended));
            }
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

    /// The container in which bodies show a node, if that is known and the only one.
    fn shown_in(&self, name: &str) -> Option<String> {
        let mut places = self
            .shape
            .order
            .iter()
            .map(|path| split(path))
            .filter(|(_, last)| *last == name)
            .map(|(around, _)| around);
        let (place, None) = (places.next()?, places.next()) else {
            return None;
        };
        self.containers.has(place).then(|| place.to_owned())
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
}
