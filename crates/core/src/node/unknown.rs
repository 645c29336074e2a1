//! What a structure keeps besides the values of its fields.

use serde_json::{Map, Value};

/// Nodes that arrived and that no table knows, and the marks of lists that are present but empty.
/// Both survive a round trip.
///
/// An XML element becomes a text, or a map of its children, attributes under `@name` and mixed text
/// under `#text`; elements of one name become a list.
///
/// A field holds an empty `Vec` or map whether the node is absent or `[]`, so that it is read
/// without unwrapping. JSON distinguishes the two, and so does the mark: the decoder, a constructor
/// and a setter leave it where they are given an empty list, which is then written. An item in the
/// list makes the mark void.
#[derive(Clone, Default)]
pub struct Unknown(Option<Box<Kept>>);

#[derive(Clone, Default)]
struct Kept {
    nodes: Map<String, Value>,
    /// Positions in the table, sorted.
    empty: Vec<u16>,
}

impl Unknown {
    /// Nothing.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Whether there is no unknown node.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|kept| kept.nodes.is_empty())
    }

    /// How many unknown nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |kept| kept.nodes.len())
    }

    /// The node called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.nodes.get(name)
    }

    /// All nodes by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0
            .iter()
            .flat_map(|kept| kept.nodes.iter())
            .map(|(name, value)| (name.as_str(), value))
    }

    /// Keeps a node; a second one of the same name makes a list.
    pub fn insert(&mut self, name: String, value: Value) {
        let nodes = &mut self.0.get_or_insert_with(Box::default).nodes;
        match nodes.get_mut(&name) {
            None => {
                nodes.insert(name, value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }

    /// Notes whether the list or the map at `position` of the table is present and `empty`.
    pub fn mark_empty(&mut self, position: usize, empty: bool) {
        // No table is that long; the mark of such a row would only be missed.
        let Ok(position) = u16::try_from(position) else {
            return;
        };
        if empty {
            let marks = &mut self.0.get_or_insert_with(Box::default).empty;
            if let Err(at) = marks.binary_search(&position) {
                marks.insert(at, position);
            }
        } else if let Some(kept) = &mut self.0 {
            kept.empty.retain(|mark| *mark != position);
        }
    }

    /// Whether the list or the map at `position` of the table is present, should it be empty.
    pub fn is_marked_empty(&self, position: usize) -> bool {
        self.marks().any(|mark| usize::from(*mark) == position)
    }

    fn marks(&self) -> impl Iterator<Item = &u16> {
        self.0.iter().flat_map(|kept| &kept.empty)
    }

    /// Whether the nodes are equal, whatever is marked.
    pub(crate) fn has_same_nodes(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }

    /// Keeps the marks alone.
    pub(crate) fn forget_nodes(&mut self) {
        if let Some(kept) = &mut self.0 {
            kept.nodes = Map::new();
        }
    }

    /// Adds what `other` has.
    pub(crate) fn extend(&mut self, other: Self) {
        if self.0.is_none() {
            *self = other;
        } else if let Some(other) = other.0 {
            for (name, value) in other.nodes {
                self.insert(name, value);
            }
            for mark in other.empty {
                self.mark_empty(mark.into(), true);
            }
        }
    }

    /// The nodes by name.
    pub(crate) fn into_nodes(self) -> Map<String, Value> {
        self.0.map(|kept| kept.nodes).unwrap_or_default()
    }
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.has_same_nodes(other) && self.marks().eq(other.marks())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_one_name_become_a_list() {
        let mut unknown = Unknown::new();
        for number in [1, 2, 3] {
            unknown.insert("a".to_owned(), number.into());
        }
        assert_eq!(unknown.get("a"), Some(&serde_json::json!([1, 2, 3])));
    }

    #[test]
    fn marks_are_set_and_taken_back() {
        let mut unknown = Unknown::new();
        unknown.mark_empty(3, false);
        assert!(!unknown.is_marked_empty(3));
        unknown.mark_empty(3, true);
        unknown.mark_empty(3, true);
        unknown.mark_empty(70_000, true);
        assert!(unknown.is_marked_empty(3) && !unknown.is_marked_empty(2));
        assert!(unknown.is_empty() && unknown != Unknown::new());
        assert!(unknown.has_same_nodes(&Unknown::new()));
        unknown.mark_empty(3, false);
        assert!(!unknown.is_marked_empty(3) && unknown == Unknown::new());
    }

    #[test]
    fn what_two_hold_is_joined() {
        let of = |name: &str, mark| {
            let mut unknown = Unknown::new();
            unknown.insert(name.to_owned(), Value::Null);
            unknown.mark_empty(mark, true);
            unknown
        };
        let mut both = of("a", 0);
        both.extend(of("b", 1));
        let names: Vec<_> = both.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(both.is_marked_empty(0) && both.is_marked_empty(1));
        both.forget_nodes();
        assert!(both.is_empty() && both.is_marked_empty(1));
    }
}
