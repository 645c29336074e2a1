//! What the names in an expression mean.

use super::program::{Reference, Step};
use super::tokens::Name;
use crate::cos::select::failure::{Failure, shortened};
use crate::cos::select::value::timestamp::Timestamp;

/// How the columns of a file have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos::select) enum Columns {
    /// By the first line.
    Named,
    /// By their numbers.
    Numbered,
    /// They are no columns: the row is a document.
    Document,
}

/// What is known of the rows when their expression is read.
#[derive(Debug)]
pub(in crate::cos::select) struct Scope {
    pub(in crate::cos::select) columns: Columns,
    /// What the row is called, if it is called something.
    pub(super) row: Option<Name>,
    /// The time, which is the same for all rows.
    pub(in crate::cos::select) now: Timestamp,
}

impl Scope {
    pub(in crate::cos::select) fn new(columns: Columns, now: Timestamp) -> Self {
        Self {
            columns,
            row: None,
            now,
        }
    }

    /// Whether `name` is what the row is called.
    pub(super) fn is_row(&self, name: &Name) -> bool {
        self.row.as_ref().is_some_and(|row| name.fits(&row.text))
    }

    /// What `first` and what follows it mean, and the name that it has in the result.
    pub(super) fn reference(
        &self,
        first: Name,
        rest: Vec<Step>,
    ) -> Result<(Reference, Option<String>), Failure> {
        if self.columns == Columns::Document {
            return Ok(self.path(first, rest));
        }
        let column = match names(rest).as_deref() {
            Some([]) if !self.is_row(&first) => first,
            Some([column]) if self.is_row(&first) => column.clone(),
            Some([_]) => {
                let message = format!("The table alias is invalid: {}", shortened(&first.text));
                return Err(Failure::sql(message));
            }
            _ => return Err(no_path(&first)),
        };
        let reference = self.column(&column)?;
        Ok((reference, Some(column.text)))
    }

    fn column(&self, name: &Name) -> Result<Reference, Failure> {
        let number = name.text.strip_prefix('_');
        let number = number.filter(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        let is_name = name.exact && self.columns == Columns::Named;
        if let Some(digits) = number.filter(|_| !is_name) {
            let place = digits
                .parse::<usize>()
                .ok()
                .and_then(|it| it.checked_sub(1));
            return place.map(Reference::Column).ok_or_else(|| {
                let message = "The column index is invalid in the SQL expression: columns are counted from _1";
                Failure::sql(message)
            });
        }
        if self.columns == Columns::Named {
            return Ok(Reference::Header(name.clone()));
        }
        let message = format!(
            "columns have names only with the FileHeaderInfo USE; {} has to be a number, such as _1",
            shortened(&name.text)
        );
        Err(Failure::new("MissingHeaderName", message))
    }

    /// A part of a document.
    fn path(&self, first: Name, rest: Vec<Step>) -> (Reference, Option<String>) {
        let last = match rest.last() {
            Some(Step::Name(name)) => Some(name.text.clone()),
            Some(_) => None,
            None if first.text == "_1" && !self.is_row(&first) => None,
            None => Some(first.text.clone()),
        };
        let mut path = rest;
        // `_1` is the row, whatever it is called.
        let is_row = self.is_row(&first) || (first.text == "_1" && !first.exact);
        if !is_row {
            path.insert(0, Step::Name(first));
        }
        (Reference::Path(path), last)
    }
}

/// The names of `steps`, if all of them are names.
fn names(steps: Vec<Step>) -> Option<Vec<Name>> {
    let names = steps.into_iter().map(|step| match step {
        Step::Name(name) => Some(name),
        _ => None,
    });
    names.collect()
}

fn no_path(first: &Name) -> Failure {
    let message = format!(
        "{} leads to no column: objects of CSV have columns, such as s._1, and no paths",
        shortened(&first.text)
    );
    Failure::sql(message)
}
