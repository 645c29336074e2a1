//! The grammar of picture processing: an operation is a head and parameters, a parameter is one of
//! several forms, and a form is literals and slots.

use super::enumeration::Enumeration;

/// The whole grammar of a service.
#[derive(Debug, Default)]
pub struct Grammar {
    /// The operations, in the order of their files.
    pub operations: Vec<Operation>,
    /// The types that hold one of several forms.
    pub choices: Vec<Choice>,
    /// The lists of words.
    pub words: Vec<Enumeration>,
    /// The file with the words, relative to `api-spec`.
    pub words_source: String,
}

/// An operation of the grammar.
#[derive(Debug)]
pub struct Operation {
    /// Name of its type.
    pub name: String,
    /// Name of its module.
    pub module: String,
    /// Its file, relative to `api-spec`.
    pub source: String,
    /// What it does.
    pub doc: String,
    /// Its head as the spec writes it.
    pub head_text: String,
    /// The segments it begins with.
    pub head: Vec<Part>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

/// A piece of a form.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text as it is.
    Literal(String),
    /// A place for a value.
    Slot(Slot),
}

/// A place for a value.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Name in the spec.
    pub name: String,
    /// Name of the argument in Rust.
    pub argument: String,
    /// What it holds.
    pub kind: Kind,
    /// Smallest and largest number.
    pub range: [Option<i32>; 2],
    /// What it means.
    pub doc: String,
}

/// What a slot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A whole number; whether it may be negative.
    Integer(bool),
    /// A number.
    Decimal,
    /// `0` or `1`.
    Switch,
    /// Text as it is.
    Text,
    /// Text in URL-safe Base64.
    Base64,
    /// A word of the enum with this name.
    Word(String),
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Name as it is sent.
    pub name: String,
    /// Name of the method that sets it.
    pub method: String,
    /// Whether the operation means nothing without it.
    pub required: bool,
    /// The type that holds its form, if there are several.
    pub choice: Option<String>,
    /// The forms.
    pub forms: Vec<Form>,
    /// What it does.
    pub doc: String,
}

/// A form of a parameter.
#[derive(Debug, Clone)]
pub struct Form {
    /// The form as the spec writes it.
    pub text: String,
    /// Name of the variant; empty if there is only one form.
    pub variant: String,
    /// Whether a bare value means it.
    pub bare: bool,
    /// What it means.
    pub doc: String,
    /// The pieces of the value; none if the name is all.
    pub parts: Vec<Part>,
}

/// A type that holds one of several forms.
#[derive(Debug)]
pub struct Choice {
    /// Name of the type.
    pub name: String,
    /// What it decides.
    pub doc: String,
    /// Files it is made from, relative to `api-spec`.
    pub sources: Vec<String>,
    /// The forms, a variant each.
    pub forms: Vec<Form>,
}

/// The slots among `parts`, in order.
pub fn slots(parts: &[Part]) -> impl Iterator<Item = &Slot> {
    parts.iter().filter_map(|part| match part {
        Part::Slot(slot) => Some(slot),
        Part::Literal(_) => None,
    })
}
