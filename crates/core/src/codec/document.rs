//! A structure that exists only as a table.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::debug::debug;
use crate::node::{
    Node, NodeMapSlot, NodeSlot, Ref, RefVisitor, Slot, SlotVisitor, TextList, Unknown, WordSlot,
};
use crate::schema::{Field, Kind, Structure};

/// A value of any structure, driven by its table alone: what calls an operation, or reads a
/// message, for which no type was compiled in.
#[derive(Clone, PartialEq)]
pub struct Document {
    structure: &'static Structure,
    places: Vec<Place>,
    unknown: Unknown,
}

#[derive(Clone, PartialEq)]
enum Place {
    Fixed,
    Text(Option<String>),
    Word(Words),
    Integer(Option<i64>),
    Float(Option<f64>),
    Boolean(Option<bool>),
    Node(Children),
    Any(Option<Value>),
    Map(BTreeMap<String, String>),
    Texts(Vec<String>),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    Booleans(Vec<bool>),
    Nodes(Children),
    NodeMap(NamedChildren),
    Anys(Vec<Value>),
}

/// Words of an open enumeration: one, or as many as a list has.
#[derive(Clone, PartialEq)]
struct Words {
    /// `None` for a timestamp, which knows its own words.
    known: Option<&'static [&'static str]>,
    list: bool,
    texts: Vec<String>,
}

/// Structures of one table: one, or as many as a list has.
#[derive(Clone, PartialEq)]
struct Children {
    structure: &'static Structure,
    list: bool,
    items: Vec<Document>,
}

/// Structures of one table by name.
#[derive(Clone, PartialEq)]
struct NamedChildren {
    structure: &'static Structure,
    items: BTreeMap<String, Document>,
}

impl Document {
    /// An empty value of `structure`.
    pub fn new(structure: &'static Structure) -> Self {
        Self {
            structure,
            places: structure.fields().iter().map(Place::new).collect(),
            unknown: Unknown::new(),
        }
    }

    /// Goes on with `page`, the next page of the same list, of the same structure: its items are
    /// behind those that are there, and everything else is as there.
    pub fn append(&mut self, page: Self) {
        for (place, more) in self.places.iter_mut().zip(page.places) {
            place.append(more);
        }
        self.unknown.extend(page.unknown);
    }
}

impl Place {
    fn new(field: &Field) -> Self {
        let list = field.is_list();
        let words = |known| {
            Place::Word(Words {
                known,
                list,
                texts: Vec::new(),
            })
        };
        match (field.kind, list) {
            (Kind::Fixed(_), _) => Place::Fixed,
            (Kind::Text, false) => Place::Text(None),
            (Kind::Text, true) => Place::Texts(Vec::new()),
            (Kind::Timestamp, _) => words(None),
            (Kind::Enumeration(known), _) => words(Some(known)),
            (Kind::Integer, false) => Place::Integer(None),
            (Kind::Integer, true) => Place::Integers(Vec::new()),
            (Kind::Float, false) => Place::Float(None),
            (Kind::Float, true) => Place::Floats(Vec::new()),
            (Kind::Boolean, false) => Place::Boolean(None),
            (Kind::Boolean, true) => Place::Booleans(Vec::new()),
            (Kind::Structure(structure), list) => {
                let children = Children {
                    structure,
                    list,
                    items: Vec::new(),
                };
                if list {
                    Place::Nodes(children)
                } else {
                    Place::Node(children)
                }
            }
            (Kind::MapOf(structure), _) => Place::NodeMap(NamedChildren {
                structure,
                items: BTreeMap::new(),
            }),
            (Kind::Map, _) => Place::Map(BTreeMap::new()),
            (Kind::Any, false) => Place::Any(None),
            (Kind::Any, true) => Place::Anys(Vec::new()),
        }
    }

    fn append(&mut self, more: Self) {
        match (self, more) {
            (Place::Word(words), Place::Word(more)) if words.list => words.texts.extend(more.texts),
            (Place::Texts(list), Place::Texts(more)) => list.extend(more),
            (Place::Integers(list), Place::Integers(more)) => list.extend(more),
            (Place::Floats(list), Place::Floats(more)) => list.extend(more),
            (Place::Booleans(list), Place::Booleans(more)) => list.extend(more),
            (Place::Nodes(list), Place::Nodes(more)) => list.items.extend(more.items),
            (Place::Anys(list), Place::Anys(more)) => list.extend(more),
            (Place::NodeMap(map), Place::NodeMap(more)) => map.items.extend(more.items),
            (Place::Map(map), Place::Map(more)) => map.extend(more),
            (Place::Node(one), Place::Node(mut more)) => {
                match (one.items.first_mut(), more.items.pop()) {
                    (Some(one), Some(more)) => one.append(more),
                    (None, Some(more)) => one.items.push(more),
                    // An empty container may be left out of a page.
                    (_, None) => {}
                }
            }
            (place, more) => *place = more,
        }
    }

