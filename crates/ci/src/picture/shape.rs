//! Between Rust values and the texts of a form's slots.

use super::base64;
use super::grammar::{Kind, Piece, slots};

/// The texts of one form, as a person would write them: nothing is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Values {
    /// Which of the parameter's forms.
    pub(crate) form: usize,
    /// The texts of its slots, in order.
    pub(crate) texts: Vec<String>,
}

impl Values {
    /// A form without texts so far.
    pub(crate) fn new(form: usize) -> Self {
        Self {
            form,
            texts: Vec::new(),
        }
    }

    /// The same with one more value.
    pub(crate) fn with(mut self, value: &impl Scalar) -> Self {
        self.texts.push(value.text());
        self
    }

    /// The value of a slot; `None` if it is missing or beyond the type.
    pub(crate) fn get<T: Scalar>(&self, slot: usize) -> Option<T> {
        T::of(self.texts.get(slot)?)
    }

    /// The texts as they are sent in `pieces`.
    pub(crate) fn encode(self, pieces: &'static [Piece]) -> Vec<String> {
        let mut kinds = slots(pieces).map(|slot| slot.kind);
        self.texts
            .into_iter()
            .map(|text| match kinds.next() {
                Some(Kind::Base64) => base64::encode(&text),
                _ => text,
            })
            .collect()
    }

    /// From the texts as they are sent. `None` if one in Base64 is no UTF-8.
    pub(crate) fn decode(form: usize, pieces: &'static [Piece], texts: &[String]) -> Option<Self> {
        let texts = slots(pieces)
            .zip(texts)
            .map(|(slot, text)| match slot.kind {
                Kind::Base64 => String::from_utf8(base64::decode(text)?).ok(),
                Kind::Word(words) => Some(canonical(words, text)),
                _ => Some(text.clone()),
            });
        Some(Self {
            form,
            texts: texts.collect::<Option<_>>()?,
        })
    }
}

/// The word that `text` is but for upper and lower case, or `text`.
fn canonical(words: &[&str], text: &str) -> String {
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    known.copied().unwrap_or(text).to_owned()
}

/// A value of one slot.
pub(crate) trait Scalar: Sized {
    /// The text of the value.
    fn text(&self) -> String;

    /// The value of a text; `None` if the type cannot hold it.
    fn of(text: &str) -> Option<Self>;
}

macro_rules! parsed {
    ($($type:ty),*) => {$(
        impl Scalar for $type {
            fn text(&self) -> String {
                self.to_string()
            }

            fn of(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

parsed!(u32, i32, f64, String);

impl Scalar for bool {
    fn text(&self) -> String {
        if *self { "1" } else { "0" }.to_owned()
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }
}

/// A value of a parameter: what its form and the slots of that form hold.
pub(crate) trait Shape: Sized {
    /// The form and its texts.
    fn write(&self) -> Values;

    /// The value; `None` if the type cannot hold it.
    fn read(values: &Values) -> Option<Self>;
}

/// A parameter that is its name alone.
impl Shape for () {
    fn write(&self) -> Values {
        Values::new(0)
    }

    fn read(_: &Values) -> Option<Self> {
        Some(())
    }
}

macro_rules! tuples {
    ($($($name:ident $slot:tt)*;)*) => {$(
        impl<$($name: Scalar),*> Shape for ($($name,)*) {
            fn write(&self) -> Values {
                Values::new(0)$(.with(&self.$slot))*
            }

            fn read(values: &Values) -> Option<Self> {
                Some(($(values.get::<$name>($slot)?,)*))
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
}
