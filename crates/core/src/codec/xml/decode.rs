//! An XML document into a structure.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::super::context::{Context, Stop, find};
use super::super::drift::{Drift, DriftKind};
use super::super::scalar::{Put, Scalar, expected, is_attribute, is_content, put};
use super::super::{CodecError, MAX_DEPTH};
use crate::node::{Node, NodeMapSlot, Slot, Unknown};
use crate::schema::{Field, Place, Structure};

/// Reads the document `text`, whose root element should be `root`, into `node`, and tells where it
/// departs from the table. An empty document leaves the node as it is.
///
/// # Errors
/// The text is not well-formed XML, holds a DOCTYPE, or is too deep or too large.
pub fn decode(text: &str, root: &str, node: &mut dyn Node) -> Result<Vec<Drift>, CodecError> {
    let mut decoder = Decoder::new(text);
    match decoder.document(root, node) {
        Ok(()) => Ok(decoder.context.drift),
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

/// Longer names are cut where they are reported, in characters.
const LONGEST_NAME: usize = 100;

struct Decoder<'x> {
    reader: Reader<&'x [u8]>,
    context: Context<'x>,
}

/// What no table says how to read.
enum Content<'x> {
    Text(Cow<'x, str>),
    Children(Value),
}

impl Content<'_> {
    fn into_value(self) -> Value {
        match self {
            Content::Text(text) => Value::String(text.into_owned()),
            Content::Children(value) => value,
        }
    }
}

impl<'x> Decoder<'x> {
    fn new(text: &'x str) -> Self {
        Self {
            reader: Reader::from_str(text.trim_start_matches('\u{feff}')),
            context: Context::default(),
        }
    }

    fn document(&mut self, root: &'x str, node: &mut dyn Node) -> Result<(), Stop> {
        let Some((start, empty)) = self.root()? else {
            self.context.enter(Cow::Borrowed(root), None)?;
            let structure = node.structure();
            node.slots(&mut |slots| self.context.note_missing(structure, slots, &[]));
            return Ok(());
        };
        self.context.enter(Cow::Borrowed(root), None)?;
        let name = start.name();
        if name.as_ref() != root {
            // A name as long as the document would be repeated in every path.
            let found = name.as_ref().chars().take(LONGEST_NAME).collect();
            self.context.drifted(DriftKind::Root { found });
        }
        self.container(node, &start, empty)?;
        self.end_of_document()
    }

    fn any_document(&mut self) -> Result<(String, Value), Stop> {
        let Some((start, empty)) = self.root()? else {
            return Err(Stop::new("the document is empty"));
        };
        let name = start.name().as_ref().to_owned();
        self.context.enter(Cow::Owned(name.clone()), None)?;
        let value = self.content(&start, empty, 0)?.into_value();
        self.end_of_document()?;
        Ok((name, value))
    }

