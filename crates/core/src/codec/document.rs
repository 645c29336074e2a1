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
