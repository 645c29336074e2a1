//! A JSON object into a structure.

use std::borrow::Cow;

use serde_json::Value;

use super::super::CodecError;
use super::super::context::{Context, Stop, find};
use super::super::drift::{Drift, DriftKind};
use super::super::scalar::{Put, expected, put};
use super::encode::Style;
use super::reader::{Reader, Token};
use crate::node::{Node, NodeMapSlot, Slot};
use crate::schema::{Field, Flags, Place, Structure};

/// Reads the object `text` into `node`, whose path starts with `root`, and tells where it departs
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
        context: Context::default(),
        typed: style == Style::Typed,
    };
    match decoder.document(root, node) {
        Ok(()) => Ok(decoder.context.drift),
        Err(stop) => Err(decoder.context.error(stop)),
    }
}

struct Decoder<'x> {
    reader: Reader<'x>,
    context: Context<'x>,
    /// Numbers and truth values are told from texts, and one item from a list.
    typed: bool,
}

/// What a structure has no place for.
type Strangers = Vec<(String, Value)>;

impl<'x> Decoder<'x> {
    fn document(&mut self, root: &'x str, node: &mut dyn Node) -> Result<(), Stop> {
        if !root.is_empty() {
            self.context.enter(Cow::Borrowed(root), None)?;
        }
        let Token::Object = self.reader.token()? else {
            return Err(Stop::new("the document is no JSON object"));
        };
        self.object(node)?;
        self.reader.end()
    }

    /// Reads the object whose start was just read into `node`.
    fn object(&mut self, node: &mut dyn Node) -> Result<(), Stop> {
        let structure = node.structure();
        let mut strangers = Vec::new();
        let mut outcome = Ok(());
        node.slots(&mut |slots| outcome = self.members(structure, slots, &mut strangers));
        for (name, value) in strangers {
            node.unknown_mut().insert(name, value);
        }
        outcome
    }

