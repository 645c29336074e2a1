//! Programs, run on a row: a stack of values, and no recursion.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::call::call;
use super::contact::Contact;
use super::failure::Failure;
use super::like::Pattern;
use super::row::Row;
use super::sql::program::{Comparison, Op, Program};
use super::value::{Sum, Value, not_a_number};

/// Most bytes that are computed for a row at a time: several times what it can have itself.
const MOST: usize = 8 * 1024 * 1024;

/// Values that operators take from and put to. Those of the row and of the program are not copied.
#[derive(Debug, Default)]
struct Stack<'v> {
    values: Vec<Cow<'v, Value>>,
    /// How many bytes it has of its own.
    size: usize,
}

impl<'v> Stack<'v> {
    /// The last value. Programs take no more than they have put.
    fn pop(&mut self) -> Cow<'v, Value> {
        let value = self.values.pop().unwrap_or(Cow::Owned(Value::Null));
        self.size = self.size.saturating_sub(own_size(&value));
        value
    }

    /// The last `count` values.
    fn last(&mut self, count: usize) -> Vec<Cow<'v, Value>> {
        let at = self.values.len().saturating_sub(count);
        let values = self.values.split_off(at);
        let sizes = values.iter().map(own_size);
        self.size = sizes.fold(self.size, usize::saturating_sub);
        values
    }

    fn put(&mut self, value: Cow<'v, Value>) -> Result<(), Failure> {
        self.size = grown(self.size, own_size(&value))?;
        self.values.push(value);
        Ok(())
    }

    fn push(&mut self, value: Value) -> Result<(), Failure> {
        self.put(Cow::Owned(value))
    }

    fn push_truth(&mut self, truth: Option<bool>) -> Result<(), Failure> {
        self.push(truth.map_or(Value::Null, Value::Bool))
    }

    /// Makes a list of the last `count` values, if there is room for copies of them.
    fn collect(&mut self, count: usize) -> Result<(), Failure> {
        let values = self.last(count);
        values
            .iter()
            .try_fold(self.size, |size, value| grown(size, value.size()))?;
        let values = values.into_iter().map(Cow::into_owned).collect();
        self.push(Value::List(values))
    }
}

/// How much of a stack's own memory `value` takes.
#[expect(clippy::ptr_arg, reason = "what is borrowed takes none")]
fn own_size(value: &Cow<'_, Value>) -> usize {
    match value {
        Cow::Borrowed(_) => 0,
        Cow::Owned(value) => value.size(),
    }
}

/// `size` and `more`, if that is not too much.
fn grown(size: usize, more: usize) -> Result<usize, Failure> {
    let size = size.saturating_add(more);
    if size > MOST {
        let message = format!(
            "the expression computes more than {MOST} bytes for one record; name fewer or shorter values \
             in its lists"
        );
        return Err(Failure::new("OverMaxRecordSize", message));
    }
    Ok(size)
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
    /// A step cannot be made with the values of the row, or nobody in `contact` waits for it.
    pub(super) fn value<'v>(
        &'v self,
        row: &Row<'v>,
        results: &'v [Value],
        contact: &Contact<'_>,
    ) -> Result<Cow<'v, Value>, Failure> {
        let mut stack = Stack::default();
        let mut place = 0_usize;
        while let Some(op) = self.0.get(place) {
            place = place.saturating_add(1);
            contact.count(1)?;
            match op {
                Op::Jump(to) => place = *to,
                Op::JumpUnless(to) => {
                    if truth(&stack.pop())? != Some(true) {
                        place = *to;
                    }
                }
                Op::JumpOn(decides, to) => {
                    let last = stack.values.last();
                    if truth(last.map_or(&Value::Null, Cow::as_ref))? == Some(*decides) {
                        place = *to;
                    }
                }
                Op::JumpIfKnown(to) => {
                    if stack.values.last().is_some_and(|value| !value.is_unknown()) {
                        place = *to;
                    } else {
                        stack.pop();
                    }
                }
                Op::Column(reference) => stack.put(row.value(reference)?)?,
                Op::Aggregate(number) => {
                    let result = results.get(*number).map(Cow::Borrowed);
                    stack.put(result.unwrap_or(Cow::Owned(Value::Null)))?;
                }
                op => step(op, &mut stack, contact)?,
            }
        }
        Ok(stack.pop())
    }

    /// Whether `row` is one of those that a condition chooses.
    pub(super) fn chooses(&self, row: &Row<'_>, contact: &Contact<'_>) -> Result<bool, Failure> {
        let value = self.value(row, &[], contact)?;
        Ok(truth(&value)? == Some(true))
    }
}

