//! Rows, and what they have.

use std::borrow::Cow;

use super::failure::Failure;
use super::sql::program::{Reference, Step, ambiguous};
use super::value::Value;

/// Why no further row is looked at.
#[derive(Debug)]
pub(super) enum Halt {
    /// There are as many as were asked for.
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

impl<'r> Row<'r> {
    /// What `reference` means in it; nothing if it is not there.
    ///
    /// # Errors
    ///
    /// A name fits two fields.
    pub(super) fn value(self, reference: &Reference) -> Result<Cow<'r, Value>, Failure> {
        match (self, reference) {
            (Self::Columns { columns, .. }, Reference::Column(place)) => {
                let column = columns.get(*place).cloned();
                Ok(Cow::Owned(column.map_or(Value::Missing, Value::Cell)))
            }
            (Self::Document(document), Reference::Path(steps)) => {
                let mut value = document;
                for step in steps {
                    value = match inside(value, step)? {
                        Some(value) => value,
                        None => return Ok(Cow::Owned(Value::Missing)),
                    };
                }
                Ok(Cow::Borrowed(value))
            }
            // Names of columns are places when rows come, and paths are of documents.
            _ => Ok(Cow::Owned(Value::Missing)),
        }
    }

    /// Gives the name and the value of everything in it to `each`, one after the other.
    ///
    /// # Errors
    ///
    /// Those of `each`, at which it ends.
    pub(super) fn each(
        self,
        each: &mut dyn FnMut(&str, &Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Self::Columns { names, columns } => {
                for (place, column) in columns.iter().enumerate() {
                    let name = match names.get(place) {
                        Some(name) => Cow::Borrowed(name.as_str()),
                        None => Cow::Owned(format!("_{}", place + 1)),
                    };
                    each(&name, &Value::Cell(column.clone()))?;
                }
                Ok(())
            }
            Self::Document(Value::Struct(fields)) => fields
                .iter()
                .try_for_each(|(name, value)| each(name, value)),
            Self::Document(value) => each("_1", value),
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
