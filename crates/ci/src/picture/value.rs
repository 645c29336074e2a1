//! A value's text against the forms it may have.

use super::base64;
use super::grammar::{Form, Kind, Piece, Slot};

/// The texts of the slots if `text` is of this form.
pub(crate) fn fit(pieces: &[Piece], text: &str) -> Option<Vec<String>> {
    let mut rest = text;
    let mut texts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(literal)?,
            Piece::Slot(slot) => {
                let (own, after) = rest.split_at_checked(length(slot.kind, rest)?)?;
                texts.push(own.to_owned());
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(texts)
}

/// Whether a slot can hold `text` so that it is read back as it was.
pub(crate) fn is_sound(slot: &Slot, text: &str) -> bool {
    length(slot.kind, text) == Some(text.len())
}

/// How many bytes at the start of `text` a slot takes; at least one.
fn length(kind: Kind, text: &str) -> Option<usize> {
    let taken = match kind {
        Kind::Integer => integer(text),
        Kind::Decimal => integer(text) + fraction(text.get(integer(text)..)?),
        Kind::Switch => usize::from(text.starts_with(['0', '1'])),
        Kind::Word(_) | Kind::Text => {
            let sound = !text.contains(['/', '|']) && !text.contains(char::is_control);
            if sound { text.len() } else { 0 }
        }
        Kind::Base64 => base64::decode(text).map_or(0, |_| text.len()),
    };
    (taken > 0).then_some(taken)
}

/// Bytes of a whole number with its sign.
fn integer(text: &str) -> usize {
    let sign = usize::from(text.starts_with('-'));
    match digits(text.get(sign..).unwrap_or_default()) {
        0 => 0,
        digits => sign + digits,
    }
}

/// Bytes of a point and the digits after it.
fn fraction(text: &str) -> usize {
    match text.strip_prefix('.').map(digits) {
        None | Some(0) => 0,
        Some(digits) => 1 + digits,
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// What is wrong with the number in `text`, if the documents' bounds exclude it.
pub(crate) fn out_of_bounds(slot: &Slot, text: &str) -> Option<String> {
    if !matches!(slot.kind, Kind::Integer | Kind::Decimal) {
        return None;
    }
    // Digits beyond any integer type are a number still, and out of every bound.
    let number: f64 = text.parse().ok()?;
    let below = slot.min.is_some_and(|min| number < f64::from(min));
    let above = slot.max.is_some_and(|max| number > f64::from(max));
    (below || above).then(|| {
        let bound = match (slot.min, slot.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => String::new(),
        };
        format!("{} must be {bound}, got {text}", slot.name)
    })
}

/// What a slot takes, in words.
pub(crate) fn expected(slot: &Slot) -> String {
    match slot.kind {
        Kind::Integer => "a whole number".to_owned(),
        Kind::Decimal => "a number".to_owned(),
        Kind::Switch => "`0` or `1`".to_owned(),
        Kind::Word(words) => format!("one of `{}`", words.join("`, `")),
        Kind::Text => "a text without `/` and `|`".to_owned(),
        Kind::Base64 => "a text in URL-safe Base64".to_owned(),
    }
}

/// The forms of a parameter, in words.
pub(crate) fn expected_forms(forms: &'static [Form]) -> String {
    let texts: Vec<_> = forms
        .iter()
        .map(|form| match form.pieces {
            [Piece::Slot(slot)] => format!("`{}` with {}", form.text, expected(slot)),
            _ => format!("`{}`", form.text),
        })
        .collect();
    texts.join(", ")
}
