//! `CAST`: values as ones of another type.

use super::decimal::Decimal;
use super::timestamp::Timestamp;
use super::{Number, Value, truth};
use crate::cos::select::failure::Failure;

/// A type that the document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    Text,
    Float,
    Decimal,
    Timestamp,
}

impl Type {
    /// The type by its name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        const TYPES: [(&str, Type); 9] = [
            ("bool", Type::Bool),
            ("boolean", Type::Bool),
            ("int", Type::Int),
            ("integer", Type::Int),
            ("string", Type::Text),
            ("float", Type::Float),
            ("decimal", Type::Decimal),
            ("numeric", Type::Decimal),
            ("timestamp", Type::Timestamp),
        ];
        let mut types = TYPES.iter();
        types
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, kind)| *kind)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "string",
            Self::Float => "float",
            Self::Decimal => "decimal",
            Self::Timestamp => "timestamp",
        }
    }

    /// `value` as one of this type. What says nothing stays so.
    ///
    /// # Errors
    ///
    /// It stands for none.
    pub(crate) fn of(self, value: Value) -> Result<Value, Failure> {
        if value.is_unknown() {
            return Ok(value);
        }
        let cast = match self {
            Self::Bool => as_bool(&value),
            Self::Int => as_int(&value).map(Value::Int),
            Self::Text => as_text(&value).map(Value::Text),
            Self::Float => as_number(&value).map(|number| Value::Float(number.to_float())),
            Self::Decimal => as_number(&value)
                .and_then(Number::to_decimal)
                .map(Value::Decimal),
            Self::Timestamp => as_timestamp(&value).map(Value::Timestamp),
        };
        cast.ok_or_else(|| Failure::cast(value.described(), self.name()))
    }
}

fn as_bool(value: &Value) -> Option<Value> {
    let truth = match value {
        Value::Bool(truth) => *truth,
        Value::Text(text) | Value::Cell(text) => truth(text)?,
        _ => value.number()?.to_float() != 0.0,
    };
    Some(Value::Bool(truth))
}

/// The number that `value` is, or that its text is.
fn as_number(value: &Value) -> Option<Number> {
    match value {
        Value::Text(text) | Value::Cell(text) => Number::read(text.trim()),
        Value::Bool(truth) => Some(Number::Int(i64::from(*truth))),
        _ => value.number(),
    }
}

fn as_int(value: &Value) -> Option<i64> {
    match as_number(value)? {
        Number::Int(number) => Some(number),
        // A text with a fraction is no such number, a number with one loses it.
        _ if value.text().is_some() => None,
        Number::Decimal(number) => number.to_int(),
        Number::Float(number) => Decimal::of_float(number)?.to_int(),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Cell(text) => Some(text.clone()),
        Value::List(_) | Value::Struct(_) => None,
        _ => Some(value.described()),
    }
}

fn as_timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(time) => Some(*time),
        _ => Timestamp::read(value.text()?.trim()),
    }
}
