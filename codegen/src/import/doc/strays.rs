//! Rows that bodies show elsewhere than the table says: in a container that the parent forgets, or in
//! other letters, small for capital.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Row;
use super::remark::{RemarkKind, Remarks};
use super::shape::{Shape, split};

/// Rows of one message that are moved, with what is within them.
const MOVED: usize = 50;

/// What bodies show, as rows that they do not show look for it.
struct Shown<'s> {
    shape: &'s Shape,
    /// The one container that has a node of the name; `None` for a name of several.
    places: BTreeMap<&'s str, Option<&'s str>>,
    /// Paths by themselves in small letters.
    letters: BTreeMap<String, &'s str>,
}

impl<'s> Shown<'s> {
    fn of(shape: &'s Shape) -> Self {
        let mut shown = Self {
            shape,
            places: BTreeMap::new(),
            letters: BTreeMap::new(),
        };
        for path in &shape.order {
            let (around, name) = split(path);
            shown
                .places
                .entry(name)
                .and_modify(|place| *place = None)
                .or_insert(Some(around));
            shown.letters.insert(path.to_ascii_lowercase(), path);
        }
        shown
    }

    /// Where a row is shown instead, if that is a place that no table has.
    fn instead(&self, row: &Row, known: &BTreeSet<String>) -> Option<&'s str> {
        let spelled = self.letters.get(&row.path().to_ascii_lowercase());
        if let Some(path) = spelled.filter(|path| split(path).0 == row.parent) {
            return (!known.contains(*path)).then_some(*path);
        }
        let place = self.places.get(row.name.as_str()).copied().flatten()?;
        let around = self
            .shape
            .get(&row.parent)
            .is_some_and(|seen| seen.container);
        let within = place
            .strip_prefix(row.parent.as_str())
            .is_some_and(|rest| rest.starts_with('.'));
        let mut order = self.shape.order.iter();
        (around && within && !known.contains(place))
            .then(|| order.find(|path| split(path) == (place, row.name.as_str())))
            .flatten()
            .map(String::as_str)
    }
}

/// Puts rows that no body shows where they are to where bodies show them, if no table has that place and
/// there is only one.
pub(super) fn gather(side: &str, rows: &mut [Row], shape: &Shape, remarks: &mut Remarks) {
    let shown = Shown::of(shape);
    let known: BTreeSet<String> = rows.iter().map(Row::path).collect();
    let mut moved: Vec<(String, &str)> = Vec::new();
    for row in rows.iter_mut() {
        // What is within a row that was moved goes with it.
        let with = moved.iter().find_map(|(from, to)| {
            let rest = row.parent.strip_prefix(from.as_str())?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{to}{rest}"))
        });
        if let Some(place) = with {
            row.parent = place;
        }
        let path = row.path();
        if shape.get(&path).is_some() || moved.len() >= MOVED {
            continue;
        }
        let Some(to) = shown.instead(row, &known) else {
            continue;
        };
        let line = shape.get(to).map_or(0, |seen| seen.line);
        let (place, name) = split(to);
        let told = if name == row.name {
            format!(
                "the parent is written `{}`; bodies show it in `{place}` only (line {line}), which no \
                 table has",
                row.parent
            )
        } else {
            row.explain(&format!(
                "The document's table spells it `{}`, a body `{name}` (line {line}).",
                row.name
            ));
            format!(
                "it is written `{}`; bodies spell it `{name}` (line {line})",
                row.name
            )
        };
        remarks.add(
            row.line,
            RemarkKind::Contradicted,
            format!("{side} {to}"),
            told,
        );
        place.clone_into(&mut row.parent);
        name.clone_into(&mut row.name);
        moved.push((path, to));
    }
}
