//! A structure as a JSON object.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use super::super::CodecError;
use super::super::scalar::texts;
use crate::node::{Node, Ref};
use crate::schema::{Field, Kind, Place};

/// How scalars are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// Numbers as numbers: API 3.0.
    Typed,
    /// Every scalar as text: callbacks of Cloud Infinite.
    Text,
}

/// Writes the body of `node` as an object.
///
/// # Errors
/// None in practice: every table has a JSON form. The error is there for the format's sake.
pub fn encode(node: &dyn Node, style: Style) -> Result<String, CodecError> {
    serde_json::to_string(&Object { node, style })
        .map_err(|error| CodecError::new(String::new(), error.to_string()))
}

/// The body of `node` as a JSON value.
///
/// # Errors
/// As [`encode`].
pub fn to_value(node: &dyn Node, style: Style) -> Result<Value, CodecError> {
    serde_json::to_value(Object { node, style })
        .map_err(|error| CodecError::new(String::new(), error.to_string()))
}

struct Object<'a> {
    node: &'a dyn Node,
    style: Style,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let fields = self.node.structure().fields();
        let mut outcome = Ok(());
        self.node.refs(&mut |refs| {
            outcome = fields
                .iter()
                .zip(refs)
                .filter(|(field, value)| field.place == Place::Body && !value.is_absent())
                .try_for_each(|(field, value)| {
                    map.serialize_entry(
                        field.name,
                        &Member {
                            field,
                            value: *value,
                            style: self.style,
                        },
                    )
                });
        });
        outcome?;
        for (name, value) in self.node.unknown().iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct Member<'a> {
    field: &'a Field,
    value: Ref<'a>,
    style: Style,
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let style = self.style;
        match self.value {
            Ref::Node(Some(node)) => Object { node, style }.serialize(serializer),
            Ref::Nodes(list) => serializer.collect_seq(
                (0..list.count())
                    .filter_map(|index| list.item(index))
                    .map(|node| Object { node, style }),
            ),
            Ref::Any(Some(value)) => value.serialize(serializer),
            Ref::Anys(list) => list.serialize(serializer),
            Ref::Map(map) => serializer.collect_map(map),
            Ref::Text(Some(text)) => serializer.serialize_str(text),
            Ref::Texts(list) => serializer
                .collect_seq((0..list.count()).map(|index| list.item(index).unwrap_or_default())),
            Ref::Fixed => match self.field.kind {
                Kind::Fixed(text) => serializer.serialize_str(text),
                _ => serializer.serialize_none(),
            },
            scalar if style == Style::Text => self.as_text(scalar, serializer),
            Ref::Integer(Some(number)) => serializer.serialize_i64(number),
            Ref::Float(Some(number)) => serializer.serialize_f64(number),
            Ref::Boolean(Some(truth)) => serializer.serialize_bool(truth),
            Ref::Integers(list) => list.serialize(serializer),
            Ref::Floats(list) => list.serialize(serializer),
            Ref::Booleans(list) => list.serialize(serializer),
            Ref::Integer(None)
            | Ref::Float(None)
            | Ref::Boolean(None)
            | Ref::Text(None)
            | Ref::Node(None)
            | Ref::Any(None) => serializer.serialize_none(),
        }
    }
}

impl Member<'_> {
    fn as_text<S: Serializer>(&self, scalar: Ref<'_>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = Vec::new();
        texts(self.field, scalar, &mut |text| all.push(text.to_owned()));
        if self.field.is_list() {
            let mut seq = serializer.serialize_seq(Some(all.len()))?;
            for text in &all {
                seq.serialize_element(text)?;
            }
            seq.end()
        } else {
            serializer.serialize_str(all.first().map_or("", String::as_str))
        }
    }
}
