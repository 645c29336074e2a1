//! Conditions of statements.
//!
//! A condition that is not understood must not be taken for one that holds or does not hold:
//! whoever asks gets the reason and denies.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;
use tcloud_core::time::Timestamp;

/// What is known of one key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// There is no such key.
    Unknown,
    /// The request does not have it.
    Absent,
    /// Its values, of which there are several where the request repeats it.
    Values(Vec<String>),
}

impl Fact {
    /// The fact that there is `value`, or none.
    pub(crate) fn of(value: Option<impl Into<String>>) -> Self {
        value.map_or(Self::Absent, |value| Self::Values(vec![value.into()]))
    }
}

/// What conditions can ask of a request, by key: `qcs:ip`.
pub(crate) trait Facts {
    /// What is known of `key`.
    fn fact(&self, key: &str) -> Fact;
}

/// Of a request that has nothing to ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoFacts;

impl Facts for NoFacts {
    fn fact(&self, _: &str) -> Fact {
        Fact::Unknown
    }
}

/// Why it cannot be decided whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotUnderstood(String);

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An operator with a key and the values it is compared with.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    key: String,
    meaning: Result<Meaning, NotUnderstood>,
}

#[derive(Debug, Clone)]
struct Meaning {
    test: Test,
    is_negated: bool,
    /// What holds of a request without the key.
    if_absent: bool,
    /// Whether all values of the request must pass; where nothing is said, one must, or all of
    /// a negated operator.
    of_all: bool,
}

/// A comparison with operands that were read.
#[derive(Debug, Clone)]
enum Test {
    Equal(Vec<String>),
    EqualIgnoringCase(Vec<String>),
    Like(Vec<super::pattern::Pattern>),
    Number(Order, Vec<f64>),
    Date(Order, Vec<i64>),
    Boolean(Vec<bool>),
    Address(Vec<IpNet>),
    IsAbsent(bool),
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

impl Condition {
    /// `{operator: {key: value}}`.
    pub(super) fn new(operator: &str, key: &str, value: &Value) -> Self {
        Self {
            key: key.to_owned(),
            meaning: Meaning::new(operator, value),
        }
    }

    /// Whether it holds.
    ///
    /// # Errors
    ///
    /// It is not understood: the operator, the key or a value.
    pub(super) fn holds(&self, facts: &dyn Facts) -> Result<bool, NotUnderstood> {
        let meaning = self.meaning.clone()?;
        match facts.fact(&self.key) {
            Fact::Unknown => Err(NotUnderstood(format!(
                "the local cloud does not know the condition key `{}`",
                self.key
            ))),
            Fact::Absent => Ok(meaning.if_absent),
            Fact::Values(values) => Ok(meaning.holds(&values)),
        }
    }
}

impl Meaning {
    fn new(operator: &str, value: &Value) -> Result<Self, NotUnderstood> {
        let (quantifier, base) = operator.split_once(':').unwrap_or(("", operator));
        let (base, if_exist) = match base.strip_suffix("_if_exist") {
            Some(base) => (base, true),
            None => (base, false),
        };
        let (base, is_negated) = positive(base);
        let of_all = match quantifier {
            "" => is_negated,
            "for_all_value" => true,
            "for_any_value" => false,
            _ => return Err(unknown(operator)),
        };
        let operands = Operands(value);
        let number = |order| {
            Ok(Test::Number(
                order,
                operands.read("a number", parse_number)?,
            ))
        };
        let date = |order| Ok(Test::Date(order, operands.read("a date", parse_date)?));
        let as_it_is = |text: &str| Some(text.to_owned());
        let test = match base {
            "string_equal" => Test::Equal(operands.read("text", as_it_is)?),
            "string_equal_ignore_case" => Test::EqualIgnoringCase(operands.read("text", as_it_is)?),
            "string_like" => {
                let pattern = |text: &str| Some(super::pattern::Pattern::new(text));
                Test::Like(operands.read("text", pattern)?)
            }
            "numeric_equal" => number(Order::Equal)?,
            "numeric_less_than" => number(Order::Less)?,
            "numeric_less_than_equal" => number(Order::LessOrEqual)?,
            "numeric_greater_than" => number(Order::Greater)?,
            "numeric_greater_than_equal" => number(Order::GreaterOrEqual)?,
            "date_equal" => date(Order::Equal)?,
            "date_less_than" => date(Order::Less)?,
            "date_less_than_equal" => date(Order::LessOrEqual)?,
            "date_greater_than" => date(Order::Greater)?,
            "date_greater_than_equal" => date(Order::GreaterOrEqual)?,
            "bool_equal" => Test::Boolean(operands.read("true or false", parse_boolean)?),
            "ip_equal" => Test::Address(operands.read("an address or a network", parse_network)?),
            "null_equal" => match operands.read("true or false", parse_boolean)?.as_slice() {
                [is_absent] => Test::IsAbsent(*is_absent),
                _ => return Err(NotUnderstood("`null_equal` takes one value".to_owned())),
            },
            _ => return Err(unknown(operator)),
        };
        let if_absent = match test {
            Test::IsAbsent(wanted) => wanted,
            _ => if_exist,
        };
        Ok(Self {
            test,
            is_negated,
            if_absent,
            of_all,
        })
    }

