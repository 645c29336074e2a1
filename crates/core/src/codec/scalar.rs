//! Scalars: what a text, number or truth value means in the place a table gives it.

use std::borrow::Cow;

use serde_json::Value;

use super::drift::DriftKind;
use crate::node::Slot;
use crate::schema::{Field, Flags, Kind};

/// A scalar as it arrived.
pub(super) enum Scalar<'a> {
    /// Text, or anything in a format that has only text.
    Text(Cow<'a, str>),
    Integer(i64),
    /// A whole number that `i64` cannot hold.
    Unsigned(u64),
    Float(f64),
    Boolean(bool),
}

impl<'a> Scalar<'a> {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Scalar::Text(_) => "text",
            Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Float(_) => "a number",
            Scalar::Boolean(_) => "a truth value",
        }
    }

    pub(super) fn into_value(self) -> Value {
        match self {
            Scalar::Text(text) => Value::String(text.into_owned()),
            Scalar::Integer(number) => number.into(),
            Scalar::Unsigned(number) => number.into(),
            Scalar::Float(number) => number.into(),
            Scalar::Boolean(truth) => truth.into(),
        }
    }

    /// Whether a format with types writes `kind` so.
    fn is_written_as(&self, kind: Kind) -> bool {
        match self {
            Scalar::Text(_) => matches!(
                kind,
                Kind::Text | Kind::Timestamp | Kind::Enumeration(_) | Kind::Fixed(_)
            ),
            Scalar::Boolean(_) => matches!(kind, Kind::Boolean),
            _ => matches!(kind, Kind::Integer | Kind::Float),
        }
    }

    fn into_text(self) -> Cow<'a, str> {
        match self {
            Scalar::Text(text) => text,
            Scalar::Integer(number) => number.to_string().into(),
            Scalar::Unsigned(number) => number.to_string().into(),
            Scalar::Float(number) => number.to_string().into(),
            Scalar::Boolean(truth) => truth.to_string().into(),
        }
    }

    fn to_integer(&self) -> Option<i64> {
        match self {
            Scalar::Integer(number) => Some(*number),
            Scalar::Text(text) => text.trim().parse().ok(),
            // A whole number prints without a fraction.
            Scalar::Float(number) => number.to_string().parse().ok(),
            Scalar::Unsigned(_) | Scalar::Boolean(_) => None,
        }
    }

    fn to_float(&self) -> Option<f64> {
        match self {
            Scalar::Float(number) => Some(*number),
            Scalar::Text(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite()),
            Scalar::Integer(number) => number.to_string().parse().ok(),
            Scalar::Unsigned(number) => number.to_string().parse().ok(),
            Scalar::Boolean(_) => None,
        }
    }

    fn to_boolean(&self) -> Option<bool> {
        match self {
            Scalar::Boolean(truth) => Some(*truth),
            Scalar::Text(text) => match text.trim() {
                "true" | "True" | "TRUE" | "1" => Some(true),
                "false" | "False" | "FALSE" | "0" => Some(false),
                _ => None,
            },
            Scalar::Integer(1) => Some(true),
            Scalar::Integer(0) => Some(false),
            _ => None,
        }
    }
}

/// What became of a scalar.
pub(super) enum Put {
    /// It is in its place.
    Kept,
    /// It is in its place, but departs from the table.
    Drifted(DriftKind),
    /// It has no place there: keep it among the unknown nodes.
    Strange(Value, DriftKind),
    /// An empty text where a number or a truth value belongs says nothing, in a format that has
    /// only text: it is kept, and no departure.
    Empty,
}

