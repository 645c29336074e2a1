//! Functions of all rows, which see one row after the other.

use super::contact::Contact;
use super::failure::Failure;
use super::row::Row;
use super::sql::program::{Aggregate, Kind};
use super::value::decimal::Decimal;
use super::value::{Number, Sum, Value, not_a_number};

/// What a function has seen so far.
#[derive(Debug)]
pub(super) struct Tally {
    aggregate: Aggregate,
    count: i64,
    value: Option<Number>,
}

impl Tally {
    pub(super) fn new(aggregate: Aggregate) -> Self {
        Self {
            aggregate,
            count: 0,
            value: None,
        }
    }

    /// Sees a row. What says nothing is passed over.
    ///
    /// # Errors
    ///
    /// The row has no number where one is wanted, or the sum is too large.
    pub(super) fn see(&mut self, row: &Row<'_>, contact: &Contact<'_>) -> Result<(), Failure> {
        let Some(argument) = &self.aggregate.argument else {
            self.count = self.count.saturating_add(1);
            return Ok(());
        };
        let value = argument.value(row, &[], contact)?;
        if value.is_unknown() {
            return Ok(());
        }
        self.count = self.count.saturating_add(1);
        let name = match self.aggregate.kind {
            Kind::Count => return Ok(()),
            Kind::Average => "AVG",
            Kind::Maximum => "MAX",
            Kind::Minimum => "MIN",
            Kind::Sum => "SUM",
        };
        let seen = value.number().ok_or_else(|| not_a_number(name, &value))?;
        self.value = Some(match (self.value, self.aggregate.kind) {
            (None, Kind::Average) => wide(seen),
            (None, _) => seen,
            (Some(so_far), Kind::Average) => Sum::Plus.computed(so_far, wide(seen))?,
            (Some(so_far), Kind::Sum) => Sum::Plus.computed(so_far, seen)?,
            (Some(so_far), kind) => {
                let is_less = Value::from(seen).order(&so_far.into())?.is_lt();
                if is_less == (kind == Kind::Minimum) {
                    seen
                } else {
                    so_far
                }
            }
        });
        Ok(())
    }

    /// What comes of all rows.
    ///
    /// # Errors
    ///
    /// The average has too many digits.
    pub(super) fn result(&self) -> Result<Value, Failure> {
        match (self.aggregate.kind, self.value) {
            (Kind::Count, _) => Ok(Value::Int(self.count)),
            (_, None) => Ok(Value::Null),
            (Kind::Average, Some(sum)) => {
                let mean = Sum::Divided.computed(sum, wide(Number::Int(self.count)))?;
                Ok(match mean {
                    Number::Decimal(mean) => Value::Decimal(mean.normal()),
                    mean => mean.into(),
                })
            }
            (_, Some(value)) => Ok(value.into()),
        }
    }
}

/// A whole number as one that may have a fraction, and whose sum does not overflow.
fn wide(number: Number) -> Number {
    match number {
        Number::Int(number) => Number::Decimal(Decimal::from(number)),
        number => number,
    }
}
