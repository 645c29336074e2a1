//! Structures that can hold their own kind.

use std::collections::{BTreeMap, BTreeSet};

use super::key::Key;
use super::tables::{Table, Tables};
use crate::words::Type;

/// So many single structures make a table a choice of structures.
const WIDE: usize = 8;

/// Which tables can be reached from each through single containers. A list needs no box: it keeps
/// its items elsewhere anyway.
#[derive(Debug)]
pub(super) struct Reach<'a>(BTreeMap<&'a Key, BTreeSet<&'a Key>>);

impl<'a> Reach<'a> {
    /// Follows the single containers of all tables.
    pub(super) fn of(tables: &'a Tables<'a>) -> Self {
        let direct: BTreeMap<&Key, BTreeSet<&Key>> = tables
            .iter()
            .map(|(key, table)| {
                let targets = table
                    .rows
                    .iter()
                    .filter(|placed| is_single(placed.row.typed()))
                    .filter_map(|placed| placed.target.as_ref())
                    .collect();
                (key, targets)
            })
            .collect();
        let reach = direct
            .keys()
            .map(|&key| {
                let mut seen = BTreeSet::new();
                let mut open = vec![key];
                while let Some(next) = open.pop() {
                    for &target in direct.get(next).into_iter().flatten() {
                        if seen.insert(target) {
                            open.push(target);
                        }
                    }
                }
                (key, seen)
            })
            .collect();
        Self(reach)
    }

    /// Whether a field of `from` that holds one `to` closes a circle.
    pub(super) fn is_circular(&self, from: &Key, to: &Key) -> bool {
        from == to || self.0.get(to).is_some_and(|reached| reached.contains(from))
    }
}

/// Whether a row holds one structure in its own place. Lists and maps keep theirs elsewhere.
fn is_single((word, list): (Type<'_>, bool)) -> bool {
    !list && !matches!(word, Type::MapOf(_))
}

/// Whether `table` is a choice of many structures of which one or two are there at a time: they get
/// boxes, or an empty one would take as much memory as all of them.
pub(super) fn is_wide(table: &Table<'_>) -> bool {
    let structures = table.rows.iter().filter(|placed| {
        let (word, list) = placed.row.typed();
        !list && matches!(word, Type::Container | Type::Named(_))
    });
    structures.count() >= WIDE
}
