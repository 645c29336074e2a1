//! A JSON object into a structure.

use std::borrow::Cow;

use serde_json::Value;

use super::super::bounds::MAX_DEPTH;
use super::super::context::{Context, Rest, Stop, find};
use super::super::drift::{Drift, DriftKind};
use super::super::error::CodecError;
use super::super::scalar::{Put, Scalar, expected, put};
use super::encode::Style;
use super::reader::{Reader, Token};
use crate::node::{Node, NodeMapSlot, Slot, SlotVisitor};
use crate::schema::{Field, Flags, Place, Structure};

/// Reads the object `text` into `node`, whose path starts with `root`, and reports where it departs
/// from the table. An empty text is an empty object.
///
/// # Errors
/// The text is not well-formed JSON, is not an object, or is too deep or too large.
pub fn decode(text: &str, root: &str, node: &mut dyn Node) -> Result<Vec<Drift>, CodecError> {
    decode_styled(text, root, node, Style::Typed)
}

/// As [`decode`], of a document whose scalars are written as `style` says. With [`Style::Text`] the
/// document was made from XML: a number in quotes and one item in place of a list are no departure,
/// and an empty text says nothing of a number.
///
/// # Errors
/// As [`decode`].
pub fn decode_styled(
    text: &str,
    root: &str,
    node: &mut dyn Node,
    style: Style,
) -> Result<Vec<Drift>, CodecError> {
    let text = text.trim_start_matches('\u{feff}');
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut decoder = Decoder {
        reader: Reader::new(text),
        context: Context::new(text.len()),
        typed: style == Style::Typed,
    };
    match decoder.document(root, node) {
        Ok(()) => Ok(decoder.context.into_drift()),
        Err(stop) => Err(decoder.context.error(stop)),
    }
}

/// As [`decode`], of the object that the object `text` has as its member `name`. Its other members
/// are of no interest.
///
/// # Errors
/// As [`decode`], or there is no such member.
pub fn decode_member(
    text: &str,
    name: &str,
    node: &mut dyn Node,
) -> Result<Vec<Drift>, CodecError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut decoder = Decoder {
        reader: Reader::new(text),
        context: Context::new(text.len()),
        typed: true,
    };
    match decoder.document_around(name, node) {
        Ok(()) => Ok(decoder.context.into_drift()),
        Err(stop) => Err(decoder.context.error(stop)),
    }
}

struct Decoder<'x> {
    reader: Reader<'x>,
    context: Context<'x>,
    /// Numbers and truth values are distinguished from texts, and one item from a list.
    typed: bool,
}

/// How a member came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    AsNull,
    AsValue,
}

impl<'x> Decoder<'x> {
    fn document(&mut self, root: &'x str, node: &mut dyn Node) -> Result<(), Stop> {
        if !root.is_empty() {
            self.context.enter(Cow::Borrowed(root), None)?;
        }
        let Token::Object = self.reader.token()? else {
            return Err(Stop::new("the document is not a JSON object"));
        };
        self.object(node, None)?;
        self.reader.end()
    }

    fn document_around(&mut self, wanted: &'x str, node: &mut dyn Node) -> Result<(), Stop> {
        let Token::Object = self.reader.token()? else {
            return Err(Stop::new("the document is not a JSON object"));
        };
        let mut found = false;
        let mut first = true;
        while self.reader.more(b'}', first)? {
            first = false;
            let name = self.reader.name()?;
            self.reader.colon()?;
            self.context.enter(name.clone(), None)?;
            if name != wanted {
                self.value(0)?;
            } else if std::mem::replace(&mut found, true) {
                return Err(Stop::new("it is there twice"));
            } else if let Token::Object = self.reader.token()? {
                self.object(node, None)?;
            } else {
                return Err(Stop::new("it is not a JSON object"));
            }
            self.context.leave();
        }
        if !found {
            self.context.enter(Cow::Borrowed(wanted), None)?;
            return Err(Stop::new("it is missing"));
        }
        self.reader.end()
    }

    /// Reads the object whose start was just read into `node`; `before` others are in its list.
    fn object(&mut self, node: &mut dyn Node, before: Option<usize>) -> Result<(), Stop> {
        self.context.charge_node(node, before)?;
        let structure = node.structure();
        let mut rest = Rest::default();
        let mut outcome = Ok(());
        node.slots(SlotVisitor::new(&mut |slots| {
            outcome = self.members(structure, slots, &mut rest);
        }));
        node.unknown_mut().extend(rest.unknown);
        outcome
    }

