//! Forms as text: `/thumbnail/!<Scale>p` is a name, then literals and slots.

/// A form, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The name before the value.
    pub name: String,
    /// The value's pieces; none if the name is all.
    pub pieces: Vec<Piece>,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Literal(String),
    /// The name of a slot.
    Slot(String),
}

impl Pattern {
    /// Takes a parameter's form apart. `None` if it is no `/name` or `/name/value`.
    pub fn parse(form: &str) -> Option<Self> {
        let rest = form.strip_prefix('/')?;
        let (name, value) = match rest.split_once('/') {
            Some((name, value)) => (name, Some(value)),
            None => (rest, None),
        };
        let sound = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && value.is_none_or(|value| !value.is_empty() && !value.contains(['/', '|']));
        sound.then(|| Self {
            name: name.to_owned(),
            pieces: value.map(pieces).unwrap_or_default(),
        })
    }

    /// The names of its slots, in order.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }
}

/// The segments of a head: each is one literal or one slot. `None` if one is neither.
pub fn head(text: &str) -> Option<Vec<Piece>> {
    text.split('/')
        .map(|segment| {
            let mut pieces = pieces(segment);
            let only = pieces.pop()?;
            pieces.is_empty().then_some(only)
        })
        .collect()
}

/// Literals and slots. A `<` that opens no name, as in `<Width>x<Height><`, is a literal.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let slot = rest.strip_prefix('<').and_then(|inner| {
            let (name, after) = inner.split_once('>')?;
            let named = !name.is_empty() && name.chars().all(char::is_alphanumeric);
            named.then_some((name, after))
        });
        if let Some((name, after)) = slot {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Slot(name.to_owned()));
            rest = after;
        } else {
            literal.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

/// Whether some text fits both values. `numeric` says of a slot whether it takes digits alone.
pub fn overlap(a: &[Piece], b: &[Piece], numeric: &dyn Fn(&str) -> bool) -> bool {
    match (a.split_first(), b.split_first()) {
        (None, None) => true,
        // A slot takes at least one character.
        (None, Some(_)) | (Some(_), None) => false,
        (Some((Piece::Literal(x), a)), Some((Piece::Literal(y), b))) => {
            let again = |rest: &str, tail: &[Piece]| {
                let rest = (!rest.is_empty()).then(|| Piece::Literal(rest.to_owned()));
                rest.into_iter()
                    .chain(tail.iter().cloned())
                    .collect::<Vec<_>>()
            };
            if let Some(rest) = x.strip_prefix(y.as_str()) {
                overlap(&again(rest, a), b, numeric)
            } else if let Some(rest) = y.strip_prefix(x.as_str()) {
                overlap(a, &again(rest, b), numeric)
            } else {
                false
            }
        }
        (Some((Piece::Slot(x), a)), Some((Piece::Slot(y), b))) => {
            // A slot of text is the last piece, so it takes whatever is left.
            !numeric(x) || !numeric(y) || overlap(a, b, numeric)
        }
        (Some((Piece::Slot(slot), _)), Some((Piece::Literal(text), _)))
        | (Some((Piece::Literal(text), _)), Some((Piece::Slot(slot), _))) => {
            let digit = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.');
            !numeric(slot) || text.starts_with(digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(form: &str) -> String {
        let pattern = Pattern::parse(form).unwrap();
        let pieces = pattern.pieces.iter().map(|piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Slot(name) => format!("[{name}]"),
        });
        format!("{} {}", pattern.name, pieces.collect::<String>())
    }

    #[test]
    fn a_bracket_without_a_name_is_a_literal() {
        assert_eq!(shown("/thumbnail/!<Scale>p"), "thumbnail ![Scale]p");
        assert_eq!(shown("/t/<Width>x<Height>>"), "t [Width]x[Height]>");
        assert_eq!(shown("/t/<Width>x<Height><"), "t [Width]x[Height]<");
        assert_eq!(shown("/auto-orient"), "auto-orient ");
    }

    #[test]
    fn what_is_no_form_is_told() {
        for form in ["", "strip", "/", "//a", "/a/", "/a/b/c", "/a b", "/a/b|c"] {
            assert_eq!(Pattern::parse(form), None, "{form}");
        }
        assert_eq!(head("a/<B>c"), None);
        assert_eq!(head("a//b"), None);
    }

    #[test]
    fn forms_that_one_text_fits_overlap() {
        let value = |form: &str| Pattern::parse(form).unwrap().pieces;
        let both = |a, b| overlap(&value(a), &value(b), &|name| name != "T");
        assert!(both("/a/<W>x", "/a/<H>x"));
        assert!(both("/a/<W>", "/a/<T>"));
        assert!(both("/a/1", "/a/<W>"));
        assert!(both("/a/x<T>", "/a/x<W>y"));
        assert!(!both("/a/<W>x", "/a/x<W>"));
        assert!(!both("/a/<W>", "/a/<W>!"));
        assert!(!both("/a/!<W>p", "/a/!<W>px"));
        assert!(!both("/a/!<W>p", "/a/!x<W>p"));
    }
}
