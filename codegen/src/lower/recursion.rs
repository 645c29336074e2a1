//! Structures that need a box: those that can hold their own kind, and large ones.

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

/// Bytes of the largest structure that is in another one without a box. Most members are absent
/// most of the time, and an absent one would take all its room.
const LARGE: usize = 512;

/// How many bytes the structure of each table takes, roughly.
#[derive(Debug)]
pub(super) struct Sizes<'a>(BTreeMap<&'a Key, usize>);

impl<'a> Sizes<'a> {
    /// Adds up the rows of all tables.
    pub(super) fn of(tables: &'a Tables<'a>, reach: &Reach<'a>) -> Self {
        let mut sizes = Self(BTreeMap::new());
        for key in tables.keys() {
            sizes.add(tables, reach, key);
        }
        sizes
    }

    /// Whether the structure of the table `key` is too large to be inside another one.
    pub(super) fn is_large(&self, key: &Key) -> bool {
        self.0.get(key).is_some_and(|size| *size > LARGE)
    }

    fn add(&mut self, tables: &'a Tables<'a>, reach: &Reach<'a>, key: &'a Key) -> usize {
        if let Some(size) = self.0.get(key) {
            return *size;
        }
        let rows = tables.get(key).map_or(&[][..], |table| &table.rows);
        let rows: usize = rows
            .iter()
            .map(|placed| match placed.row.typed() {
                _ if placed.row.fixed.is_some() => 0,
                (Type::Integer | Type::Float, false) => 16,
                (Type::Boolean, false) => 1,
                typed if is_single(typed) => match placed.target.as_ref() {
                    None => TEXT,
                    Some(target) if reach.is_circular(key, target) => BOX,
                    Some(target) => match self.add(tables, reach, target) {
                        size if size > LARGE => BOX,
                        size => size,
                    },
                },
                _ => TEXT,
            })
            .sum();
        let size = rows + BOX;
        self.0.insert(key, size);
        size
    }
}

/// Bytes of a text, a list, a map or a word.
const TEXT: usize = 24;

/// Bytes of a box, and of what no table knows.
const BOX: usize = 8;

/// Whether a row holds one structure in its own place. Lists and maps keep theirs elsewhere.
fn is_single((word, list): (Type<'_>, bool)) -> bool {
    !list && !matches!(word, Type::MapOf(_))
}

/// Whether `table` is a choice of many structures of which one or two are present at a time: they
/// get boxes, or an empty one would take as much memory as all of them.
pub(super) fn is_wide(table: &Table<'_>) -> bool {
    let structures = table.rows.iter().filter(|placed| {
        let (word, list) = placed.row.typed();
        !list && matches!(word, Type::Container | Type::Named(_))
    });
    structures.count() >= WIDE
}
