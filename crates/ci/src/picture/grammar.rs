//! The grammar as data: what `api-spec/ci/pictures` says, in static tables.
//!
//! The engine reads and writes by these tables alone; a program that wants to show the operations
//! and their parameters can read them, too.

/// An operation: `imageMogr2` with all it takes.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Name of its type, such as `ImageMogr2`.
    pub name: &'static str,
    /// The segments it begins with; each is one piece.
    pub head: &'static [Piece],
    /// What may follow, in any order.
    pub parameters: &'static [Parameter],
}

/// A parameter: `/name`, or `/name/value` with the value in one of several forms.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Name as it is sent.
    pub name: &'static str,
    /// Whether the operation means nothing without it.
    pub required: bool,
    /// The forms of its value.
    pub forms: &'static [Form],
}

/// A form of a value, such as `<Width>x<Height>`.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// The form as the documents write it, with the parameter's name.
    pub text: &'static str,
    /// Its pieces, in order. Without any, the parameter is its name alone.
    pub pieces: &'static [Piece],
}

/// A piece of a form.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Literal(&'static str),
    /// A place for a value.
    Slot(Slot),
}

/// A place for a value.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slot {
    /// Name, as the documents call it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Smallest number, if the documents know one.
    pub min: Option<i32>,
    /// Largest number, if the documents know one.
    pub max: Option<i32>,
}

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A number, with or without digits after a point.
    Decimal,
    /// `0` or `1`.
    Switch,
    /// One of the words, or one this version does not know. Upper and lower case are one.
    Word(&'static [&'static str]),
    /// Text without `/` and `|`.
    Text,
    /// Any text, travelling in URL-safe Base64.
    Base64,
}

impl Operation {
    /// An operation of the generated tables.
    pub(crate) const fn new(
        name: &'static str,
        head: &'static [Piece],
        parameters: &'static [Parameter],
    ) -> Self {
        Self {
            name,
            head,
            parameters,
        }
    }

    /// The first segment of its head.
    pub(crate) fn word(&self) -> &'static str {
        match self.head.first() {
            Some(Piece::Literal(text)) => text,
            _ => "",
        }
    }
}

impl Parameter {
    /// A parameter of the generated tables.
    pub(crate) const fn new(name: &'static str, required: bool, forms: &'static [Form]) -> Self {
        Self {
            name,
            required,
            forms,
        }
    }

    /// Whether its name is all there is.
    pub(crate) fn is_flag(&self) -> bool {
        self.forms.iter().all(|form| form.pieces.is_empty())
    }
}

impl Form {
    /// A form of the generated tables.
    pub(crate) const fn new(text: &'static str, pieces: &'static [Piece]) -> Self {
        Self { text, pieces }
    }
}

impl Piece {
    /// A slot of the generated tables.
    pub(crate) const fn slot(
        name: &'static str,
        kind: Kind,
        min: Option<i32>,
        max: Option<i32>,
    ) -> Self {
        Self::Slot(Slot {
            name,
            kind,
            min,
            max,
        })
    }
}

/// The slots among `pieces`, in order.
pub(crate) fn slots(pieces: &'static [Piece]) -> impl Iterator<Item = &'static Slot> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Slot(slot) => Some(slot),
        Piece::Literal(_) => None,
    })
}
