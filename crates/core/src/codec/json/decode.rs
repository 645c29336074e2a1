//! A JSON object into a structure.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::super::CodecError;
use super::super::context::{Context, find};
use super::super::drift::{Drift, DriftKind};
use super::super::scalar::{Put, Scalar, expected, put};
use crate::node::{Node, Slot};
use crate::schema::{Field, Place, Structure};

/// Reads the object `text` into `node`, whose path starts with `root`, and tells where it departs
/// from the table. An empty text is an empty object.
///
/// # Errors
/// The text is not well-formed JSON, is not an object, or is too deep or too large.
pub fn decode(text: &str, root: &str, node: &mut dyn Node) -> Result<Vec<Drift>, CodecError> {
    let mut context = Context::default();
    if !root.is_empty() {
        context.enter(Cow::Owned(root.to_owned()), None)?;
    }
    let text = text.trim_start_matches('\u{feff}');
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut decoder = Decoder {
        context,
        fatal: None,
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = Object {
        node,
        decoder: &mut decoder,
    }
    .deserialize(&mut reader)
    .and_then(|()| reader.end());
    match (decoder.fatal, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(decoder
            .context
            .error(format!("not well-formed JSON: {error}"))),
        (None, Ok(())) => Ok(decoder.context.drift),
    }
}

struct Decoder {
    context: Context,
    /// What the context refused; the reader's own error only says that it stopped.
    fatal: Option<CodecError>,
}

impl Decoder {
    fn enter<E: serde::de::Error>(
        &mut self,
        name: Cow<'static, str>,
        index: Option<usize>,
    ) -> Result<(), E> {
        self.context.enter(name, index).map_err(|error| {
            let message = error.to_string();
            self.fatal = Some(error);
            E::custom(message)
        })
    }
}

/// Reads one object into a node.
struct Object<'a> {
    node: &'a mut dyn Node,
    decoder: &'a mut Decoder,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        fill(self.node, self.decoder, &mut map)
    }
}

fn fill<'de, A: MapAccess<'de>>(
    node: &mut dyn Node,
    decoder: &mut Decoder,
    map: &mut A,
) -> Result<(), A::Error> {
    let structure = node.structure();
    let mut strangers = Vec::new();
    let mut outcome = Ok(());
    node.slots(&mut |slots| {
        outcome = members(structure, slots, decoder, map, &mut strangers);
        if outcome.is_ok() {
            decoder.context.note_missing(structure, slots);
        }
    });
    for (name, value) in strangers {
        node.unknown_mut().insert(name, value);
    }
    outcome
}

fn members<'de, A: MapAccess<'de>>(
    structure: &'static Structure,
    slots: &mut [Slot<'_>],
    decoder: &mut Decoder,
    map: &mut A,
    strangers: &mut Vec<(String, Value)>,
) -> Result<(), A::Error> {
    let mut cursor = 0;
    while let Some(Name(name)) = map.next_key()? {
        let place = find(structure, &name, &mut cursor)
            .and_then(|index| Some((structure.fields().get(index)?, slots.get_mut(index)?)))
            .filter(|(field, _)| field.place == Place::Body);
        if let Some((field, slot)) = place {
            decoder.enter(Cow::Borrowed(field.name), None)?;
            map.next_value_seed(Member {
                field,
                slot,
                decoder,
                strangers,
                in_list: false,
            })?;
        } else {
            decoder.enter(Cow::Owned(name.clone().into_owned()), None)?;
            decoder.context.drifted(DriftKind::Unknown);
            strangers.push((name.into_owned(), map.next_value()?));
        }
        decoder.context.leave();
    }
    Ok(())
}

/// A member's name, borrowed from the text where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// Reads one member, or one item of a list, into its place.
struct Member<'a, 's> {
    field: &'static Field,
    slot: &'a mut Slot<'s>,
    decoder: &'a mut Decoder,
    strangers: &'a mut Vec<(String, Value)>,
    in_list: bool,
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.slot {
            Slot::Any(place) => {
                **place = Some(Value::deserialize(deserializer)?);
                Ok(())
            }
            Slot::Anys(list) if self.in_list => {
                list.push(Value::deserialize(deserializer)?);
                Ok(())
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl Member<'_, '_> {
    fn scalar(self, scalar: Scalar<'_>) {
        if self.field.is_list() && !self.in_list {
            self.decoder.context.drifted(DriftKind::Type {
                expected: "a list",
                found: scalar.name(),
            });
        }
        match put(self.slot, self.field, scalar, true) {
            Put::Kept => {}
            Put::Drifted(kind) => self.decoder.context.drifted(kind),
            Put::Strange(value, kind) => self.strange(value, kind),
        }
    }

    fn strange(self, value: Value, kind: DriftKind) {
        self.decoder.context.drifted(kind);
        self.strangers.push((self.field.name.to_owned(), value));
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(expected(self.field.kind))
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        self.scalar(Scalar::Boolean(truth));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.scalar(Scalar::Integer(number));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.scalar(i64::try_from(number).map_or(Scalar::Unsigned(number), Scalar::Integer));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.scalar(Scalar::Float(number));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.scalar(Scalar::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_string<E>(self, text: String) -> Result<(), E> {
        self.scalar(Scalar::Text(Cow::Owned(text)));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.field.is_list() && !self.in_list {
            let name = Cow::Borrowed(self.field.name);
            // The item's own step replaces the list's.
            self.decoder.context.leave();
            loop {
                let index = self.slot.count();
                self.decoder.enter(name.clone(), Some(index))?;
                let item = seq.next_element_seed(Member {
                    field: self.field,
                    slot: self.slot,
                    decoder: self.decoder,
                    strangers: self.strangers,
                    in_list: true,
                })?;
                if item.is_none() {
                    return Ok(());
                }
                self.decoder.context.leave();
            }
        }
        // A list where one value is documented: the first is taken, the rest is kept aside.
        let found = DriftKind::Type {
            expected: expected(self.field.kind),
            found: "a list",
        };
        let mut items = Vec::new();
        if !self.in_list && self.slot.is_absent() {
            seq.next_element_seed(Member {
                field: self.field,
                slot: self.slot,
                decoder: self.decoder,
                strangers: self.strangers,
                in_list: true,
            })?;
        }
        while let Some(item) = seq.next_element::<Value>()? {
            items.push(item);
        }
        if items.is_empty() {
            self.decoder.context.drifted(found);
        } else {
            self.strange(Value::Array(items), found);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let list = self.field.is_list();
        if list && !self.in_list {
            self.decoder.context.drifted(DriftKind::Type {
                expected: "a list",
                found: "a container",
            });
        }
        let repeated = !list && !self.slot.is_absent();
        match self.slot {
            Slot::Node(place) | Slot::Nodes(place) if !repeated => {
                let mut outcome = Ok(());
                place.put(&mut |node| outcome = fill(node, self.decoder, &mut map));
                outcome
            }
            Slot::Map(entries) => {
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    let text = match value {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    entries.insert(name, text);
                }
                Ok(())
            }
            _ => {
                let mut rest = serde_json::Map::new();
                while let Some((name, value)) = map.next_entry()? {
                    rest.insert(name, value);
                }
                let kind = if repeated {
                    DriftKind::Repeated
                } else {
                    DriftKind::Type {
                        expected: expected(self.field.kind),
                        found: "a container",
                    }
                };
                self.strange(Value::Object(rest), kind);
                Ok(())
            }
        }
    }
}
