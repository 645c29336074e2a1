//! Functions of values.

use std::borrow::Cow;
use std::collections::HashSet;

use super::failure::{Failure, shortened};
use super::sql::program::{Field, Function, Side};
use super::value::decimal::Decimal;
use super::value::pattern::formatted;
use super::value::timestamp::{Part, Timestamp};
use super::value::{Number, Value};

/// What `function` makes of `arguments`. Most make nothing of what says nothing.
///
/// # Errors
///
/// An argument is of another type, or there is no result.
pub(super) fn call(function: Function, arguments: &[Cow<'_, Value>]) -> Result<Value, Failure> {
    if let (Function::NullIf, [a, b]) = (function, arguments) {
        let is_null = a.is_unknown() || (!b.is_unknown() && a.equals(b));
        return Ok(if is_null {
            Value::Null
        } else {
            a.as_ref().clone()
        });
    }
    if arguments.iter().any(|it| it.is_unknown()) {
        return Ok(Value::Null);
    }
    match (function, arguments) {
        (Function::CharLength, [of]) => {
            let count = text("CHAR_LENGTH", of)?.chars().count();
            Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
        }
        (Function::Lower, [of]) => Ok(Value::Text(text("LOWER", of)?.to_lowercase())),
        (Function::Upper, [of]) => Ok(Value::Text(text("UPPER", of)?.to_uppercase())),
        (Function::Substring, [of, start]) => substring(of, start, None),
        (Function::Substring, [of, start, length]) => substring(of, start, Some(length)),
        (Function::Trim(side), [of]) => trim(side, " ", of),
        (Function::Trim(side), [characters, of]) => trim(side, text("TRIM", characters)?, of),
        (Function::DateAdd(part), [count, to]) => {
            let count = int("DATE_ADD", count)?;
            let moved = time("DATE_ADD", to)?.plus(part, count);
            moved.map(Value::Timestamp).ok_or_else(|| {
                let message = "DATE_ADD leads out of the years 1 to 9999";
                Failure::new("EvaluatorInvalidArguments", message)
            })
        }
        (Function::DateDiff(part), [from, to]) => {
            let from = time("DATE_DIFF", from)?;
            Ok(Value::Int(from.until(time("DATE_DIFF", to)?, part)))
        }
        (Function::Extract(field), [of]) => Ok(extract(field, time("EXTRACT", of)?)),
        (Function::ToString, [of, pattern]) => {
            let pattern = text("TO_STRING", pattern)?;
            formatted(time("TO_STRING", of)?, pattern).map(Value::Text)
        }
        (Function::ToTimestamp, [of]) => {
            let of = text("TO_TIMESTAMP", of)?;
            let time = Timestamp::read(of).ok_or_else(|| {
                let message = format!("{} is no timestamp", shortened(of));
                Failure::new("ValueParseFailure", message)
            })?;
            Ok(Value::Timestamp(time))
        }
        // Programs call them with as many arguments as they take.
        _ => Err(Failure::new(
            "EvaluatorInvalidArguments",
            "a function got too few arguments",
        )),
    }
}

fn wrong(function: &str, kind: &str, got: &Value) -> Failure {
    let message = format!("{function} takes {kind}, and got {}", got.described());
    Failure::new("IncorrectSqlFunctionArgumentType", message)
}

fn text<'v>(function: &str, value: &'v Value) -> Result<&'v str, Failure> {
    value.text().ok_or_else(|| wrong(function, "a text", value))
}

fn int(function: &str, value: &Value) -> Result<i64, Failure> {
    match value.number() {
        Some(Number::Int(number)) => Ok(number),
        _ => Err(wrong(function, "a whole number", value)),
    }
}

/// A time, which the text of a column may stand for.
fn time(function: &str, value: &Value) -> Result<Timestamp, Failure> {
    let time = match value {
        Value::Timestamp(time) => Some(*time),
        Value::Cell(text) => Timestamp::read(text),
        _ => None,
    };
    time.ok_or_else(|| wrong(function, "a timestamp", value))
}

/// A part of a text. The first character is 1; what would be before it is counted and not there.
fn substring(of: &Value, start: &Value, length: Option<&Value>) -> Result<Value, Failure> {
    let of = text("SUBSTRING", of)?;
    let start = int("SUBSTRING", start)?;
    let length = length.map(|it| int("SUBSTRING", it)).transpose()?;
    if length.is_some_and(|length| length < 0) {
        let message = "SUBSTRING got a length below 0";
        return Err(Failure::new("EvaluatorInvalidArguments", message));
    }
    let end = length.map(|length| start.saturating_add(length));
    let from = start.max(1);
    let count = end.map(|end| usize::try_from(end.saturating_sub(from)).unwrap_or(0));
    let skipped = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
    let rest = of.chars().skip(skipped);
    Ok(Value::Text(
        rest.take(count.unwrap_or(usize::MAX)).collect(),
    ))
}

/// A text without the characters at its ends that are some of `characters`.
fn trim(side: Side, characters: &str, of: &Value) -> Result<Value, Failure> {
    let of = text("TRIM", of)?;
    let characters: HashSet<char> = characters.chars().collect();
    let is_one = |letter| characters.contains(&letter);
    let trimmed = match side {
        Side::Leading => of.trim_start_matches(is_one),
        Side::Trailing => of.trim_end_matches(is_one),
        Side::Both => of.trim_matches(is_one),
    };
    Ok(Value::Text(trimmed.to_owned()))
}

fn extract(field: Field, time: Timestamp) -> Value {
    let offset = time.offset.unwrap_or(0);
    Value::Int(match field {
        Field::Part(Part::Year) => time.year,
        Field::Part(Part::Month) => time.month,
        Field::Part(Part::Day) => time.day,
        Field::Part(Part::Hour) => time.hour,
        Field::Part(Part::Minute) => time.minute,
        Field::Part(Part::Second) if time.nanos != 0 => {
            let text = format!("{}.{:09}", time.second, time.nanos);
            return Decimal::read(&text)
                .map_or(Value::Int(time.second), |it| Value::Decimal(it.normal()));
        }
        Field::Part(Part::Second) => time.second,
        Field::TimezoneHour => offset / 60,
        Field::TimezoneMinute => offset % 60,
    })
}