    fn next(&mut self) -> Result<Event<'x>, Stop> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(Stop::new("a DOCTYPE is refused")),
            Ok(event) => Ok(event),
            Err(error) => Err(Stop::new(format!(
                "not well-formed XML at byte {}: {error}",
                self.reader.error_position()
            ))),
        }
    }

    /// The root element's start, and whether the element is empty; `None` for an empty document.
    fn root(&mut self) -> Result<Option<(BytesStart<'x>, bool)>, Stop> {
        loop {
            match self.next()? {
                Event::Start(start) => return Ok(Some((start, false))),
                Event::Empty(start) => return Ok(Some((start, true))),
                Event::Eof => return Ok(None),
                Event::Text(text) if !is_blank(&text) => {
                    return Err(Stop::new("text stands before the root element"));
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
                    return Err(Stop::new("text stands behind the root element"));
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
    ) -> Result<(), Stop> {
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
    ) -> Result<(), Stop> {
        self.attributes(structure, slots, start, strangers)?;
        let mut next = 0;
        let mut loose = Cow::Borrowed("");
        let mut open = !empty;
        while open {
            match self.next()? {
                Event::Start(child) => {
                    forget_blank(&mut loose);
                    self.child(structure, slots, &mut next, &child, false, strangers)?;
                }
                Event::Empty(child) => {
                    forget_blank(&mut loose);
                    self.child(structure, slots, &mut next, &child, true, strangers)?;
                }
                Event::End(_) => open = false,
                Event::Eof => return Err(Stop::new("the document ends inside the node")),
                other => collect(other, &mut loose)?,
            }
        }
        if !is_blank(&loose) {
            self.text(structure, slots, loose, strangers)?;
        }
        self.context.note_missing(structure, slots, strangers);
        Ok(())
    }

    /// The text of a container: that of the field for it, if the table has one.
    fn text(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        text: Cow<'x, str>,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), Stop> {
        let mut fields = structure.fields().iter().zip(slots.iter_mut());
        if let Some((field, slot)) = fields.find(|(field, _)| is_content(field)) {
            self.context.enter(Cow::Borrowed(field.name), None)?;
            let outcome = put(slot, field, Scalar::Text(text), false);
            self.settle("#text", outcome, strangers);
            self.context.leave();
        } else {
            self.context.drifted(DriftKind::Type {
                expected: "a container",
                found: "text",
            });
            strangers.push(("#text".to_owned(), Value::String(text.into_owned())));
        }
        Ok(())
    }

    fn attributes(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        start: &BytesStart<'_>,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), Stop> {
        for (name, text) in attribute_texts(start)? {
            let place = structure
                .fields()
                .iter()
                .zip(slots.iter_mut())
                .find(|(field, _)| is_attribute(field) && field.name == name);
            match place {
                Some((field, slot)) => {
                    let outcome = put(slot, field, Scalar::Text(text.into()), false);
                    self.note(&format!("@{name}"), outcome, strangers)?;
                }
                // Declarations of the language, not of the table.
                None if name == "xmlns" || name.starts_with("xmlns:") => {
                    strangers.push((format!("@{name}"), Value::String(text)));
                }
                None => {
                    self.note(
                        &format!("@{name}"),
                        Put::Strange(Value::String(text), DriftKind::Unknown),
                        strangers,
                    )?;
                }
            }
        }
        Ok(())
    }

    fn child(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        next: &mut usize,
        start: &BytesStart<'_>,
        empty: bool,
        strangers: &mut Vec<(String, Value)>,
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
            self.known(field, slot, start, empty, strangers)?;
        } else {
            self.context.enter(Cow::Owned(name.to_owned()), None)?;
            self.context.drifted(DriftKind::Unknown);
            let value = self.content(start, empty, 0)?.into_value();
            strangers.push((name.to_owned(), value));
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
    ) -> Result<(), Stop> {
        let repeated = !field.is_list() && !slot.is_absent();
        if let (Slot::Node(place) | Slot::Nodes(place), false) = (&mut *slot, repeated) {
            let mut outcome = Ok(());
            place.put(&mut |node| outcome = self.container(node, start, empty));
            return outcome;
        }
        if let Slot::NodeMap(place) = slot {
            return self.named(*place, start, empty, strangers, field.name);
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
                list.push(content.into_value());
                Put::Kept
            }
            (Slot::Map(map), Content::Children(Value::Object(children))) => {
                map.extend(children.into_iter().map(|(name, value)| match value {
                    Value::String(text) => (name, text),
                    other => (name, other.to_string()),
                }));
                Put::Kept
            }
            (Slot::Map(_), Content::Text(text)) if is_blank(&text) => Put::Kept,
            (Slot::Map(_), content) => Put::Strange(content.into_value(), departs("text")),
            (slot, Content::Text(text)) => put(slot, field, Scalar::Text(text), false),
            (_, Content::Children(value)) => Put::Strange(value, departs("a container")),
        };
        self.settle(field.name, outcome, strangers);
        Ok(())
    }

    /// Reads structures whose elements have names of their own.
    fn named(
        &mut self,
        place: &mut dyn NodeMapSlot,
        start: &BytesStart<'_>,
        empty: bool,
        strangers: &mut Vec<(String, Value)>,
        field: &str,
    ) -> Result<(), Stop> {
        let mut loose = Cow::Borrowed("");
        let mut again = Unknown::new();
        for (name, text) in attribute_texts(start)? {
            again.insert(format!("@{name}"), Value::String(text));
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
            self.context.enter(Cow::Owned(name.clone()), None)?;
            if place.has(&name) {
                self.context.drifted(DriftKind::Repeated);
                let value = self.content(&child, empty, 0)?.into_value();
                again.insert(name, value);
            } else {
                let mut outcome = Ok(());
                place.put(&name, &mut |node| {
                    outcome = self.container(node, &child, empty);
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
            again.insert("#text".to_owned(), Value::String(loose.into_owned()));
        }
        if !again.is_empty() {
            strangers.push((field.to_owned(), again.into_value()));
        }
        Ok(())
    }

    /// Settles a value that has a path of its own.
    fn note(
        &mut self,
        name: &str,
        outcome: Put,
        strangers: &mut Vec<(String, Value)>,
    ) -> Result<(), Stop> {
        self.context.enter(Cow::Owned(name.to_owned()), None)?;
        self.settle(name, outcome, strangers);
        self.context.leave();
        Ok(())
    }

    fn settle(&mut self, name: &str, outcome: Put, strangers: &mut Vec<(String, Value)>) {
        match outcome {
            Put::Kept => {}
            Put::Empty => strangers.push((name.to_owned(), Value::String(String::new()))),
            Put::Drifted(kind) => self.context.drifted(kind),
            Put::Strange(value, kind) => {
                self.context.drifted(kind);
                strangers.push((name.to_owned(), value));
            }
        }
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
        for (name, text) in attribute_texts(start)? {
            children.insert(format!("@{name}"), Value::String(text));
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
            let value = self.content(&child, empty, depth + 1)?.into_value();
            children.insert(child.name().as_ref().to_owned(), value);
        }
        if children.is_empty() {
            return Ok(Content::Text(text));
        }
        if !is_blank(&text) {
            children.insert("#text".to_owned(), Value::String(text.into_owned()));
        }
        Ok(Content::Children(children.into_value()))
    }
}

fn attribute_texts(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Stop> {
    if start.attributes_raw().is_empty() {
        return Ok(Vec::new());
    }
    let bad = |error: &dyn std::fmt::Display| {
        Stop::new(format!("not well-formed XML in an attribute: {error}"))
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

/// Adds a piece of text.
fn collect<'x>(event: Event<'x>, text: &mut Cow<'x, str>) -> Result<(), Stop> {
    let piece = match event {
        Event::Text(piece) => piece.into_inner(),
        Event::CData(piece) => piece.into_inner(),
        Event::GeneralRef(reference) => {
            let entity = format!("&{};", &*reference);
            let piece = quick_xml::escape::unescape(&entity)
                .map_err(|error| Stop::new(format!("{entity}: {error}")))?;
            Cow::Owned(piece.into_owned())
        }
        _ => return Ok(()),
    };
    if text.is_empty() {
        *text = piece;
    } else {
        text.to_mut().push_str(&piece);
    }
    Ok(())
}

/// Forgets the white space that stands before a child.
fn forget_blank(text: &mut Cow<'_, str>) {
    if is_blank(text) {
        *text = Cow::Borrowed("");
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
