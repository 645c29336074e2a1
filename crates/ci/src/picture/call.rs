//! One operation with the parameters it was given: what every type of `imageMogr2` and its like
//! holds.

use super::grammar::{Operation, Piece};
use super::shape::{Scalar, Shape, Values};

/// An operation and its parameters, in the order in which they are written.
///
/// Texts are kept in their encoded form, so that what was read is written again unchanged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The table of the operation.
    pub(crate) operation: &'static Operation,
    /// Texts of the slots of the head.
    pub(crate) head: Vec<String>,
    /// The parameters.
    pub(crate) entries: Vec<Entry>,
    /// Whether the text ended in a slash, as some documents print it.
    pub(crate) slash: bool,
}

/// A parameter of a call.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// One of the table's.
    Known {
        /// Its index in the table.
        parameter: usize,
        /// The index of its form.
        form: usize,
        /// Texts of the slots.
        texts: Vec<String>,
    },
    /// Segments that the table does not know, as they were written.
    Unknown(String),
}

impl Call {
    /// The operation without parameters.
    pub(crate) fn new(operation: &'static Operation) -> Self {
        Self::of(operation, &())
    }

    /// The operation without parameters, with the values of its head.
    pub(crate) fn of(operation: &'static Operation, head: &impl Shape) -> Self {
        Self {
            operation,
            head: head.write().encode(operation.head),
            entries: Vec::new(),
            slash: false,
        }
    }

    /// The same with a parameter set, in the place where it stood before or at the end.
    pub(crate) fn set(mut self, parameter: usize, value: &impl Shape) -> Self {
        let values = value.write();
        let form = values.form;
        let texts = values.encode(self.pieces(parameter, form));
        let entry = Entry::Known {
            parameter,
            form,
            texts,
        };
        let is_same =
            |it: &Entry| matches!(it, Entry::Known { parameter: own, .. } if *own == parameter);
        match self.entries.iter().position(is_same) {
            None => self.entries.push(entry),
            Some(place) => {
                let mut index = 0;
                self.entries.retain(|it| {
                    index += 1;
                    index - 1 <= place || !is_same(it)
                });
                if let Some(own) = self.entries.get_mut(place) {
                    *own = entry;
                }
            }
        }
        self
    }

    /// The value of a parameter; `None` if it is not set, or its type cannot hold what was read.
    pub(crate) fn get<T: Shape>(&self, parameter: usize) -> Option<T> {
        let (form, texts) = self.entries.iter().find_map(|entry| match entry {
            Entry::Known {
                parameter: own,
                form,
                texts,
            } if *own == parameter => Some((*form, texts)),
            _ => None,
        })?;
        T::read(&Values::decode(form, self.pieces(parameter, form), texts)?)
    }

    /// The same with a parameter of one form and one slot set.
    pub(crate) fn set_value<T: Scalar>(self, parameter: usize, value: T) -> Self {
        self.set(parameter, &(value,))
    }

    /// The value of such a parameter.
    pub(crate) fn value<T: Scalar>(&self, parameter: usize) -> Option<T> {
        self.get(parameter).map(|(value,)| value)
    }

    /// The values of the head.
    pub(crate) fn head<T: Shape>(&self) -> Option<T> {
        T::read(&Values::decode(0, self.operation.head, &self.head)?)
    }

    /// What the table does not know.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Unknown(text) => Some(text.as_str()),
            Entry::Known { .. } => None,
        })
    }

    fn pieces(&self, parameter: usize, form: usize) -> &'static [Piece] {
        let parameter = self.operation.parameters.get(parameter);
        parameter
            .and_then(|it| it.forms.get(form))
            .map_or(&[], |it| it.pieces)
    }
}
