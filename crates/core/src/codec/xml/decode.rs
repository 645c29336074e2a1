//! An XML document into a structure.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::super::bounds::MAX_DEPTH;
use super::super::context::{Context, Rest, Stop, find};
use super::super::drift::{Drift, DriftKind, cut};
use super::super::error::CodecError;
use super::super::scalar::{Put, Scalar, expected, is_attribute, is_content, put};
use super::pieces::{Content, attributes, collect, forget_blank, is_blank, twice};
use crate::node::{Node, NodeMapSlot, Slot, SlotVisitor, Unknown};
use crate::schema::{Field, Place, Structure};

/// Reads the document `text`, whose root element should be `root`, into `node`, and reports where
/// it departs from the table. An empty document leaves the node as it is.
///
/// # Errors
/// The text is not well-formed XML, holds a DOCTYPE, or is too deep or too large.
pub fn decode(text: &str, root: &str, node: &mut dyn Node) -> Result<Vec<Drift>, CodecError> {
    let mut decoder = Decoder::new(text);
    match decoder.document(root, node) {
        Ok(()) => Ok(decoder.context.into_drift()),
        Err(stop) => Err(decoder.context.error(stop)),
    }
}

/// Reads a document that no table describes: the name of its root element and its content, in the
/// shape that [`Unknown`](crate::node::Unknown) describes.
///
/// # Errors
/// As [`decode`]; an empty document has no root.
pub fn decode_any(text: &str) -> Result<(String, Value), CodecError> {
    let mut decoder = Decoder::new(text);
    decoder
        .any_document()
        .map_err(|stop| decoder.context.error(stop))
}

struct Decoder<'x> {
    reader: Reader<&'x [u8]>,
    context: Context<'x>,
}

impl<'x> Decoder<'x> {
    fn new(text: &'x str) -> Self {
        Self {
            reader: Reader::from_str(text.trim_start_matches('\u{feff}')),
            context: Context::new(text.len()),
        }
    }

    fn document(&mut self, root: &'x str, node: &mut dyn Node) -> Result<(), Stop> {
        let Some((start, empty)) = self.root()? else {
            self.context.enter(Cow::Borrowed(root), None)?;
            let structure = node.structure();
            let nothing = Rest::default();
            node.slots(SlotVisitor::new(&mut |slots| {
                self.context.note_missing(structure, slots, &nothing);
            }));
            return Ok(());
        };
        self.context.enter(Cow::Borrowed(root), None)?;
        let name = start.name();
        if name.as_ref() != root {
            let found = cut(name.as_ref()).into_owned();
            self.context.drifted(DriftKind::Root { found });
        }
        self.container(node, None, &start, empty)?;
        self.end_of_document()
    }

    fn any_document(&mut self) -> Result<(String, Value), Stop> {
        let Some((start, empty)) = self.root()? else {
            return Err(Stop::new("the document is empty"));
        };
        let name = start.name().as_ref().to_owned();
        self.enter(&name)?;
        let value = self.content(&start, empty, 0)?.into_value();
        self.end_of_document()?;
        Ok((name, value))
    }