    fn members(
        &mut self,
        structure: &'static Structure,
        slots: &mut [Slot<'_>],
        strangers: &mut Strangers,
    ) -> Result<(), Stop> {
        let mut next = 0;
        let mut first = true;
        while self.reader.more(b'}', first)? {
            first = false;
            let (name, position) = self.name(structure.fields(), next)?;
            let place = position
                .and_then(|at| structure.fields().get(at).zip(slots.get_mut(at)))
                .filter(|(field, _)| field.place == Place::Body);
            next = position.map_or(next, |at| at + 1);
            if let Some((field, slot)) = place {
                self.context.enter(name, None)?;
                self.member(field, slot, strangers, false)?;
            } else {
                self.context.enter(name.clone(), None)?;
                self.context.drifted(DriftKind::Unknown);
                strangers.push((name.into_owned(), self.reader.value()?));
            }
            self.context.leave();
        }
        self.context.note_missing(structure, slots, strangers);
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
        strangers: &mut Strangers,
        in_list: bool,
    ) -> Result<(), Stop> {
        match slot {
            Slot::Any(place) => {
                **place = Some(self.reader.value()?);
                return Ok(());
            }
            Slot::Anys(list) if in_list => {
                list.push(self.reader.value()?);
                return Ok(());
            }
            _ => {}
        }
        let list_expected = field.is_list() && !in_list;
        match self.reader.token()? {
            Token::Null => {}
            Token::List if list_expected => self.items(field, slot, strangers)?,
            Token::List => self.one_of_list(field, slot, strangers, in_list)?,
            Token::Object => {
                if list_expected && self.typed {
                    self.context.drifted(no_list("a container"));
                }
                self.container(field, slot, strangers)?;
            }
            Token::Scalar(scalar) => {
                if list_expected && self.typed {
                    self.context.drifted(no_list(scalar.name()));
                }
                let typed = self.typed && !field.flags.contains(Flags::QUOTED);
                match put(slot, field, scalar, typed) {
                    Put::Kept => {}
                    Put::Empty => {
                        strangers.push((field.name.to_owned(), Value::String(String::new())));
                    }
                    Put::Drifted(kind) => self.context.drifted(kind),
                    Put::Strange(value, kind) => self.strange(field, value, kind, strangers),
                }
            }
        }
        Ok(())
    }

    /// Reads the list whose start was just read.
    fn items(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        strangers: &mut Strangers,
    ) -> Result<(), Stop> {
        let mut first = true;
        while self.reader.more(b']', first)? {
            first = false;
            self.context.item(slot.count())?;
            self.member(field, slot, strangers, true)?;
        }
        Ok(())
    }

    /// Reads the list whose start was just read, where one value is documented: the first is taken,
    /// the rest is kept aside.
    fn one_of_list(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        strangers: &mut Strangers,
        in_list: bool,
    ) -> Result<(), Stop> {
        let mut take = !in_list && slot.is_absent();
        let mut items = Vec::new();
        let mut first = true;
        while self.reader.more(b']', first)? {
            first = false;
            if std::mem::take(&mut take) {
                let before = strangers.len();
                self.member(field, slot, strangers, true)?;
                // What does not fit its place stays with the rest of the list.
                if strangers.len() > before {
                    items.extend(strangers.pop().map(|(_, value)| value));
                }
            } else {
                items.push(self.reader.value()?);
            }
        }
        let found = DriftKind::Type {
            expected: expected(field.kind),
            found: "a list",
        };
        if items.is_empty() {
            self.context.drifted(found);
        } else {
            self.strange(field, Value::Array(items), found, strangers);
        }
        Ok(())
    }

    /// Reads the object whose start was just read.
    fn container(
        &mut self,
        field: &'static Field,
        slot: &mut Slot<'_>,
        strangers: &mut Strangers,
    ) -> Result<(), Stop> {
        let repeated = !field.is_list() && !slot.is_absent();
        match slot {
            Slot::Node(place) | Slot::Nodes(place) if !repeated => {
                let mut outcome = Ok(());
                place.put(&mut |node| outcome = self.object(node));
                outcome
            }
            Slot::NodeMap(place) if !repeated => {
                let mut first = true;
                while self.reader.more(b'}', first)? {
                    first = false;
                    let name = self.reader.name()?.into_owned();
                    self.reader.colon()?;
                    self.context.enter(Cow::Owned(name.clone()), None)?;
                    self.named(*place, name, field, strangers)?;
                    self.context.leave();
                }
                Ok(())
            }
            Slot::Map(map) => {
                let entries = self.entries()?.into_iter();
                map.extend(entries.map(|(name, value)| match value {
                    Value::String(text) => (name, text),
                    other => (name, other.to_string()),
                }));
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
                let value = Value::Object(self.entries()?);
                self.strange(field, value, kind, strangers);
                Ok(())
            }
        }
    }

    /// Reads the structure called `name`.
    fn named(
        &mut self,
        place: &mut dyn NodeMapSlot,
        name: String,
        field: &'static Field,
        strangers: &mut Strangers,
    ) -> Result<(), Stop> {
        let found = match self.reader.token()? {
            Token::Null => return Ok(()),
            Token::Object if !place.has(&name) => {
                let mut outcome = Ok(());
                place.put(&name, &mut |node| outcome = self.object(node));
                return outcome;
            }
            Token::Object => Value::Object(self.entries()?),
            Token::List => Value::Array(self.values()?),
            Token::Scalar(scalar) => scalar.into_value(),
        };
        let kind = if place.has(&name) {
            DriftKind::Repeated
        } else {
            DriftKind::Type {
                expected: "a container",
                found: "another value",
            }
        };
        let mut around = serde_json::Map::new();
        around.insert(name, found);
        self.strange(field, Value::Object(around), kind, strangers);
        Ok(())
    }

    /// Reads the list whose start was just read without a table.
    fn values(&mut self) -> Result<Vec<Value>, Stop> {
        let mut items = Vec::new();
        let mut first = true;
        while self.reader.more(b']', first)? {
            first = false;
            items.push(self.reader.value()?);
        }
        Ok(items)
    }

    /// Reads the object whose start was just read without a table.
    fn entries(&mut self) -> Result<serde_json::Map<String, Value>, Stop> {
        let mut entries = serde_json::Map::new();
        let mut first = true;
        while self.reader.more(b'}', first)? {
            first = false;
            let name = self.reader.name()?.into_owned();
            self.reader.colon()?;
            entries.insert(name, self.reader.value()?);
        }
        Ok(entries)
    }

    /// Keeps what does not fit its place.
    fn strange(
        &mut self,
        field: &'static Field,
        value: Value,
        kind: DriftKind,
        strangers: &mut Strangers,
    ) {
        self.context.drifted(kind);
        strangers.push((field.name.to_owned(), value));
    }
}

fn no_list(found: &'static str) -> DriftKind {
    DriftKind::Type {
        expected: "a list",
        found,
    }
}
