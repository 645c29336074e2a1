//! A structure, its values and its places: they name each other, so they are in one file.

use std::collections::BTreeMap;

use serde_json::Value;

use super::unknown::Unknown;
use super::words::{TextList, WordSlot};
use crate::schema::Structure;

/// A structure with a table.
pub trait Node: Send + Sync {
    /// The table.
    fn structure(&self) -> &'static Structure;

    /// Shows the values, one for each field of the table, in its order.
    fn refs(&self, visitor: RefVisitor<'_>);

    /// Shows the places to fill, one for each field of the table, in its order.
    fn slots(&mut self, visitor: SlotVisitor<'_>);

    /// What arrived that the table does not know, and which empty lists are present.
    fn unknown(&self) -> &Unknown;

    /// The place for that.
    fn unknown_mut(&mut self) -> &mut Unknown;

    /// Bytes that the structure takes while it is empty, in its place and elsewhere.
    #[inline]
    fn footprint(&self) -> usize {
        size_of_val(self)
    }
}

/// Who looks at the values of a structure.
///
/// A type of its own instead of a bare `&mut dyn FnMut`, of which the compiler would have to find
/// out in each of thousands of generated functions for which lifetimes it can be called.
pub struct RefVisitor<'v>(&'v mut dyn FnMut(&[Ref<'_>]));

impl<'v> RefVisitor<'v> {
    /// Has `visit` look at the values.
    pub fn new(visit: &'v mut dyn FnMut(&[Ref<'_>])) -> Self {
        Self(visit)
    }

    /// Shows the values.
    #[inline]
    pub fn visit(self, refs: &[Ref<'_>]) {
        (self.0)(refs);
    }
}

/// Who fills the places of a structure: the counterpart of [`RefVisitor`].
pub struct SlotVisitor<'v>(&'v mut dyn FnMut(&mut [Slot<'_>]));

impl<'v> SlotVisitor<'v> {
    /// Has `visit` fill the places.
    pub fn new(visit: &'v mut dyn FnMut(&mut [Slot<'_>])) -> Self {
        Self(visit)
    }

    /// Shows the places.
    #[inline]
    pub fn visit(self, slots: &mut [Slot<'_>]) {
        (self.0)(slots);
    }
}

/// A value of a field.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Ref<'a> {
    /// A fixed text: the table has it.
    Fixed,
    /// Text, an enumeration's word or a timestamp.
    Text(Option<&'a str>),
    /// A whole number.
    Integer(Option<i64>),
    /// A number with a fraction.
    Float(Option<f64>),
    /// A truth value.
    Boolean(Option<bool>),
    /// A structure.
    Node(Option<&'a dyn Node>),
    /// Anything.
    Any(Option<&'a Value>),
    /// Names and texts.
    Map(&'a BTreeMap<String, String>),
    /// Texts.
    Texts(&'a dyn TextList),
    /// Whole numbers.
    Integers(&'a [i64]),
    /// Numbers with fractions.
    Floats(&'a [f64]),
    /// Truth values.
    Booleans(&'a [bool]),
    /// Structures.
    Nodes(&'a dyn NodeList),
    /// Structures by name.
    NodeMap(&'a dyn NodeMap),
    /// Any values.
    Anys(&'a [Value]),
}

/// A place to put a field's value.
#[non_exhaustive]
pub enum Slot<'a> {
    /// A fixed text: nothing is kept.
    Fixed,
    /// Text.
    Text(&'a mut Option<String>),
    /// An enumeration's word or a timestamp.
    Word(&'a mut dyn WordSlot),
    /// A whole number.
    Integer(&'a mut Option<i64>),
    /// A number with a fraction.
    Float(&'a mut Option<f64>),
    /// A truth value.
    Boolean(&'a mut Option<bool>),
    /// A structure.
    Node(&'a mut dyn NodeSlot),
    /// Anything.
    Any(&'a mut Option<Value>),
    /// Names and texts.
    Map(&'a mut BTreeMap<String, String>),
    /// Texts.
    Texts(&'a mut Vec<String>),
    /// Words.
    Words(&'a mut dyn WordSlot),
    /// Whole numbers.
    Integers(&'a mut Vec<i64>),
    /// Numbers with fractions.
    Floats(&'a mut Vec<f64>),
    /// Truth values.
    Booleans(&'a mut Vec<bool>),
    /// Structures.
    Nodes(&'a mut dyn NodeSlot),
    /// Structures by name.
    NodeMap(&'a mut dyn NodeMapSlot),
    /// Any values.
    Anys(&'a mut Vec<Value>),
}

impl Slot<'_> {
    /// Whether nothing has been put there.
    pub fn is_absent(&self) -> bool {
        match self {
            Slot::Fixed => true,
            Slot::Text(place) => place.is_none(),
            Slot::Word(place) | Slot::Words(place) => place.count() == 0,
            Slot::Integer(place) => place.is_none(),
            Slot::Float(place) => place.is_none(),
            Slot::Boolean(place) => place.is_none(),
            Slot::Node(place) | Slot::Nodes(place) => place.count() == 0,
            Slot::NodeMap(place) => place.count() == 0,
            Slot::Any(place) => place.is_none(),
            Slot::Map(place) => place.is_empty(),
            Slot::Texts(list) => list.is_empty(),
            Slot::Integers(list) => list.is_empty(),
            Slot::Floats(list) => list.is_empty(),
            Slot::Booleans(list) => list.is_empty(),
            Slot::Anys(list) => list.is_empty(),
        }
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        match self {
            Slot::Word(place) | Slot::Words(place) => place.count(),
            Slot::Node(place) | Slot::Nodes(place) => place.count(),
            Slot::NodeMap(place) => place.count(),
            Slot::Map(place) => place.len(),
            Slot::Texts(list) => list.len(),
            Slot::Integers(list) => list.len(),
            Slot::Floats(list) => list.len(),
            Slot::Booleans(list) => list.len(),
            Slot::Anys(list) => list.len(),
            single => usize::from(!single.is_absent()),
        }
    }
}

impl Ref<'_> {
    /// Whether there is nothing to write. An empty list is as good as absent, unless the structure
    /// [says](Unknown::is_marked_empty) that it is present.
    pub fn is_absent(&self) -> bool {
        match self {
            Ref::Fixed => false,
            Ref::Text(value) => value.is_none(),
            Ref::Integer(value) => value.is_none(),
            Ref::Float(value) => value.is_none(),
            Ref::Boolean(value) => value.is_none(),
            Ref::Node(value) => value.is_none(),
            Ref::Any(value) => value.is_none(),
            Ref::Map(map) => map.is_empty(),
            Ref::Texts(list) => list.count() == 0,
            Ref::Integers(list) => list.is_empty(),
            Ref::Floats(list) => list.is_empty(),
            Ref::Booleans(list) => list.is_empty(),
            Ref::Nodes(list) => list.count() == 0,
            Ref::NodeMap(map) => map.count() == 0,
            Ref::Anys(list) => list.is_empty(),
        }
    }
}

/// A list of structures, seen through its items.
pub trait NodeList {
    /// How many there are.
    fn count(&self) -> usize;
    /// The item at `index`.
    fn item(&self, index: usize) -> Option<&dyn Node>;
}

impl dyn NodeList + '_ {
    /// The items, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Node> {
        (0..self.count()).filter_map(|index| self.item(index))
    }
}

/// Structures by name, seen through their entries.
pub trait NodeMap {
    /// How many there are.
    fn count(&self) -> usize;
    /// Shows each entry, in the order of the names.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Node));
}

/// Where structures are to be put by name.
pub trait NodeMapSlot {
    /// Has `fill` write the structure called `name`, made if absent.
    fn put(&mut self, name: &str, fill: &mut dyn FnMut(&mut dyn Node));

    /// Has `change` see each structure in the place.
    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node));

    /// Whether there is a structure called `name`.
    fn has(&self, name: &str) -> bool;

    /// How many structures the place holds.
    fn count(&self) -> usize;
}

/// Where a structure is to be put: a single place or the end of a list.
pub trait NodeSlot {
    /// Has `fill` write a structure: the one in a single place (made if absent), or a new one that
    /// is then added to the list.
    fn put(&mut self, fill: &mut dyn FnMut(&mut dyn Node));

    /// Has `change` see each structure in the place.
    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node));

    /// How many structures the place holds.
    fn count(&self) -> usize;
}
