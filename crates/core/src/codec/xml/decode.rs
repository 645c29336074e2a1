//! An XML document into a structure.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::super::context::{Context, find};
use super::super::drift::{Drift, DriftKind};
use super::super::scalar::{Put, Scalar, is_attribute, put};
use super::super::{CodecError, MAX_DEPTH};
use crate::node::{Node, Slot};
use crate::schema::{Field, Place, Structure};

/// Reads the document `text`, whose root element should be `root`, into `node`, and tells where it
/// departs from the table. An empty document leaves the node as it is.
///
/// # Errors
/// The text is not well-formed XML, holds a DOCTYPE, or is too deep or too large.
pub fn decode(text: &str, root: &str, node: &mut dyn Node) -> Result<Vec<Drift>, CodecError> {
    let mut decoder = Decoder::new(text);
    if let Some((start, empty)) = decoder.root()? {
        decoder.context.enter(Cow::Owned(root.to_owned()), None)?;
        let name = start.name();
        if name.as_ref() != root {
            // A name as long as the document would be repeated in every path.
            let found = name.as_ref().chars().take(LONGEST_NAME).collect();
            decoder.context.drifted(DriftKind::Root { found });
        }
        decoder.container(node, &start, empty)?;
        decoder.end_of_document()?;
    } else {
        decoder.context.enter(Cow::Owned(root.to_owned()), None)?;
        let structure = node.structure();
        let context = &mut decoder.context;
        node.slots(&mut |slots| context.note_missing(structure, slots));
    }
    Ok(decoder.context.drift)
}

/// Reads a document that no table describes: the name of its root element and its content, in the
/// shape that [`Unknown`](crate::node::Unknown) describes.
///
/// # Errors
/// As [`decode`]; an empty document has no root.
pub fn decode_any(text: &str) -> Result<(String, Value), CodecError> {
    let mut decoder = Decoder::new(text);
    match decoder.root()? {
        Some((start, empty)) => {
            let name = start.name().as_ref().to_owned();
            decoder.context.enter(Cow::Owned(name.clone()), None)?;
            let value = decoder.value(&start, empty)?;
            decoder.end_of_document()?;
            Ok((name, value))
        }
        None => Err(CodecError::new(String::new(), "the document is empty")),
    }
}

/// Longer names are cut where they are reported, in characters.
const LONGEST_NAME: usize = 100;

struct Decoder<'x> {
    reader: Reader<&'x [u8]>,
    context: Context,
}

impl<'x> Decoder<'x> {
    fn new(text: &'x str) -> Self {
        Self {
            reader: Reader::from_str(text.trim_start_matches('\u{feff}')),
            context: Context::default(),
        }
    }