/// Makes a step that neither jumps nor looks at the row.
fn step<'v>(op: &'v Op, stack: &mut Stack<'v>, contact: &Contact<'_>) -> Result<(), Failure> {
    match op {
        Op::Push(value) => stack.put(Cow::Borrowed(value)),
        Op::List(count) => stack.collect(*count),
        Op::Negate => {
            let value = stack.pop();
            let negated = match (value.as_ref(), value.number()) {
                // The smallest number has no positive one.
                (_, Some(number)) => Sum::Minus
                    .computed(super::value::Number::Int(0), number)?
                    .into(),
                (Value::Null | Value::Missing, _) => Value::Null,
                (value, None) => return Err(not_a_number("-", value)),
            };
            stack.push(negated)
        }
        Op::Not => {
            let value = truth(&stack.pop())?;
            stack.push_truth(value.map(|truth| !truth))
        }
        Op::Sum(sum) => {
            let right = stack.pop();
            let left = stack.pop();
            stack.push(sum.of(&left, &right)?)
        }
        Op::Compare(comparison) => {
            let right = stack.pop();
            let left = stack.pop();
            stack.push_truth(compared(*comparison, &left, &right)?)
        }
        Op::Between { negated } => {
            let to = stack.pop();
            let from = stack.pop();
            let value = stack.pop();
            let above = compared(Comparison::GreaterOrEqual, &value, &from)?;
            let below = compared(Comparison::LessOrEqual, &value, &to)?;
            stack.push_truth(both(above, below).map(|within| within != *negated))
        }
        Op::In { count, negated } => {
            let among = stack.last(*count);
            let value = stack.pop();
            stack.push_truth(is_among(&value, &among, contact)?.map(|is_in| is_in != *negated))
        }
        Op::Like {
            negated,
            has_escape,
        } => {
            let escape = has_escape.then(|| stack.pop());
            let pattern = stack.pop();
            let value = stack.pop();
            let fits = like(&value, &pattern, escape.as_deref(), contact)?;
            stack.push_truth(fits.map(|fits| fits != *negated))
        }
        Op::IsNull { negated } => {
            let is_null = stack.pop().is_unknown();
            stack.push(Value::Bool(is_null != *negated))
        }
        Op::IsMissing { negated } => {
            let is_missing = matches!(*stack.pop(), Value::Missing);
            stack.push(Value::Bool(is_missing != *negated))
        }
        Op::Cast(kind) => {
            let value = stack.pop();
            stack.push(kind.of(value.into_owned())?)
        }
        Op::Call(function, count) => {
            let arguments = stack.last(*count);
            stack.push(call(*function, &arguments)?)
        }
        Op::And => {
            let right = truth(&stack.pop())?;
            let left = truth(&stack.pop())?;
            stack.push_truth(both(left, right))
        }
        Op::Or => {
            let right = truth(&stack.pop())?;
            let left = truth(&stack.pop())?;
            let neither = both(left.map(|it| !it), right.map(|it| !it));
            stack.push_truth(neither.map(|it| !it))
        }
        Op::Duplicate => {
            let value = stack.pop();
            stack.put(value.clone())?;
            stack.put(value)
        }
        Op::Pop => {
            stack.pop();
            Ok(())
        }
        Op::Column(_)
        | Op::Aggregate(_)
        | Op::Jump(_)
        | Op::JumpUnless(_)
        | Op::JumpOn(..)
        | Op::JumpIfKnown(_) => Ok(()),
    }
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
fn is_among(
    value: &Value,
    among: &[Cow<'_, Value>],
    contact: &Contact<'_>,
) -> Result<Option<bool>, Failure> {
    if value.is_unknown() {
        return Ok(None);
    }
    for other in among {
        contact.count(1)?;
        if value.equals(other) {
            return Ok(Some(true));
        }
    }
    Ok((!among.iter().any(|it| it.is_unknown())).then_some(false))
}

fn like(
    value: &Value,
    pattern: &Value,
    escape: Option<&Value>,
    contact: &Contact<'_>,
) -> Result<Option<bool>, Failure> {
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
    pattern.fits(&text(value)?, contact).map(Some)
}