/// Puts `scalar` into its place. `native` says that the format distinguishes numbers from texts, so
/// that a number in quotes is worth a note.
pub(super) fn put(slot: &mut Slot<'_>, field: &Field, scalar: Scalar<'_>, native: bool) -> Put {
    let found = scalar.name();
    let departs = || DriftKind::Type {
        expected: expected(field.kind),
        found,
    };
    let kept = if native && !scalar.is_written_as(field.kind) {
        Put::Drifted(departs())
    } else {
        Put::Kept
    };
    let strange = |scalar: Scalar<'_>| Put::Strange(scalar.into_value(), departs());
    if !field.is_list() && !slot.is_absent() {
        return Put::Strange(scalar.into_value(), DriftKind::Repeated);
    }
    if !native && is_blank_number(slot, &scalar) {
        return Put::Empty;
    }
    match slot {
        Slot::Fixed => fixed(field, scalar, kept),
        Slot::Text(place) => {
            **place = Some(scalar.into_text().into_owned());
            kept
        }
        Slot::Texts(list) => {
            list.push(scalar.into_text().into_owned());
            kept
        }
        Slot::Word(place) | Slot::Words(place) => {
            let text = as_documented(field, scalar.into_text());
            // No word at all is what a text format writes for an absent one.
            if place.put(text.clone().into_owned()) || (!native && text.is_empty()) {
                kept
            } else {
                Put::Drifted(DriftKind::Value {
                    found: text.into_owned(),
                })
            }
        }
        Slot::Integer(place) => match scalar.to_integer() {
            Some(number) => {
                **place = Some(number);
                kept
            }
            None => strange(scalar),
        },
        Slot::Integers(list) => match scalar.to_integer() {
            Some(number) => {
                list.push(number);
                kept
            }
            None => strange(scalar),
        },
        Slot::Float(place) => match scalar.to_float() {
            Some(number) => {
                **place = Some(number);
                kept
            }
            None => strange(scalar),
        },
        Slot::Floats(list) => match scalar.to_float() {
            Some(number) => {
                list.push(number);
                kept
            }
            None => strange(scalar),
        },
        Slot::Boolean(place) => match scalar.to_boolean() {
            Some(truth) => {
                **place = Some(truth);
                kept
            }
            None => strange(scalar),
        },
        Slot::Booleans(list) => match scalar.to_boolean() {
            Some(truth) => {
                list.push(truth);
                kept
            }
            None => strange(scalar),
        },
        Slot::Any(place) => {
            **place = Some(scalar.into_value());
            Put::Kept
        }
        Slot::Anys(list) => {
            list.push(scalar.into_value());
            Put::Kept
        }
        // An empty text for a container says that the container is empty.
        Slot::Node(place) if matches!(&scalar, Scalar::Text(text) if text.is_empty()) => {
            place.put(&mut |_| {});
            Put::Drifted(departs())
        }
        Slot::Node(_) | Slot::Nodes(_) | Slot::NodeMap(_) | Slot::Map(_) => strange(scalar),
    }
}

/// A node that has always the same text: nothing is kept of it.
fn fixed(field: &Field, scalar: Scalar<'_>, kept: Put) -> Put {
    let found = scalar.into_text();
    match field.kind {
        Kind::Fixed(expected) if found == expected => kept,
        Kind::Fixed(expected) => Put::Drifted(DriftKind::Fixed {
            expected,
            found: found.into_owned(),
        }),
        _ => Put::Drifted(DriftKind::Value {
            found: found.into_owned(),
        }),
    }
}

/// A word as the table spells it, if it comes in any case.
fn as_documented<'t>(field: &Field, text: Cow<'t, str>) -> Cow<'t, str> {
    match field.kind {
        Kind::Enumeration(words) if field.flags.contains(Flags::ANY_CASE) => words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(&text))
            .map_or(text, |word| Cow::Borrowed(*word)),
        _ => text,
    }
}

/// Whether the text is blank and the place is for a number or a truth value.
fn is_blank_number(slot: &Slot<'_>, scalar: &Scalar<'_>) -> bool {
    let blank = matches!(scalar, Scalar::Text(text) if text.trim().is_empty());
    blank && matches!(slot, Slot::Integer(_) | Slot::Float(_) | Slot::Boolean(_))
}

/// What a kind is called in a message.
pub(super) fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Timestamp | Kind::Enumeration(_) | Kind::Fixed(_) => "text",
        Kind::Integer | Kind::Float => "a number",
        Kind::Boolean => "a truth value",
        Kind::Structure(_) | Kind::MapOf(_) | Kind::Map => "a container",
        Kind::Any => "any value",
    }
}

/// Whether the field is an attribute of its XML element.
pub(super) fn is_attribute(field: &Field) -> bool {
    field.flags.contains(Flags::ATTRIBUTE)
}

/// Whether the field is the text of its XML element.
pub(super) fn is_content(field: &Field) -> bool {
    field.flags.contains(Flags::CONTENT)
}
