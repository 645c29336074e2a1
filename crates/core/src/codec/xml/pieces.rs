//! The pieces that a document is made of, without their tables.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::super::context::Stop;
use super::super::drift::cut;

/// What no table says how to read.
pub(super) enum Content<'x> {
    Text(Cow<'x, str>),
    Children(Value),
}

impl Content<'_> {
    pub(super) fn into_value(self) -> Value {
        match self {
            Content::Text(text) => Value::String(text.into_owned()),
            Content::Children(value) => value,
        }
    }
}

/// The attributes of an element. That each comes once is for their reader to say: the parser would
/// compare every one with all before it.
pub(super) fn attributes<'s>(
    start: &'s BytesStart<'_>,
) -> impl Iterator<Item = Result<(&'s str, Cow<'s, str>), Stop>> {
    let bad = |error: &dyn std::fmt::Display| {
        let error = error.to_string();
        Stop::new(format!(
            "not well-formed XML in an attribute: {}",
            cut(&error)
        ))
    };
    let mut attributes = start.attributes();
    attributes.with_checks(false);
    attributes.map(move |attribute| {
        let attribute = attribute.map_err(|error| bad(&error))?;
        let text = quick_xml::escape::unescape(&attribute.value).map_err(|e| bad(&e))?;
        Ok((attribute.key.into_inner(), Cow::Owned(text.into_owned())))
    })
}

/// An attribute that an element has twice.
pub(super) fn twice(name: &str) -> Stop {
    let name = cut(name);
    Stop::new(format!(
        "not well-formed XML: the attribute {name:?} comes twice"
    ))
}

/// Adds a piece of text.
pub(super) fn collect<'x>(event: Event<'x>, text: &mut Cow<'x, str>) -> Result<(), Stop> {
    let piece = match event {
        Event::Text(piece) => piece.into_inner(),
        Event::CData(piece) => piece.into_inner(),
        Event::GeneralRef(reference) => {
            let entity = format!("&{};", &*reference);
            let piece = quick_xml::escape::unescape(&entity).map_err(|error| {
                Stop::new(format!("{}: {}", cut(&entity), cut(&error.to_string())))
            })?;
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

/// Forgets the white space before a child.
pub(super) fn forget_blank(text: &mut Cow<'_, str>) {
    if is_blank(text) {
        *text = Cow::Borrowed("");
    }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
