//! Structures that can hold their own kind.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{Placed, Tables};
use super::words;

/// Which tables can be reached from each through single containers. A list needs no box: it keeps
/// its items elsewhere anyway.
#[derive(Debug)]
pub(super) struct Reach<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Reach<'a> {
    /// Follows the single containers of all tables.
    pub(super) fn of(tables: &'a Tables<'a>) -> Self {
        let direct: BTreeMap<&str, BTreeSet<&str>> = tables
            .iter()
            .map(|(key, table)| {
                let targets = table
                    .rows
                    .iter()
                    .filter(|placed| !words::of(placed.row).1)
                    .filter_map(Placed::target)
                    .collect();
                (key.as_str(), targets)
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
    pub(super) fn is_circular(&self, from: &str, to: &str) -> bool {
        from == to || self.0.get(to).is_some_and(|reached| reached.contains(from))
    }
}
