//! A structure as an XML document.

use std::borrow::Cow;

use quick_xml::escape::escape;
use serde_json::Value;

use super::super::error::CodecError;
use super::super::held::scalars;
use super::super::scalar::{is_attribute, is_content};
use crate::node::{Node, NodeMap, Ref, RefVisitor, Unknown};
use crate::schema::{Field, Place};

/// Writes `node` as a document whose root element is `root`.
///
/// # Errors
/// A text holds a character that XML cannot carry, or a name is none.
pub fn encode(root: &str, node: &dyn Node) -> Result<String, CodecError> {
    let mut writer = Writer {
        out: String::with_capacity(256),
        path: Vec::new(),
    };
    writer.element(Cow::Borrowed(root), node)?;
    Ok(writer.out)
}

struct Writer<'n> {
    out: String,
    path: Vec<Cow<'n, str>>,
}

impl<'n> Writer<'n> {
    fn element(&mut self, name: Cow<'n, str>, node: &dyn Node) -> Result<(), CodecError> {
        self.open(&name)?;
        self.path.push(name);
        let mut outcome = Ok(());
        node.refs(RefVisitor::new(&mut |refs| {
            outcome = self.inside(node, refs);
        }));
        outcome?;
        if let Some(name) = self.path.pop() {
            self.close(&name);
        }
        Ok(())
    }

    /// Ends the start tag, then writes the children.
    fn inside(&mut self, node: &dyn Node, refs: &[Ref<'_>]) -> Result<(), CodecError> {
        let body = || {
            let fields = node.structure().fields().iter().zip(refs);
            fields.filter(|(field, value)| !value.is_absent() && field.place == Place::Body)
        };
        for (field, value) in body().filter(|(field, _)| is_attribute(field)) {
            for held in scalars(field, *value) {
                self.attribute(field.name, &held.into_text())?;
            }
        }
        let unknown = node.unknown();
        self.unknown_attributes(unknown)?;
        self.out.push('>');
        if let Some(Value::String(text)) = unknown.get("#text") {
            self.text("#text", text)?;
        }
        for (field, value) in body().filter(|(field, _)| !is_attribute(field)) {
            if is_content(field) {
                for held in scalars(field, *value) {
                    self.text(field.name, &held.into_text())?;
                }
            } else {
                self.field(field, *value)?;
            }
        }
        for (name, value) in unknown.iter() {
            self.value(name, value)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &'static Field, value: Ref<'_>) -> Result<(), CodecError> {
        match value {
            Ref::Text(Some(text)) => self.leaf(field.name, text),
            Ref::Node(Some(node)) => self.element(Cow::Borrowed(field.name), node),
            Ref::Nodes(list) => list
                .iter()
                .try_for_each(|node| self.element(Cow::Borrowed(field.name), node)),
            Ref::NodeMap(map) => self.named(field.name, map),
            Ref::Any(Some(value)) => self.value(field.name, value),
            Ref::Anys(list) => list
                .iter()
                .try_for_each(|value| self.value(field.name, value)),
            Ref::Map(map) => {
                self.open(field.name)?;
                self.out.push('>');
                for (name, text) in map {
                    self.leaf(name, text)?;
                }
                self.close(field.name);
                Ok(())
            }
            scalar => {
                scalars(field, scalar).try_for_each(|held| self.leaf(field.name, &held.into_text()))
            }
        }
    }

    /// Writes structures whose elements have names of their own.
    fn named(&mut self, name: &'static str, map: &dyn NodeMap) -> Result<(), CodecError> {
        self.open(name)?;
        self.out.push('>');
        self.path.push(Cow::Borrowed(name));
        let mut outcome = Ok(());
        map.each(&mut |own, node| {
            if outcome.is_ok() {
                outcome = self.element(Cow::Owned(own.to_owned()), node);
            }
        });
        outcome?;
        self.close(name);
        self.path.pop();
        Ok(())
    }

    /// Writes the beginning of a start tag.
    fn open(&mut self, name: &str) -> Result<(), CodecError> {
        self.check_name(name)?;
        self.out.push('<');
        self.out.push_str(name);
        Ok(())
    }

    /// Refuses what would not come back as one name: some are keys of the caller's maps, and a table
    /// may be wrong.
    fn check_name(&self, name: &str) -> Result<(), CodecError> {
        if is_name(name) {
            return Ok(());
        }
        Err(CodecError::new(
            self.path.join("."),
            format!("{name:?} cannot be the name of an XML element or attribute"),
        ))
    }

    fn leaf(&mut self, name: &str, text: &str) -> Result<(), CodecError> {
        self.open(name)?;
        if text.is_empty() {
            self.out.push_str("/>");
            return Ok(());
        }
        self.out.push('>');
        self.text(name, text)?;
        self.close(name);
        Ok(())
    }

    fn attribute(&mut self, name: &str, text: &str) -> Result<(), CodecError> {
        self.check_name(name)?;
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.text(name, text)?;
        self.out.push('"');
        Ok(())
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), CodecError> {
        // All of it is looked at, for that is what can be done many bytes at once.
        let special = |found, byte: &u8| found | is_special(*byte);
        if !text.as_bytes().iter().fold(false, special) {
            self.out.push_str(text);
            return Ok(());
        }
        if let Some(bad) = text.chars().find(|c| !is_xml_char(*c)) {
            return Err(CodecError::new(
                format!("{}.{name}", self.path.join(".")),
                format!("XML cannot carry the character {bad:?}; leave it out or escape it"),
            ));
        }
        // A bare carriage return would be read back as a line feed.
        for (index, part) in escape(text).split('\r').enumerate() {
            if index > 0 {
                self.out.push_str("&#13;");
            }
            self.out.push_str(part);
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Writes a node that no table knows, as [`Unknown`] describes its shape.
    fn value(&mut self, name: &str, value: &Value) -> Result<(), CodecError> {
        if name.starts_with(['@', '#']) {
            return Ok(());
        }
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.value(name, item)),
            Value::Object(children) => {
                self.open(name)?;
                for (key, text) in children {
                    if let (Some(key), Value::String(text)) = (key.strip_prefix('@'), text) {
                        self.attribute(key, text)?;
                    }
                }
                self.out.push('>');
                if let Some(Value::String(text)) = children.get("#text") {
                    self.text(name, text)?;
                }
                for (key, child) in children {
                    self.value(key, child)?;
                }
                self.close(name);
                Ok(())
            }
            Value::Null => self.leaf(name, ""),
            Value::String(text) => self.leaf(name, text),
            scalar => self.leaf(name, &scalar.to_string()),
        }
    }

    fn unknown_attributes(&mut self, unknown: &Unknown) -> Result<(), CodecError> {
        for (name, value) in unknown.iter() {
            if let (Some(name), Value::String(text)) = (name.strip_prefix('@'), value) {
                self.attribute(name, text)?;
            }
        }
        Ok(())
    }
}

/// What a text cannot hold as it is, and the first byte of the two characters of more than one byte
/// that XML lacks.
const fn is_special(byte: u8) -> bool {
    matches!(byte, ..b' ' | b'<' | b'>' | b'&' | b'\'' | b'"' | 0xEF)
}

/// The characters of XML 1.0.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Names that need no look at the full grammar to be sure of.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | ':'))
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.'))
}
