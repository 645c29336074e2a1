//! Rows, and what they have.

use std::borrow::Cow;

use super::failure::Failure;
use super::sql::program::{Reference, Step, ambiguous};
use super::value::Value;

/// Why no further row is looked at.
#[derive(Debug)]
pub(super) enum Halt {
    /// There are as many as were asked for, or nobody wants them any more.
    Enough,
    Failed(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What takes rows.
pub(super) type Sink<'s> = dyn FnMut(Row<'_>) -> Result<(), Halt> + 's;

/// A row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Row<'r> {
    /// Columns, and their names if they have some.
    Columns {
        names: &'r [String],
        columns: &'r [String],
    },
    Document(&'r Value),
}

impl Row<'_> {
    /// What `reference` means in it; nothing if it is not there.
    ///
    /// # Errors
    ///
    /// A name fits two fields.
    pub(super) fn value(&self, reference: &Reference) -> Result<Value, Failure> {
        match (self, reference) {
            (Self::Columns { columns, .. }, Reference::Column(place)) => {
                let column = columns.get(*place).cloned();
                Ok(column.map_or(Value::Missing, Value::Cell))
            }
            (Self::Document(document), Reference::Path(steps)) => {
                let mut value = *document;
                for step in steps {
                    value = match inside(value, step)? {
                        Some(value) => value,
                        None => return Ok(Value::Missing),
                    };
                }
                Ok(value.clone())
            }
            // Names of columns are places when rows come, and paths are of documents.
            _ => Ok(Value::Missing),
        }
    }

    /// Everything in it.
    pub(super) fn all(&self) -> Vec<(Cow<'_, str>, Cow<'_, Value>)> {
        match self {
            Self::Columns { names, columns } => columns
                .iter()
                .enumerate()
                .map(|(place, column)| {
                    let name = names.get(place).map(|name| Cow::Borrowed(name.as_str()));
                    let name = name.unwrap_or_else(|| Cow::Owned(format!("_{}", place + 1)));
                    (name, Cow::Owned(Value::Cell(column.clone())))
                })
                .collect(),
            Self::Document(Value::Struct(fields)) => fields
                .iter()
                .map(|(name, value)| (Cow::Borrowed(name.as_str()), Cow::Borrowed(value)))
                .collect(),
            Self::Document(value) => vec![(Cow::Borrowed("_1"), Cow::Borrowed(*value))],
        }
    }
}

/// What a step into `value` leads to.
fn inside<'v>(value: &'v Value, step: &Step) -> Result<Option<&'v Value>, Failure> {
    match (step, value) {
        (Step::Name(name), Value::Struct(fields)) => {
            let mut fitting = fields.iter().filter(|(own, _)| name.fits(own));
            let first = fitting.next();
            if !name.exact && fitting.next().is_some() {
                return Err(ambiguous(&name.text));
            }
            Ok(first.map(|(_, value)| value))
        }
        (Step::Index(place), Value::List(values)) => Ok(values.get(*place)),
        _ => Ok(None),
    }
}