    fn next(&mut self) -> Result<Event<'x>, Stop> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(Stop::new("a DOCTYPE is refused")),
            Ok(event) => Ok(event),
            Err(error) => Err(Stop::new(format!(
                "not well-formed XML at byte {}: {}",
                self.reader.error_position(),
                cut(&error.to_string())
            ))),
        }
    }

    /// Steps into a node whose name the document chose.
    fn enter(&mut self, name: &str) -> Result<(), Stop> {
        self.context.enter(Cow::Owned(cut(name).into_owned()), None)
    }

    /// The root element's start, and whether the element is empty; `None` for an empty document.
    fn root(&mut self) -> Result<Option<(BytesStart<'x>, bool)>, Stop> {
        loop {
            match self.next()? {
                Event::Start(start) => return Ok(Some((start, false))),
                Event::Empty(start) => return Ok(Some((start, true))),
                Event::Eof => return Ok(None),
                Event::Text(text) if !is_blank(&text) => {
                    return Err(Stop::new("there is text before the root element"));
                }
                _ => {}
            }
        }
    }

    fn end_of_document(&mut self) -> Result<(), Stop> {
        loop {
            match self.next()? {
                Event::Eof => return Ok(()),
                Event::Start(_) | Event::Empty(_) | Event::CData(_) => {
                    return Err(Stop::new("the document has two root elements"));
                }
                Event::Text(text) if !is_blank(&text) => {
                    return Err(Stop::new("there is text after the root element"));
                }
                _ => {}
            }
        }
    }

    /// Fills `node` from the element whose start was just read; `before` others are in its list.
    fn container(
        &mut self,
        node: &mut dyn Node,
        before: Option<usize>,
        start: &BytesStart<'_>,
        empty: bool,
    ) -> Result<(), Stop> {
        self.context.charge_node(node, before)?;
        let structure = node.structure();
        let mut rest = Rest::default();
        let mut outcome = Ok(());
        node.slots(SlotVisitor::new(&mut |slots| {
            outcome = self.fill(structure, slots, start, empty, &mut rest);
        }));
        node.unknown_mut().extend(rest.unknown);
        outcome
    }

    fn fill(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        start: &BytesStart<'_>,
        empty: bool,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        self.attributes(structure, slots, start, rest)?;
        let mut next = 0;
        let mut loose = Cow::Borrowed("");
        let mut open = !empty;
        while open {
            match self.next()? {
                Event::Start(child) => {
                    forget_blank(&mut loose);
                    self.child(structure, slots, &mut next, &child, false, rest)?;
                }
                Event::Empty(child) => {
                    forget_blank(&mut loose);
                    self.child(structure, slots, &mut next, &child, true, rest)?;
                }
                Event::End(_) => open = false,
                Event::Eof => return Err(Stop::new("the document ends inside the node")),
                other => collect(other, &mut loose)?,
            }
        }
        if !is_blank(&loose) {
            self.text(structure, slots, loose, rest)?;
        }
        self.context.note_missing(structure, slots, rest);
        Ok(())
    }

    /// The text of a container: that of the field for it, if the table has one.
    fn text(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        text: Cow<'x, str>,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let mut fields = structure.fields().iter().zip(slots.iter_mut());
        if let Some((field, slot)) = fields.find(|(field, _)| is_content(field)) {
            self.context.enter(Cow::Borrowed(field.name), None)?;
            let outcome = self.put(slot, field, text)?;
            self.settle("#text", outcome, rest)?;
            self.context.leave();
            Ok(())
        } else {
            let kind = DriftKind::Type {
                expected: "a container",
                found: "text",
            };
            self.context.charge(text.len())?;
            let value = Value::String(text.into_owned());
            self.settle("#text", Put::Strange(value, kind), rest)
        }
    }

    fn attributes(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        start: &BytesStart<'_>,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        for attribute in attributes(start) {
            let (name, text) = attribute?;
            let place = structure
                .fields()
                .iter()
                .zip(slots.iter_mut())
                .find(|(field, _)| is_attribute(field) && field.name == name);
            if let Some((field, slot)) = place {
                if !slot.is_absent() {
                    return Err(twice(name));
                }
                self.context.enter(Cow::Borrowed(field.name), None)?;
                let outcome = self.put(slot, field, text)?;
                self.settle(&format!("@{name}"), outcome, rest)?;
                self.context.leave();
                continue;
            }
            // Declarations of the language are no part of any table.
            if name != "xmlns" && !name.starts_with("xmlns:") {
                self.enter(name)?;
                self.context.drifted(DriftKind::Unknown);
                self.context.leave();
            }
            self.attribute(name, text, &mut rest.unknown)?;
        }
        Ok(())
    }

    /// Keeps an attribute that no table knows.
    fn attribute(
        &mut self,
        name: &str,
        text: Cow<'_, str>,
        unknown: &mut Unknown,
    ) -> Result<(), Stop> {
        let key = format!("@{name}");
        if unknown.get(&key).is_some() {
            return Err(twice(name));
        }
        self.context.count()?;
        self.context.charge(text.len())?;
        let value = Value::String(text.into_owned());
        self.context.keep(unknown, key, value)
    }

    /// Puts a text into its place.
    fn put(&mut self, slot: &mut Slot<'_>, field: &Field, text: Cow<'_, str>) -> Result<Put, Stop> {
        let scalar = Scalar::Text(text);
        self.context.charge_scalar(slot, &scalar)?;
        Ok(put(slot, field, scalar, false))
    }

    fn child(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        next: &mut usize,
        start: &BytesStart<'_>,
        empty: bool,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let name = start.name();
        let name = name.as_ref();
        let position = find(structure.fields(), name, *next);
        let place = position
            .and_then(|at| structure.fields().get(at).zip(slots.get_mut(at)))
            .filter(|(field, _)| {
                field.place == Place::Body && !is_attribute(field) && !is_content(field)
            });
        if let Some((field, slot)) = place {
            // An item of a list has its fellows behind it.
            *next = position.map_or(*next, |at| at + usize::from(!field.is_list()));
            let index = field.is_list().then(|| slot.count());
            self.context.enter(Cow::Borrowed(field.name), index)?;
            self.known(field, slot, start, empty, rest)?;
        } else {
            self.enter(name)?;
            self.context.drifted(DriftKind::Unknown);
            let value = self.value(start, empty, 0)?;
            self.context
                .keep(&mut rest.unknown, name.to_owned(), value)?;
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
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let repeated = !field.is_list() && !slot.is_absent();
        if let (Slot::Node(place) | Slot::Nodes(place), false) = (&mut *slot, repeated) {
            let before = field.is_list().then(|| place.count());
            let mut outcome = Ok(());
            place.put(&mut |node| outcome = self.container(node, before, start, empty));
            return outcome;
        }
        if let Slot::NodeMap(place) = slot {
            return self.named(*place, start, empty, rest, field.name);
        }
        let content = self.content(start, empty, 0)?;
        let departs = |found| DriftKind::Type {
            expected: expected(field.kind),
            found,
        };
        let outcome = match (slot, content) {
            (_, content) if repeated => Put::Strange(content.into_value(), DriftKind::Repeated),
            (Slot::Any(place), content) => {
                **place = Some(content.into_value());
                Put::Kept
            }
            (Slot::Anys(list), content) => {
                self.context.charge_value(list.len())?;
                list.push(content.into_value());
                Put::Kept
            }
            (Slot::Map(map), Content::Children(Value::Object(children))) => {
                for (name, value) in children {
                    self.context.charge_text(map.len())?;
                    let text = match value {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    map.insert(name, text);
                }
                Put::Kept
            }
            (Slot::Map(_), Content::Text(text)) if is_blank(&text) => Put::Kept,
            (Slot::Map(_), content) => Put::Strange(content.into_value(), departs("text")),
            (slot, Content::Text(text)) => self.put(slot, field, text)?,
            (_, Content::Children(value)) => Put::Strange(value, departs("a container")),
        };
        self.settle(field.name, outcome, rest)
    }

    /// Reads structures whose elements have names of their own.
    fn named(
        &mut self,
        place: &mut dyn NodeMapSlot,
        start: &BytesStart<'_>,
        empty: bool,
        rest: &mut Rest,
        field: &str,
    ) -> Result<(), Stop> {
        let mut loose = Cow::Borrowed("");
        let mut again = Unknown::new();
        for attribute in attributes(start) {
            let (name, text) = attribute?;
            self.attribute(name, text, &mut again)?;
        }
        let mut open = !empty;
        while open {
            let (child, empty) = match self.next()? {
                Event::Start(child) => (child, false),
                Event::Empty(child) => (child, true),
                Event::End(_) => {
                    open = false;
                    continue;
                }
                Event::Eof => return Err(Stop::new("the document ends inside the node")),
                other => {
                    collect(other, &mut loose)?;
                    continue;
                }
            };
            forget_blank(&mut loose);
            let name = child.name().as_ref().to_owned();
            self.enter(&name)?;
            if place.has(&name) {
                self.context.drifted(DriftKind::Repeated);
                let value = self.value(&child, empty, 0)?;
                self.context.keep(&mut again, name, value)?;
            } else {
                let before = place.count();
                let mut outcome = Ok(());
                place.put(&name, &mut |node| {
                    outcome = self
                        .context
                        .charge_entry(node, before)
                        .and_then(|()| self.container(node, None, &child, empty));
                });
                outcome?;
            }
            self.context.leave();
        }
        if !is_blank(&loose) {
            self.context.drifted(DriftKind::Type {
                expected: "a container",
                found: "text",
            });
            self.context.charge(loose.len())?;
            let value = Value::String(loose.into_owned());
            self.context.keep(&mut again, "#text".to_owned(), value)?;
        }
        if again.is_empty() {
            return Ok(());
        }
        let value = Value::Object(again.into_nodes());
        self.context
            .keep(&mut rest.unknown, field.to_owned(), value)
    }

    fn settle(&mut self, name: &str, outcome: Put, rest: &mut Rest) -> Result<(), Stop> {
        let value = match outcome {
            Put::Kept => return Ok(()),
            Put::Drifted(kind) => {
                self.context.drifted(kind);
                return Ok(());
            }
            Put::Empty => Value::String(String::new()),
            Put::Strange(value, kind) => {
                self.context.drifted(kind);
                value
            }
        };
        self.context.keep(&mut rest.unknown, name.to_owned(), value)
    }

    /// As [`content`](Self::content), for what is kept as it is.
    fn value(&mut self, start: &BytesStart<'_>, empty: bool, depth: usize) -> Result<Value, Stop> {
        let content = self.content(start, empty, depth)?;
        if let Content::Text(text) = &content {
            self.context.charge(text.len())?;
        }
        Ok(content.into_value())
    }

    /// Reads the rest of an element without a table.
    fn content(
        &mut self,
        start: &BytesStart<'_>,
        empty: bool,
        depth: usize,
    ) -> Result<Content<'x>, Stop> {
        self.context.count()?;
        if depth > MAX_DEPTH {
            return Err(Stop::too_deep());
        }
        let mut children = Unknown::new();
        for attribute in attributes(start) {
            let (name, text) = attribute?;
            self.attribute(name, text, &mut children)?;
        }
        let mut text = Cow::Borrowed("");
        let mut open = !empty;
        while open {
            let (child, empty) = match self.next()? {
                Event::Start(child) => (child, false),
                Event::Empty(child) => (child, true),
                Event::End(_) => {
                    open = false;
                    continue;
                }
                Event::Eof => return Err(Stop::new("the document ends inside the node")),
                other => {
                    collect(other, &mut text)?;
                    continue;
                }
            };
            forget_blank(&mut text);
            let value = self.value(&child, empty, depth + 1)?;
            let name = child.name().as_ref().to_owned();
            self.context.keep(&mut children, name, value)?;
        }
        if children.is_empty() {
            return Ok(Content::Text(text));
        }
        if !is_blank(&text) {
            self.context.charge(text.len())?;
            let value = Value::String(text.into_owned());
            self.context
                .keep(&mut children, "#text".to_owned(), value)?;
        }
        Ok(Content::Children(Value::Object(children.into_nodes())))
    }
}
