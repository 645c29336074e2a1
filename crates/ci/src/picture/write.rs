//! Calls into text.

use std::fmt;

use super::call::{Call, Entry};
use super::error::{Error, ErrorKind};
use super::grammar::{Piece, Slot, slots};
use super::value::{expected, is_sound, out_of_bounds};

/// The text, whatever it holds.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        text(self, &mut out);
        f.write_str(&out)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How the text of a call begins, without parameters.
pub(crate) fn head(call: &Call) -> String {
    let mut out = String::new();
    let mut own = call.head.iter();
    for (index, piece) in call.operation.head.iter().enumerate() {
        if index > 0 {
            out.push('/');
        }
        add(piece, &mut own, &mut out);
    }
    out
}

/// The text of a call.
pub(crate) fn text(call: &Call, out: &mut String) {
    out.push_str(&head(call));
    for entry in &call.entries {
        out.push('/');
        match entry {
            Entry::Unknown(text) => out.push_str(text),
            Entry::Known {
                parameter,
                form,
                texts,
            } => {
                let Some(parameter) = call.operation.parameters.get(*parameter) else {
                    continue;
                };
                out.push_str(parameter.name);
                let pieces = parameter.forms.get(*form).map_or(&[][..], |it| it.pieces);
                if !pieces.is_empty() {
                    out.push('/');
                }
                let mut own = texts.iter();
                for piece in pieces {
                    add(piece, &mut own, out);
                }
            }
        }
    }
    if call.slash {
        out.push('/');
    }
}

fn add<'a>(piece: &Piece, texts: &mut impl Iterator<Item = &'a String>, out: &mut String) {
    match piece {
        Piece::Literal(literal) => out.push_str(literal),
        Piece::Slot(_) => out.push_str(texts.next().map_or("", String::as_str)),
    }
}

/// Whether a call can be written: each value can be read back and, with `limits`, is within the
/// documents' bounds, and nothing is missing.
pub(crate) fn check(call: &Call, limits: bool) -> Result<(), Error> {
    let operation = call.operation;
    for (slot, text) in slots(operation.head).zip(&call.head) {
        check_slot(slot, text, limits).map_err(|error| error.of(operation.name, ""))?;
    }
    for entry in &call.entries {
        let Entry::Known {
            parameter,
            form,
            texts,
        } = entry
        else {
            continue;
        };
        let Some(parameter) = operation.parameters.get(*parameter) else {
            continue;
        };
        let pieces = parameter.forms.get(*form).map_or(&[][..], |it| it.pieces);
        for (slot, text) in slots(pieces).zip(texts) {
            check_slot(slot, text, limits)
                .map_err(|error| error.of(operation.name, parameter.name))?;
        }
    }
    if limits {
        check_required(call)?;
    }
    Ok(())
}

fn check_slot(slot: &Slot, text: &str, limits: bool) -> Result<(), Error> {
    if !is_sound(slot, text) {
        let problem = format!("{} must be {}, got `{text}`", slot.name, expected(slot));
        return Err(Error::new(ErrorKind::Value, problem));
    }
    match out_of_bounds(slot, text) {
        Some(problem) if limits => Err(Error::new(ErrorKind::Limit, problem)),
        _ => Ok(()),
    }
}

fn check_required(call: &Call) -> Result<(), Error> {
    for (index, parameter) in call.operation.parameters.iter().enumerate() {
        let is_set = call
            .entries
            .iter()
            .any(|entry| matches!(entry, Entry::Known { parameter, .. } if *parameter == index));
        if parameter.required && !is_set {
            let error = Error::new(ErrorKind::Limit, "is required");
            return Err(error.of(call.operation.name, parameter.name));
        }
    }
    Ok(())
}