    fn members(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let mut next = 0;
        let mut first = true;
        while self.reader.more(b'}', first)? {
            first = false;
            let (name, position) = self.name(structure.fields(), next)?;
            let place = position
                .and_then(|at| Some((at, structure.fields().get(at)?, slots.get_mut(at)?)))
                .filter(|(_, field, _)| field.place == Place::Body);
            next = position.map_or(next, |at| at + 1);
            if let Some((position, field, slot)) = place {
                self.context.enter(name, None)?;
                let came = self.member(field, slot, rest, false)?;
                if came == Came::AsNull {
                    rest.excuse(field);
                } else if field.is_many() {
                    let empty = slot.is_absent() && rest.unknown.get(field.name).is_none();
                    self.empty(position, empty, rest)?;
                }
            } else {
                self.context.enter(name.clone(), None)?;
                self.context.drifted(DriftKind::Unknown);
                let value = self.value(0)?;
                self.keep(rest, name.into_owned(), value)?;
            }
            self.context.leave();
        }
        self.context.note_missing(structure, slots, rest);
        Ok(())
    }

    /// Notes whether a list came without an item, and as nothing else.
    fn empty(&mut self, position: usize, empty: bool, rest: &mut Rest) -> Result<(), Stop> {
        if empty {
            self.context.charge_value(0)?;
        }
        rest.unknown.mark_empty(position, empty);
        Ok(())
    }

    /// Reads a member's name, up to its value, and finds its field. Members mostly come in the
    /// table's order, so the field at `next` is the first guess.
    fn name(
        &mut self,
        fields: &'static [Field],
        next: usize,
    ) -> Result<(Cow<'x, str>, Option<usize>), Stop> {
        let found = match fields.get(next) {
            Some(field) if self.reader.expect_name(field.name) => {
                (Cow::Borrowed(field.name), Some(next))
            }
            _ => {
                let name = self.reader.name()?;
                let position = find(fields, &name, next);
                (name, position)
            }
        };
        self.reader.colon()?;
        Ok(found)
    }

    /// Reads the value of a member, or with `in_list` an item of it.
    fn member(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        rest: &mut Rest,
        in_list: bool,
    ) -> Result<Came, Stop> {
        match slot {
            Slot::Any(place) => {
                **place = Some(self.value(0)?);
                return Ok(Came::AsValue);
            }
            Slot::Anys(list) if in_list => {
                self.context.charge_value(list.len())?;
                list.push(self.value(0)?);
                return Ok(Came::AsValue);
            }
            _ => {}
        }
        let list_expected = field.is_list() && !in_list;
        match self.reader.token()? {
            Token::Null => return Ok(Came::AsNull),
            Token::List if list_expected => self.items(field, slot, rest)?,
            Token::List => self.one_of_list(field, slot, rest, in_list)?,
            Token::Object => {
                if list_expected && self.typed {
                    self.context.drifted(no_list("a container"));
                }
                self.container(field, slot, rest)?;
            }
            Token::Scalar(scalar) => {
                if list_expected && self.typed {
                    self.context.drifted(no_list(scalar.name()));
                }
                self.context.charge_scalar(slot, &scalar)?;
                let typed = self.typed && !field.flags.contains(Flags::QUOTED);
                match put(slot, field, scalar, typed) {
                    Put::Kept => {}
                    Put::Empty => {
                        self.keep(rest, field.name.to_owned(), Value::String(String::new()))?;
                    }
                    Put::Drifted(kind) => self.context.drifted(kind),
                    Put::Strange(value, kind) => self.strange(field, value, kind, rest)?,
                }
            }
        }
        Ok(Came::AsValue)
    }

    /// Reads the list whose start was just read.
    fn items(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let mut first = true;
        while self.reader.more(b']', first)? {
            first = false;
            self.context.item(slot.count())?;
            self.member(field, slot, rest, true)?;
        }
        Ok(())
    }

    /// Reads the list whose start was just read, where one value is documented: the first is taken,
    /// the rest is kept aside.
    fn one_of_list(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        rest: &mut Rest,
        in_list: bool,
    ) -> Result<(), Stop> {
        let mut take = !in_list && slot.is_absent();
        let mut items = Vec::new();
        let mut first = true;
        while self.reader.more(b']', first)? {
            first = false;
            if std::mem::take(&mut take) {
                let mut own = Rest::default();
                self.member(field, slot, &mut own, true)?;
                // What does not fit its place stays with the rest of the list.
                items.extend(own.unknown.into_nodes().into_iter().map(|(_, value)| value));
            } else {
                self.context.charge_value(items.len())?;
                items.push(self.value(0)?);
            }
        }
        let found = DriftKind::Type {
            expected: expected(field.kind),
            found: "a list",
        };
        if items.is_empty() {
            self.context.drifted(found);
            Ok(())
        } else {
            self.strange(field, Value::Array(items), found, rest)
        }
    }

