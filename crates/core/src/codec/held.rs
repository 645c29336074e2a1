//! Scalars as a structure holds them, on their way to a text.

use std::borrow::Cow;
use std::fmt::{self, Write};

use crate::node::Ref;
use crate::schema::{Field, Kind};

/// A scalar that a field holds.
#[derive(Clone, Copy)]
pub(super) enum Held<'a> {
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Boolean(bool),
}

impl<'a> Held<'a> {
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self {
            Held::Text(text) => Cow::Borrowed(text),
            Held::Boolean(true) => Cow::Borrowed("true"),
            Held::Boolean(false) => Cow::Borrowed("false"),
            number => Cow::Owned(number.to_string()),
        }
    }

    /// Whether `text` means the same.
    pub(super) fn is(self, text: &str) -> bool {
        match self {
            Held::Text(own) => own == text,
            Held::Integer(number) => text.parse() == Ok(number),
            Held::Float(number) => text.parse() == Ok(number),
            Held::Boolean(truth) => text.parse() == Ok(truth),
        }
    }
}

impl fmt::Display for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Held::Text(text) => f.write_str(text),
            Held::Integer(number) => number.fmt(f),
            Held::Float(number) => number.fmt(f),
            Held::Boolean(truth) => truth.fmt(f),
        }
    }
}

/// The scalars of a field: one, or as many as a list has. Structures, maps and free-form values
/// have none.
pub(super) fn scalars<'a>(field: &Field, value: Ref<'a>) -> impl Iterator<Item = Held<'a>> {
    let fixed = match field.kind {
        Kind::Fixed(text) => Some(text),
        _ => None,
    };
    let mut next = 0;
    std::iter::from_fn(move || {
        let at = next;
        next += 1;
        let first = at == 0;
        match value {
            Ref::Fixed => fixed.filter(|_| first).map(Held::Text),
            Ref::Text(text) => text.filter(|_| first).map(Held::Text),
            Ref::Integer(number) => number.filter(|_| first).map(Held::Integer),
            Ref::Float(number) => number.filter(|_| first).map(Held::Float),
            Ref::Boolean(truth) => truth.filter(|_| first).map(Held::Boolean),
            Ref::Texts(list) => list.item(at).map(Held::Text),
            Ref::Integers(list) => list.get(at).copied().map(Held::Integer),
            Ref::Floats(list) => list.get(at).copied().map(Held::Float),
            Ref::Booleans(list) => list.get(at).copied().map(Held::Boolean),
            _ => None,
        }
    })
}

/// The scalars of a field as one text, separated by commas.
pub(super) fn joined(field: &Field, value: Ref<'_>) -> String {
    let mut out = String::new();
    for (at, held) in scalars(field, value).enumerate() {
        if at > 0 {
            out.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(out, "{held}");
    }
    out
}