    fn view(&self) -> Ref<'_> {
        match self {
            Place::Fixed => Ref::Fixed,
            Place::Text(text) => Ref::Text(text.as_deref()),
            Place::Word(words) if words.list => Ref::Texts(words),
            Place::Word(words) => Ref::Text(words.texts.first().map(String::as_str)),
            Place::Integer(number) => Ref::Integer(*number),
            Place::Float(number) => Ref::Float(*number),
            Place::Boolean(truth) => Ref::Boolean(*truth),
            Place::Node(children) => {
                Ref::Node(children.items.first().map(|child| child as &dyn Node))
            }
            Place::Any(value) => Ref::Any(value.as_ref()),
            Place::Map(map) => Ref::Map(map),
            Place::Texts(list) => Ref::Texts(list),
            Place::Integers(list) => Ref::Integers(list),
            Place::Floats(list) => Ref::Floats(list),
            Place::Booleans(list) => Ref::Booleans(list),
            Place::Nodes(children) => Ref::Nodes(&children.items),
            Place::NodeMap(children) => Ref::NodeMap(&children.items),
            Place::Anys(list) => Ref::Anys(list),
        }
    }

    fn slot(&mut self) -> Slot<'_> {
        match self {
            Place::Fixed => Slot::Fixed,
            Place::Text(text) => Slot::Text(text),
            Place::Word(words) => Slot::Word(words),
            Place::Integer(number) => Slot::Integer(number),
            Place::Float(number) => Slot::Float(number),
            Place::Boolean(truth) => Slot::Boolean(truth),
            Place::Node(children) => Slot::Node(children),
            Place::Any(value) => Slot::Any(value),
            Place::Map(map) => Slot::Map(map),
            Place::Texts(list) => Slot::Texts(list),
            Place::Integers(list) => Slot::Integers(list),
            Place::Floats(list) => Slot::Floats(list),
            Place::Booleans(list) => Slot::Booleans(list),
            Place::Nodes(children) => Slot::Nodes(children),
            Place::NodeMap(children) => Slot::NodeMap(children),
            Place::Anys(list) => Slot::Anys(list),
        }
    }
}

impl Node for Document {
    fn structure(&self) -> &'static Structure {
        self.structure
    }

    fn refs(&self, visitor: RefVisitor<'_>) {
        visitor.visit(&self.places.iter().map(Place::view).collect::<Vec<_>>());
    }

    fn slots(&mut self, visitor: SlotVisitor<'_>) {
        visitor.visit(&mut self.places.iter_mut().map(Place::slot).collect::<Vec<_>>());
    }

    fn unknown(&self) -> &Unknown {
        &self.unknown
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }

    fn footprint(&self) -> usize {
        // A single one is in a list, too, which has room for four.
        4 * size_of::<Self>() + self.places.len() * size_of::<Place>()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(self, f)
    }
}

impl WordSlot for Words {
    fn put(&mut self, text: String) -> bool {
        let known = match self.known {
            Some(words) => words.contains(&text.as_str()),
            None => crate::time::Timestamp::from_text(text.clone()).is_well_formed(),
        };
        if !self.list {
            self.texts.clear();
        }
        self.texts.push(text);
        known
    }

    fn clear(&mut self) {
        self.texts.clear();
    }

    fn count(&self) -> usize {
        self.texts.len()
    }
}

impl TextList for Words {
    fn count(&self) -> usize {
        self.texts.len()
    }

    fn item(&self, index: usize) -> Option<&str> {
        self.texts.get(index).map(String::as_str)
    }
}

impl NodeSlot for Children {
    fn put(&mut self, fill: &mut dyn FnMut(&mut dyn Node)) {
        match self.items.first_mut() {
            Some(only) if !self.list => fill(only),
            _ => {
                let mut document = Document::new(self.structure);
                fill(&mut document);
                self.items.push(document);
            }
        }
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node)) {
        for document in &mut self.items {
            change(document);
        }
    }

    fn count(&self) -> usize {
        self.items.len()
    }
}

impl NodeMapSlot for NamedChildren {
    fn put(&mut self, name: &str, fill: &mut dyn FnMut(&mut dyn Node)) {
        let empty = || Document::new(self.structure);
        fill(self.items.entry(name.to_owned()).or_insert_with(empty));
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node)) {
        for document in self.items.values_mut() {
            change(document);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.items.contains_key(name)
    }

    fn count(&self) -> usize {
        self.items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::JOB;
    use super::super::json;
    use super::Document;

    fn read(text: &str) -> Document {
        let mut job = Document::new(&JOB);
        json::decode(text, "Job", &mut job).unwrap();
        job
    }

    #[test]
    fn a_page_goes_on_with_lists_and_decides_on_everything_else() {
        let mut list = read(
            r#"{"Tag":"ImageInspect","Level":2,"Note":"next","Names":["one"],"Sizes":[1],
            "Parts":[{"Object":"p"}],"Child":{"State":"a","Names":["x"]},"Tags":{"x":"y"},"Own":1}"#,
        );
        list.append(read(
            r#"{"Level":3,"Names":["two"],"Sizes":[-2],"Parts":[{"Object":"q"},{"Object":"r"}],
            "Child":{"State":"b","Names":["y"]},"Tags":{"z":"z"},"Other":2}"#,
        ));
        let whole = read(
            r#"{"Level":3,"Names":["one","two"],"Sizes":[1,-2],
            "Parts":[{"Object":"p"},{"Object":"q"},{"Object":"r"}],
            "Child":{"State":"b","Names":["x","y"]},"Tags":{"x":"y","z":"z"},"Own":1,"Other":2}"#,
        );
        assert_eq!(list, whole);
        // A page without the container of a list says nothing of it.
        list.append(read(r#"{"Level":3}"#));
        assert_eq!(list, whole);
    }
}
