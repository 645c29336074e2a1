//! The views and places of generated fields, by what a field holds: what [`node!`](crate::node!)
//! names.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{Node, NodeList, NodeMap, NodeMapSlot, NodeSlot, Ref, Slot};
use super::words::{TextList, Word, WordSlot};

/// Views of the fields of generated types, named by what the field holds.
impl<'a> Ref<'a> {
    /// A fixed text, which has no field.
    #[inline]
    pub fn fixed() -> Self {
        Ref::Fixed
    }

    /// A text field.
    #[inline]
    pub fn text(field: &'a Option<String>) -> Self {
        Ref::Text(field.as_deref())
    }

    /// An enumeration or timestamp field.
    #[inline]
    pub fn word<W: Word>(field: &'a Option<W>) -> Self {
        match field {
            Some(word) => Ref::Text(Some(word.as_str())),
            None => Ref::Text(None),
        }
    }

    /// A field with a whole number.
    #[inline]
    pub fn integer(field: &Option<i64>) -> Self {
        Ref::Integer(*field)
    }

    /// A field with a number that may have a fraction.
    #[inline]
    pub fn float(field: &Option<f64>) -> Self {
        Ref::Float(*field)
    }

    /// A field with a truth value.
    #[inline]
    pub fn boolean(field: &Option<bool>) -> Self {
        Ref::Boolean(*field)
    }

    /// A structure field.
    #[inline]
    pub fn node<T: Node>(field: &'a Option<T>) -> Self {
        match field {
            Some(node) => Ref::Node(Some(node)),
            None => Ref::Node(None),
        }
    }

    /// A field with any value.
    #[inline]
    pub fn any(field: &'a Option<Value>) -> Self {
        Ref::Any(field.as_ref())
    }

    /// A field with names and texts.
    #[inline]
    pub fn map(field: &'a BTreeMap<String, String>) -> Self {
        Ref::Map(field)
    }

    /// A list of texts.
    #[inline]
    pub fn texts(field: &'a Vec<String>) -> Self {
        Ref::Texts(field)
    }

    /// A list of enumerations or timestamps.
    #[inline]
    pub fn words(field: &'a dyn TextList) -> Self {
        Ref::Texts(field)
    }

    /// A list of whole numbers.
    #[inline]
    pub fn integers(field: &'a [i64]) -> Self {
        Ref::Integers(field)
    }

    /// A list of numbers that may have fractions.
    #[inline]
    pub fn floats(field: &'a [f64]) -> Self {
        Ref::Floats(field)
    }

    /// A list of truth values.
    #[inline]
    pub fn booleans(field: &'a [bool]) -> Self {
        Ref::Booleans(field)
    }

    /// A list of structures.
    #[inline]
    pub fn nodes(field: &'a dyn NodeList) -> Self {
        Ref::Nodes(field)
    }

    /// A field with structures by name.
    #[inline]
    pub fn node_map(field: &'a dyn NodeMap) -> Self {
        Ref::NodeMap(field)
    }

    /// A list of any values.
    #[inline]
    pub fn anys(field: &'a [Value]) -> Self {
        Ref::Anys(field)
    }
}

/// Places of the fields of generated types, named as their views.
impl<'a> Slot<'a> {
    /// A fixed text, which has no field.
    #[inline]
    pub fn fixed() -> Self {
        Slot::Fixed
    }

    /// A text field.
    #[inline]
    pub fn text(field: &'a mut Option<String>) -> Self {
        Slot::Text(field)
    }

    /// An enumeration or timestamp field.
    #[inline]
    pub fn word(field: &'a mut dyn WordSlot) -> Self {
        Slot::Word(field)
    }

    /// A field with a whole number.
    #[inline]
    pub fn integer(field: &'a mut Option<i64>) -> Self {
        Slot::Integer(field)
    }

    /// A field with a number that may have a fraction.
    #[inline]
    pub fn float(field: &'a mut Option<f64>) -> Self {
        Slot::Float(field)
    }

    /// A field with a truth value.
    #[inline]
    pub fn boolean(field: &'a mut Option<bool>) -> Self {
        Slot::Boolean(field)
    }

    /// A structure field.
    #[inline]
    pub fn node(field: &'a mut dyn NodeSlot) -> Self {
        Slot::Node(field)
    }

    /// A field with any value.
    #[inline]
    pub fn any(field: &'a mut Option<Value>) -> Self {
        Slot::Any(field)
    }

    /// A field with names and texts.
    #[inline]
    pub fn map(field: &'a mut BTreeMap<String, String>) -> Self {
        Slot::Map(field)
    }

    /// A list of texts.
    #[inline]
    pub fn texts(field: &'a mut Vec<String>) -> Self {
        Slot::Texts(field)
    }

    /// A list of enumerations or timestamps.
    #[inline]
    pub fn words(field: &'a mut dyn WordSlot) -> Self {
        Slot::Words(field)
    }

    /// A list of whole numbers.
    #[inline]
    pub fn integers(field: &'a mut Vec<i64>) -> Self {
        Slot::Integers(field)
    }

    /// A list of numbers that may have fractions.
    #[inline]
    pub fn floats(field: &'a mut Vec<f64>) -> Self {
        Slot::Floats(field)
    }

    /// A list of truth values.
    #[inline]
    pub fn booleans(field: &'a mut Vec<bool>) -> Self {
        Slot::Booleans(field)
    }

    /// A list of structures.
    #[inline]
    pub fn nodes(field: &'a mut dyn NodeSlot) -> Self {
        Slot::Nodes(field)
    }

    /// A field with structures by name.
    #[inline]
    pub fn node_map(field: &'a mut dyn NodeMapSlot) -> Self {
        Slot::NodeMap(field)
    }

    /// A list of any values.
    #[inline]
    pub fn anys(field: &'a mut Vec<Value>) -> Self {
        Slot::Anys(field)
    }
}