    /// Reads the object whose start was just read.
    fn container(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let repeated = !field.is_list() && !slot.is_absent();
        match slot {
            Slot::Node(place) | Slot::Nodes(place) if !repeated => {
                let before = field.is_list().then(|| place.count());
                let mut outcome = Ok(());
                place.put(&mut |node| outcome = self.object(node, before));
                outcome
            }
            Slot::NodeMap(place) if !repeated => {
                let mut first = true;
                while self.reader.more(b'}', first)? {
                    first = false;
                    let name = self.reader.name()?.into_owned();
                    self.reader.colon()?;
                    self.context.enter(Cow::Owned(name.clone()), None)?;
                    self.named(*place, name, field, rest)?;
                    self.context.leave();
                }
                Ok(())
            }
            Slot::Map(map) => {
                for (name, value) in self.entries(0)? {
                    self.context.charge_text(map.len())?;
                    let text = match value {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    map.insert(name, text);
                }
                Ok(())
            }
            _ => {
                let kind = if repeated {
                    DriftKind::Repeated
                } else {
                    DriftKind::Type {
                        expected: expected(field.kind),
                        found: "a container",
                    }
                };
                let value = Value::Object(self.entries(0)?);
                self.strange(field, value, kind, rest)
            }
        }
    }

    /// Reads the structure called `name`.
    fn named(
        &mut self,
        place: &mut dyn NodeMapSlot,
        name: String,
        field: &'static Field,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        let found = match self.reader.token()? {
            Token::Null => return Ok(()),
            Token::Object if !place.has(&name) => {
                let before = place.count();
                let mut outcome = Ok(());
                place.put(&name, &mut |node| {
                    outcome = self
                        .context
                        .charge_entry(node, before)
                        .and_then(|()| self.object(node, None));
                });
                return outcome;
            }
            Token::Object => Value::Object(self.entries(0)?),
            Token::List => Value::Array(self.values(0)?),
            Token::Scalar(scalar) => self.scalar(scalar)?,
        };
        let kind = if place.has(&name) {
            DriftKind::Repeated
        } else {
            DriftKind::Type {
                expected: "a container",
                found: "another value",
            }
        };
        self.context.charge_text(0)?;
        let mut around = serde_json::Map::new();
        around.insert(name, found);
        self.strange(field, Value::Object(around), kind, rest)
    }

    /// Reads a value of any shape, which is `depth` deep in one that no table describes.
    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        self.context.count()?;
        match self.reader.token()? {
            Token::Null => Ok(Value::Null),
            Token::Scalar(scalar) => self.scalar(scalar),
            Token::List | Token::Object if depth >= MAX_DEPTH => Err(Stop::too_deep()),
            Token::List => self.values(depth + 1).map(Value::Array),
            Token::Object => self.entries(depth + 1).map(Value::Object),
        }
    }

    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<Value, Stop> {
        if let Scalar::Text(text) = &scalar {
            self.context.charge(text.len())?;
        }
        Ok(scalar.into_value())
    }

    /// Reads the list whose start was just read without a table.
    fn values(&mut self, depth: usize) -> Result<Vec<Value>, Stop> {
        let mut items = Vec::new();
        let mut first = true;
        while self.reader.more(b']', first)? {
            first = false;
            self.context.charge_value(items.len())?;
            items.push(self.value(depth)?);
        }
        Ok(items)
    }

    /// Reads the object whose start was just read without a table. Of members of one name the last
    /// counts.
    fn entries(&mut self, depth: usize) -> Result<serde_json::Map<String, Value>, Stop> {
        let mut entries = serde_json::Map::new();
        let mut first = true;
        while self.reader.more(b'}', first)? {
            first = false;
            let name = self.reader.name()?.into_owned();
            self.reader.colon()?;
            self.context.charge(name.len())?;
            self.context.charge_text(entries.len())?;
            entries.insert(name, self.value(depth)?);
        }
        Ok(entries)
    }

    /// Keeps what does not fit its place.
    fn strange(
        &mut self,
        field: &'static Field,
        value: Value,
        kind: DriftKind,
        rest: &mut Rest,
    ) -> Result<(), Stop> {
        self.context.drifted(kind);
        self.keep(rest, field.name.to_owned(), value)
    }

    fn keep(&mut self, rest: &mut Rest, name: String, value: Value) -> Result<(), Stop> {
        self.context.keep(&mut rest.unknown, name, value)
    }
}

fn no_list(found: &'static str) -> DriftKind {
    DriftKind::Type {
        expected: "a list",
        found,
    }
}