    fn next(&mut self) -> Result<Event<'x>, CodecError> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(self.context.error("a DOCTYPE is refused")),
            Ok(event) => Ok(event),
            Err(error) => Err(self.context.error(format!(
                "not well-formed XML at byte {}: {error}",
                self.reader.error_position()
            ))),
        }
    }

    /// The root element's start, and whether the element is empty; `None` for an empty document.
    fn root(&mut self) -> Result<Option<(BytesStart<'x>, bool)>, CodecError> {
        loop {
            match self.next()? {
                Event::Start(start) => return Ok(Some((start, false))),
                Event::Empty(start) => return Ok(Some((start, true))),
                Event::Eof => return Ok(None),
                Event::Text(text) if !is_blank(&text) => {
                    return Err(self.context.error("text stands before the root element"));
                }
                _ => {}
            }
        }
    }

    fn end_of_document(&mut self) -> Result<(), CodecError> {
        loop {
            match self.next()? {
                Event::Eof => return Ok(()),
                Event::Start(_) | Event::Empty(_) | Event::CData(_) => {
                    return Err(self.context.error("the document has two root elements"));
                }
                Event::Text(text) if !is_blank(&text) => {
                    return Err(self.context.error("text stands behind the root element"));
                }
                _ => {}
            }
        }
    }

    /// Fills `node` from the element whose start was just read.
    fn container(
        &mut self,
        node: &mut dyn Node,
        start: &BytesStart<'_>,
        empty: bool,
    ) -> Result<(), CodecError> {
        let structure = node.structure();
        let mut strangers = Vec::new();
        let mut outcome = Ok(());
        node.slots(&mut |slots| {
            outcome = self.fill(structure, slots, start, empty, &mut strangers);
        });
        for (name, value) in strangers {
            node.unknown_mut().insert(name, value);
        }
        outcome
    }

    fn fill(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        start: &BytesStart<'_>,
        empty: bool,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), CodecError> {
        self.attributes(structure, slots, start, strangers)?;
        let mut cursor = 0;
        let mut loose = String::new();
        let mut open = !empty;
        while open {
            match self.next()? {
                Event::Start(child) => {
                    self.child(structure, slots, &mut cursor, &child, false, strangers)?;
                }
                Event::Empty(child) => {
                    self.child(structure, slots, &mut cursor, &child, true, strangers)?;
                }
                Event::End(_) => open = false,
                Event::Eof => return Err(self.context.error("the document ends inside the node")),
                other => self.collect(other, &mut loose)?,
            }
        }
        if !loose.trim().is_empty() {
            self.context.drifted(DriftKind::Type {
                expected: "a container",
                found: "text",
            });
            strangers.push(("#text".to_owned(), Value::String(loose)));
        }
        self.context.note_missing(structure, slots);
        Ok(())
    }

    fn attributes(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        start: &BytesStart<'_>,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), CodecError> {
        for (name, text) in self.attribute_texts(start)? {
            let place = structure
                .fields()
                .iter()
                .zip(slots.iter_mut())
                .find(|(field, _)| is_attribute(field) && field.name == name);
            match place {
                Some((field, slot)) => {
                    let outcome = put(slot, field, Scalar::Text(text.into()), false);
                    self.note(format!("@{name}"), outcome, strangers)?;
                }
                // Declarations of the language, not of the table.
                None if name == "xmlns" || name.starts_with("xmlns:") => {
                    strangers.push((format!("@{name}"), Value::String(text)));
                }
                None => {
                    self.note(
                        format!("@{name}"),
                        Put::Strange(Value::String(text), DriftKind::Unknown),
                        strangers,
                    )?;
                }
            }
        }
        Ok(())
    }

    fn attribute_texts(&self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, CodecError> {
        let bad = |error: &dyn std::fmt::Display| {
            self.context
                .error(format!("not well-formed XML in an attribute: {error}"))
        };
        start
            .attributes()
            .map(|attribute| {
                let attribute = attribute.map_err(|error| bad(&error))?;
                let text = quick_xml::escape::unescape(&attribute.value).map_err(|e| bad(&e))?;
                Ok((attribute.key.as_ref().to_owned(), text.into_owned()))
            })
            .collect()
    }

    fn child(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        cursor: &mut usize,
        start: &BytesStart<'_>,
        empty: bool,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), CodecError> {
        let name = start.name();
        let name = name.as_ref();
        let place = find(structure, name, cursor)
            .and_then(|index| Some((structure.fields().get(index)?, slots.get_mut(index)?)))
            .filter(|(field, _)| field.place == Place::Body && !is_attribute(field));
        if let Some((field, slot)) = place {
            self.context
                .enter(Cow::Borrowed(field.name), position(field, slot))?;
            self.known(field, slot, start, empty, strangers)?;
        } else {
            self.context.enter(Cow::Owned(name.to_owned()), None)?;
            self.context.drifted(DriftKind::Unknown);
            strangers.push((name.to_owned(), self.value(start, empty)?));
        }
        self.context.leave();
        Ok(())
    }

    fn known(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        start: &BytesStart<'_>,
        empty: bool,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), CodecError> {
        let repeated = !field.is_list() && !slot.is_absent();
        let outcome = match slot {
            _ if repeated => Put::Strange(self.value(start, empty)?, DriftKind::Repeated),
            Slot::Node(place) | Slot::Nodes(place) => {
                let mut outcome = Ok(());
                place.put(&mut |node| outcome = self.container(node, start, empty));
                return outcome;
            }
            Slot::Any(place) => {
                **place = Some(self.value(start, empty)?);
                return Ok(());
            }
            Slot::Anys(list) => {
                list.push(self.value(start, empty)?);
                return Ok(());
            }
            Slot::Map(map) => match self.value(start, empty)? {
                Value::Object(children) => {
                    map.extend(children.into_iter().map(|(name, value)| match value {
                        Value::String(text) => (name, text),
                        other => (name, other.to_string()),
                    }));
                    return Ok(());
                }
                Value::String(text) if text.trim().is_empty() => return Ok(()),
                other => Put::Strange(
                    other,
                    DriftKind::Type {
                        expected: "a container",
                        found: "text",
                    },
                ),
            },
            slot => match self.value(start, empty)? {
                Value::String(text) => put(slot, field, Scalar::Text(text.into()), false),
                other => Put::Strange(
                    other,
                    DriftKind::Type {
                        expected: super::super::scalar::expected(field.kind),
                        found: "a container",
                    },
                ),
            },
        };
        self.settle(field.name.to_owned(), outcome, strangers);
        Ok(())
    }

    /// Settles a value that has a path of its own.
    fn note(
        &mut self,
        name: String,
        outcome: Put,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), CodecError> {
        self.context.enter(Cow::Owned(name.clone()), None)?;
        self.settle(name, outcome, strangers);
        self.context.leave();
        Ok(())
    }

    fn settle(&mut self, name: String, outcome: Put, strangers: &mut Vec<(String, Value)>) {
        match outcome {
            Put::Kept => {}
            Put::Drifted(kind) => self.context.drifted(kind),
            Put::Strange(value, kind) => {
                self.context.drifted(kind);
                strangers.push((name, value));
            }
        }
    }

    /// Reads the rest of an element without a table.
    fn value(&mut self, start: &BytesStart<'_>, empty: bool) -> Result<Value, CodecError> {
        self.value_within(start, empty, 0)
    }

    fn value_within(
        &mut self,
        start: &BytesStart<'_>,
        empty: bool,
        depth: usize,
    ) -> Result<Value, CodecError> {
        self.context.count()?;
        if depth > MAX_DEPTH {
            return Err(self
                .context
                .error(format!("more than {MAX_DEPTH} containers deep")));
        }
        let mut children = crate::node::Unknown::new();
        for (name, text) in self.attribute_texts(start)? {
            children.insert(format!("@{name}"), Value::String(text));
        }
        let mut text = String::new();
        let mut open = !empty;
        while open {
            match self.next()? {
                Event::Start(child) => {
                    let value = self.value_within(&child, false, depth + 1)?;
                    children.insert(child.name().as_ref().to_owned(), value);
                }
                Event::Empty(child) => {
                    let value = self.value_within(&child, true, depth + 1)?;
                    children.insert(child.name().as_ref().to_owned(), value);
                }
                Event::End(_) => open = false,
                Event::Eof => return Err(self.context.error("the document ends inside the node")),
                other => self.collect(other, &mut text)?,
            }
        }
        if children.is_empty() {
            return Ok(Value::String(text));
        }
        if !text.trim().is_empty() {
            children.insert("#text".to_owned(), Value::String(text));
        }
        Ok(children.into_value())
    }

    /// Adds a piece of text.
    fn collect(&self, event: Event<'_>, text: &mut String) -> Result<(), CodecError> {
        match event {
            Event::Text(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                let entity = format!("&{};", &*reference);
                let piece = quick_xml::escape::unescape(&entity)
                    .map_err(|error| self.context.error(format!("{entity}: {error}")))?;
                text.push_str(&piece);
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The index that the path shows for the next item of a list.
fn position(field: &Field, slot: &Slot<'_>) -> Option<usize> {
    field.is_list().then(|| slot.count())
}
