//! A structure as a JSON object.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::super::error::CodecError;
use super::super::held::{Held, scalars};
use super::reader::plain_length;
use crate::node::{Node, NodeMap, Ref, RefVisitor};
use crate::schema::{Field, Flags, Kind, Place};

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
/// None in practice: every table has a JSON form. The error exists for the format's sake.
pub fn encode(node: &dyn Node, style: Style) -> Result<String, CodecError> {
    let mut writer = Writer {
        out: String::with_capacity(256),
        style,
    };
    writer
        .object(node)
        .map_err(|error| CodecError::new(String::new(), error.to_string()))?;
    Ok(writer.out)
}

/// The body of `node` as a JSON value.
///
/// # Errors
/// As [`encode`].
pub fn to_value(node: &dyn Node, style: Style) -> Result<Value, CodecError> {
    serde_json::from_str(&encode(node, style)?)
        .map_err(|error| CodecError::new(String::new(), error.to_string()))
}

struct Writer {
    out: String,
    style: Style,
}

impl Writer {
    fn object(&mut self, node: &dyn Node) -> serde_json::Result<()> {
        let fields = node.structure().fields();
        self.out.push('{');
        let mut outcome = Ok(());
        node.refs(RefVisitor::new(&mut |refs| {
            outcome = fields
                .iter()
                .zip(refs)
                .enumerate()
                .filter(|(position, (field, value))| {
                    let there = || node.unknown().is_marked_empty(*position);
                    field.place == Place::Body && (!value.is_absent() || there())
                })
                .try_for_each(|(_, (field, value))| {
                    self.separate();
                    self.out.push('"');
                    // Names in tables need no escapes.
                    self.out.push_str(field.name);
                    self.out.push_str("\":");
                    self.member(field, *value)
                });
        }));
        outcome?;
        for (name, value) in node.unknown().iter() {
            self.separate();
            self.text(name)?;
            self.out.push(':');
            self.value(value)?;
        }
        self.out.push('}');
        Ok(())
    }

    fn member(&mut self, field: &Field, value: Ref<'_>) -> serde_json::Result<()> {
        match value {
            Ref::Node(Some(node)) => self.object(node),
            Ref::Nodes(list) => self.list(list.iter(), Self::object),
            Ref::NodeMap(map) => self.named_objects(map),
            Ref::Any(Some(value)) => self.value(value),
            Ref::Anys(list) => self.value(list),
            Ref::Map(map) => self.value(map),
            Ref::Text(Some(text)) => self.text(text),
            Ref::Texts(list) => self.list(list.iter(), Self::text),
            Ref::Fixed => match field.kind {
                Kind::Fixed(text) => self.text(text),
                _ => self.value(&Value::Null),
            },
            scalar if self.style == Style::Text || field.flags.contains(Flags::QUOTED) => {
                self.as_text(field, scalar)
            }
            Ref::Integer(number) => self.value(&number),
            Ref::Float(number) => self.value(&number),
            Ref::Boolean(truth) => self.value(&truth),
            Ref::Integers(list) => self.value(list),
            Ref::Floats(list) => self.value(list),
            Ref::Booleans(list) => self.value(list),
            Ref::Text(None) | Ref::Node(None) | Ref::Any(None) => self.value(&Value::Null),
        }
    }

    fn named_objects(&mut self, map: &dyn NodeMap) -> serde_json::Result<()> {
        self.out.push('{');
        let mut outcome = Ok(());
        map.each(&mut |name, node| {
            if outcome.is_ok() {
                self.separate();
                outcome = self.text(name).and_then(|()| {
                    self.out.push(':');
                    self.object(node)
                });
            }
        });
        self.out.push('}');
        outcome
    }

    /// Writes numbers and truth values in quotes.
    fn as_text(&mut self, field: &Field, scalar: Ref<'_>) -> serde_json::Result<()> {
        let mut texts = scalars(field, scalar).map(Held::into_text);
        if field.is_list() {
            return self.list(texts, |writer, text| writer.text(&text));
        }
        match texts.next() {
            Some(text) => self.text(&text),
            None => self.value(&Value::Null),
        }
    }

    fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        self.out.push('[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item)?;
        }
        self.out.push(']');
        Ok(())
    }

    /// Writes a comma if a member comes before.
    fn separate(&mut self) {
        // Nothing but the start of the object ends in a brace that opens.
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
    }

    fn text(&mut self, text: &str) -> serde_json::Result<()> {
        if plain_length(text.as_bytes()) < text.len() {
            return self.value(text);
        }
        self.out.push('"');
        self.out.push_str(text);
        self.out.push('"');
        Ok(())
    }

    /// Writes what `serde_json` knows how to write.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> serde_json::Result<()> {
        serde_json::to_writer(Sink(&mut self.out), value)
    }
}

/// Takes the pieces that `serde_json` writes, each of which is text.
struct Sink<'a>(&'a mut String);

impl io::Write for Sink<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0
            .push_str(std::str::from_utf8(piece).map_err(io::Error::other)?);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