    fn holds(&self, values: &[String]) -> bool {
        let passes = |value: &String| self.test.passes(value) != self.is_negated;
        if self.of_all {
            values.iter().all(passes)
        } else {
            values.iter().any(passes)
        }
    }
}

impl Test {
    /// Whether `value` compares so with any operand. What cannot be compared does not.
    fn passes(&self, value: &str) -> bool {
        match self {
            Self::Equal(operands) => operands.iter().any(|it| it == value),
            Self::EqualIgnoringCase(operands) => {
                operands.iter().any(|it| it.eq_ignore_ascii_case(value))
            }
            Self::Like(operands) => operands.iter().any(|it| it.matches(value)),
            Self::Number(order, operands) => parse_number(value)
                .is_some_and(|value| operands.iter().any(|it| order.holds(&value, it))),
            Self::Date(order, operands) => parse_date(value)
                .is_some_and(|value| operands.iter().any(|it| order.holds(&value, it))),
            Self::Boolean(operands) => {
                parse_boolean(value).is_some_and(|value| operands.contains(&value))
            }
            Self::Address(operands) => value.parse::<IpAddr>().is_ok_and(|address| {
                let address = address.to_canonical();
                operands.iter().any(|it| it.contains(&address))
            }),
            Self::IsAbsent(wanted) => !wanted,
        }
    }
}

/// The operator without its `not`, and whether it had one.
fn positive(base: &str) -> (&str, bool) {
    match base {
        "string_not_equal" => ("string_equal", true),
        "string_not_equal_ignore_case" => ("string_equal_ignore_case", true),
        "string_not_like" => ("string_like", true),
        "numeric_not_equal" => ("numeric_equal", true),
        "date_not_equal" => ("date_equal", true),
        "ip_not_equal" => ("ip_equal", true),
        _ => (base, false),
    }
}

fn unknown(operator: &str) -> NotUnderstood {
    NotUnderstood(format!(
        "the local cloud does not know the condition operator `{operator}`"
    ))
}

/// The values of a condition: one, or several of which any will do.
#[derive(Clone, Copy)]
struct Operands<'a>(&'a Value);

impl Operands<'_> {
    fn read<T>(
        self,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, NotUnderstood> {
        let values = match self.0 {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let read = |value: &Value| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(boolean) => boolean.to_string(),
                _ => return None,
            };
            parse(&text)
        };
        values
            .iter()
            .map(|value| {
                read(value).ok_or_else(|| {
                    NotUnderstood(format!("the condition value {value} is not {wanted}"))
                })
            })
            .collect()
    }
}

fn parse_number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn parse_boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

/// Unix seconds. A date without a zone is in UTC, as the documents have it.
fn parse_date(text: &str) -> Option<i64> {
    let read = |text: String| Timestamp::from_text(text).unix_seconds();
    read(text.to_owned()).or_else(|| read(format!("{text}Z")))
}

fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| {
        text.parse::<IpAddr>()
            .ok()
            .map(|it| it.to_canonical().into())
    })
}

#[cfg(test)]
mod tests;
