//! Programs, run on a row: a stack of values, and no recursion.

use std::cmp::Ordering;

use super::call::call;
use super::failure::Failure;
use super::like::Pattern;
use super::row::Row;
use super::sql::program::{Comparison, Op, Program};
use super::value::{Sum, Value, not_a_number};

/// Values that operators take from and put to.
#[derive(Debug, Default)]
pub(super) struct Stack(Vec<Value>);

impl Stack {
    /// The last value. Programs take no more than they have put.
    fn pop(&mut self) -> Value {
        self.0.pop().unwrap_or(Value::Null)
    }

    /// The last `count` values.
    fn last(&mut self, count: usize) -> Vec<Value> {
        self.0.split_off(self.0.len().saturating_sub(count))
    }

    fn push(&mut self, value: Value) {
        self.0.push(value);
    }

    fn push_truth(&mut self, truth: Option<bool>) {
        self.push(truth.map_or(Value::Null, Value::Bool));
    }
}

/// Whether a condition holds, if that is known.
pub(super) fn truth(value: &Value) -> Result<Option<bool>, Failure> {
    match value {
        Value::Bool(truth) => Ok(Some(*truth)),
        Value::Null | Value::Missing => Ok(None),
        Value::Cell(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Value::Cell(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        other => {
            let got = format!("{}, which is neither true nor false", other.described());
            Err(Failure::operand("a condition", &got))
        }
    }
}

impl Program {
    /// The value for `row`, given the results of the functions of all rows.
    ///
    /// # Errors
    ///
    /// A step cannot be made with the values of the row.
    pub(super) fn value(
        &self,
        row: &Row<'_>,
        results: &[Value],
        stack: &mut Stack,
    ) -> Result<Value, Failure> {
        stack.0.clear();
        let mut place = 0_usize;
        while let Some(op) = self.0.get(place) {
            place = place.saturating_add(1);
            match op {
                Op::Jump(to) => place = *to,
                Op::JumpUnless(to) => {
                    if truth(&stack.pop())? != Some(true) {
                        place = *to;
                    }
                }
                Op::JumpOn(decides, to) => {
                    let last = stack.0.last().unwrap_or(&Value::Null);
                    if truth(last)? == Some(*decides) {
                        place = *to;
                    }
                }
                Op::JumpIfKnown(to) => {
                    if stack.0.last().is_some_and(|value| !value.is_unknown()) {
                        place = *to;
                    } else {
                        stack.pop();
                    }
                }
                Op::Column(reference) => stack.push(row.value(reference)?),
                Op::Aggregate(number) => {
                    stack.push(results.get(*number).cloned().unwrap_or(Value::Null));
                }
                op => step(op, stack)?,
            }
        }
        Ok(stack.pop())
    }

    /// Whether `row` is one of those that a condition chooses.
    pub(super) fn chooses(&self, row: &Row<'_>, stack: &mut Stack) -> Result<bool, Failure> {
        let value = self.value(row, &[], stack)?;
        Ok(truth(&value)? == Some(true))
    }
}

/// Makes a step that neither jumps nor looks at the row.
fn step(op: &Op, stack: &mut Stack) -> Result<(), Failure> {
    match op {
        Op::Push(value) => stack.push(value.clone()),
        Op::List(count) => {
            let values = stack.last(*count);
            stack.push(Value::List(values));
        }
        Op::Negate => {
            let value = stack.pop();
            let negated = match (&value, value.number()) {
                // The smallest number has no positive one.
                (_, Some(number)) => Sum::Minus
                    .computed(super::value::Number::Int(0), number)?
                    .into(),
                (Value::Null | Value::Missing, _) => Value::Null,
                (value, None) => return Err(not_a_number("-", value)),
            };
            stack.push(negated);
        }
        Op::Not => {
            let value = truth(&stack.pop())?;
            stack.push_truth(value.map(|truth| !truth));
        }
        Op::Sum(sum) => {
            let right = stack.pop();
            let left = stack.pop();
            stack.push(sum.of(&left, &right)?);
        }
        Op::Compare(comparison) => {
            let right = stack.pop();
            let left = stack.pop();
            stack.push_truth(compared(*comparison, &left, &right)?);
        }
        Op::Between { negated } => {
            let to = stack.pop();
            let from = stack.pop();
            let value = stack.pop();
            let above = compared(Comparison::GreaterOrEqual, &value, &from)?;
            let below = compared(Comparison::LessOrEqual, &value, &to)?;
            stack.push_truth(both(above, below).map(|within| within != *negated));
        }
        Op::In { count, negated } => {
            let among = stack.last(*count);
            let value = stack.pop();
            stack.push_truth(is_among(&value, &among).map(|is_in| is_in != *negated));
        }
        Op::Like {
            negated,
            has_escape,
        } => {
            let escape = has_escape.then(|| stack.pop());
            let pattern = stack.pop();
            let value = stack.pop();
            let fits = like(&value, &pattern, escape.as_ref())?;
            stack.push_truth(fits.map(|fits| fits != *negated));
        }
        Op::IsNull { negated } => {
            let is_null = stack.pop().is_unknown();
            stack.push(Value::Bool(is_null != *negated));
        }
        Op::IsMissing { negated } => {
            let is_missing = matches!(stack.pop(), Value::Missing);
            stack.push(Value::Bool(is_missing != *negated));
        }
        Op::Cast(kind) => {
            let value = stack.pop();
            stack.push(kind.of(value)?);
        }
        Op::Call(function, count) => {
            let arguments = stack.last(*count);
            stack.push(call(*function, &arguments)?);
        }
        Op::And => {
            let right = truth(&stack.pop())?;
            let left = truth(&stack.pop())?;
            stack.push_truth(both(left, right));
        }
        Op::Or => {
            let right = truth(&stack.pop())?;
            let left = truth(&stack.pop())?;
            let neither = both(left.map(|it| !it), right.map(|it| !it));
            stack.push_truth(neither.map(|it| !it));
        }
        Op::Duplicate => {
            let value = stack.pop();
            stack.push(value.clone());
            stack.push(value);
        }
        Op::Pop => {
            stack.pop();
        }
        Op::Column(_)
        | Op::Aggregate(_)
        | Op::Jump(_)
        | Op::JumpUnless(_)
        | Op::JumpOn(..)
        | Op::JumpIfKnown(_) => {}
    }
    Ok(())
}

/// Whether both hold, if that is known.
fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn compared(comparison: Comparison, left: &Value, right: &Value) -> Result<Option<bool>, Failure> {
    if left.is_unknown() || right.is_unknown() {
        return Ok(None);
    }
    Ok(Some(match comparison {
        Comparison::Equal => left.equals(right),
        Comparison::NotEqual => !left.equals(right),
        Comparison::Less => left.order(right)? == Ordering::Less,
        Comparison::LessOrEqual => left.order(right)? != Ordering::Greater,
        Comparison::Greater => left.order(right)? == Ordering::Greater,
        Comparison::GreaterOrEqual => left.order(right)? != Ordering::Less,
    }))
}

/// Whether `value` is one of others; not known if it may be one that is not known.
fn is_among(value: &Value, among: &[Value]) -> Option<bool> {
    if value.is_unknown() {
        return None;
    }
    if among.iter().any(|other| value.equals(other)) {
        return Some(true);
    }
    (!among.iter().any(Value::is_unknown)).then_some(false)
}

fn like(value: &Value, pattern: &Value, escape: Option<&Value>) -> Result<Option<bool>, Failure> {
    if value.is_unknown() || pattern.is_unknown() || escape.is_some_and(Value::is_unknown) {
        return Ok(None);
    }
    let text = |it: &'_ Value| -> Result<String, Failure> {
        let text = it.text().map(str::to_owned);
        text.ok_or_else(|| {
            Failure::new(
                "LikeInvalidInputs",
                format!("LIKE got {}, which is no text", it.described()),
            )
        })
    };
    let escape = match escape {
        Some(escape) => {
            let escape = text(escape)?;
            let mut letters = escape.chars();
            let letter = letters.next().filter(|_| letters.next().is_none());
            Some(letter.ok_or_else(|| {
                let message = "ESCAPE has to be one character";
                Failure::new("EvaluatorLikePatternInvalidEscapeSequence", message)
            })?)
        }
        None => None,
    };
    let pattern = Pattern::read(&text(pattern)?, escape)?;
    Ok(Some(pattern.fits(&text(value)?)))
}
