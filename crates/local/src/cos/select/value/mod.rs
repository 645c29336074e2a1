//! Values: what rows hold and expressions compute with.

pub(super) mod cast;
pub(super) mod decimal;
pub(super) mod pattern;
pub(super) mod timestamp;

use std::cmp::Ordering;

use self::decimal::Decimal;
use self::timestamp::Timestamp;
use super::failure::{Failure, shortened};

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// What is asked for is not in the row.
    Missing,
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Float(f64),
    Text(String),
    /// A column of CSV: a text that may stand for something of another type.
    Cell(String),
    Timestamp(Timestamp),
    List(Vec<Value>),
    Struct(Vec<(String, Value)>),
}

/// A number of a type of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Int(i64),
    Decimal(Decimal),
    Float(f64),
}

impl Number {
    /// Reads a text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_number = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E');
        // Words such as `inf` are numbers elsewhere.
        if text.is_empty() || !text.bytes().all(is_number) {
            return None;
        }
        if let Ok(number) = text.parse() {
            return Some(Self::Int(number));
        }
        if let Some(number) = Decimal::read(text) {
            return Some(Self::Decimal(number));
        }
        let number: f64 = text.parse().ok()?;
        number.is_finite().then_some(Self::Float(number))
    }

    pub(super) fn to_float(self) -> f64 {
        match self {
            // What is larger than 53 bits is rounded, as it is in every such number.
            #[expect(clippy::cast_precision_loss, reason = "a float is no more precise")]
            Self::Int(number) => number as f64,
            Self::Decimal(number) => number.to_float(),
            Self::Float(number) => number,
        }
    }

    /// The number with its fraction, unless it is a binary one.
    pub(super) fn to_decimal(self) -> Option<Decimal> {
        match self {
            Self::Int(number) => Some(number.into()),
            Self::Decimal(number) => Some(number),
            Self::Float(number) => Decimal::of_float(number),
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(_), _) | (_, Self::Float(_)) => {
                self.to_float().partial_cmp(&other.to_float())
            }
            _ => self.to_decimal()?.partial_cmp(&other.to_decimal()?),
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(number) => Self::Int(number),
            Number::Decimal(number) => Self::Decimal(number),
            Number::Float(number) => Self::Float(number),
        }
    }
}

impl Value {
    /// Whether it says nothing.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// The number that it is, or that the text of a column stands for.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Self::Int(number) => Some(Number::Int(*number)),
            Self::Decimal(number) => Some(Number::Decimal(*number)),
            Self::Float(number) => Some(Number::Float(*number)),
            Self::Cell(text) => Number::read(text),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Cell(text) => Some(text),
            _ => None,
        }
    }

    /// How many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        let more = match self {
            Self::Text(text) | Self::Cell(text) => text.len(),
            Self::List(values) => values.iter().map(Self::size).sum(),
            Self::Struct(fields) => fields
                .iter()
                .map(|(name, value)| size_of::<String>() + name.len() + value.size())
                .sum(),
            _ => 0,
        };
        size_of::<Self>().saturating_add(more)
    }

    /// What it is, for a message.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Missing => "nothing".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Float(number) => float(*number),
            Self::Text(text) | Self::Cell(text) => shortened(text),
            Self::Timestamp(time) => time.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Struct(_) => "a structure".to_owned(),
        }
    }

    /// How two known values compare; nothing if they are of types that do not.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a) | Self::Cell(a), Self::Text(b) | Self::Cell(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Cell(b)) => Some(a.cmp(&truth(b)?)),
            (Self::Cell(a), Self::Bool(b)) => Some(truth(a)?.cmp(b)),
            (Self::Timestamp(a), Self::Timestamp(b)) => Some(a.instant().cmp(&b.instant())),
            (Self::Timestamp(a), Self::Cell(b)) => {
                Some(a.instant().cmp(&Timestamp::read(b)?.instant()))
            }
            (Self::Cell(a), Self::Timestamp(b)) => {
                Some(Timestamp::read(a)?.instant().cmp(&b.instant()))
            }
            _ => self.number()?.compare(other.number()?),
        }
    }

    /// Whether two values are the same. Those of different types are not.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Self::Struct(a), Self::Struct(b)) => {
                let same =
                    |((a, x), (b, y)): (&(String, Self), &(String, Self))| a == b && x.equals(y);
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (Self::Missing, Self::Missing) | (Self::Null, Self::Null) => true,
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }

    /// How two values are in order.
    ///
    /// # Errors
    ///
    /// They have none.
    pub(super) fn order(&self, other: &Self) -> Result<Ordering, Failure> {
        self.compare(other).ok_or_else(|| {
            let message = format!(
                "Attempt to compare failed: {} with {}",
                self.described(),
                other.described()
            );
            Failure::new("ComparisonFailed", message)
        })
    }
}

/// A number's shortest text, with an exponent where there would be many zeros.
fn float(number: f64) -> String {
    let usual = 1e-7..1e21;
    if number == 0.0 || usual.contains(&number.abs()) {
        return number.to_string();
    }
    format!("{number:e}")
}

/// An operator between numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Plus,
    Minus,
    Times,
    Divided,
    Modulo,
}

impl Sum {
    fn sign(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divided => "/",
            Self::Modulo => "%",
        }
    }

    /// What comes of two values: a number, or nothing if one of them says nothing.
    ///
    /// # Errors
    ///
    /// One of them is no number, or what comes of them is none.
    pub(super) fn of(self, a: &Value, b: &Value) -> Result<Value, Failure> {
        if a.is_unknown() || b.is_unknown() {
            return Ok(Value::Null);
        }
        let number = |it: &Value| it.number().ok_or_else(|| not_a_number(self.sign(), it));
        self.computed(number(a)?, number(b)?).map(Value::from)
    }

    pub(super) fn computed(self, a: Number, b: Number) -> Result<Number, Failure> {
        let by_zero = match b {
            Number::Int(number) => number == 0,
            Number::Decimal(number) => number.is_zero(),
            Number::Float(number) => number == 0.0,
        };
        if by_zero && matches!(self, Self::Divided | Self::Modulo) {
            let message = format!("{} divides by zero", self.sign());
            return Err(Failure::new("EvaluatorInvalidArguments", message));
        }
        let computed = match (a, b) {
            (Number::Int(a), Number::Int(b)) => self.of_ints(a, b).map(Number::Int),
            (Number::Float(_), _) | (_, Number::Float(_)) => {
                let number = self.of_floats(a.to_float(), b.to_float());
                number.is_finite().then_some(Number::Float(number))
            }
            _ => {
                let pair = a.to_decimal().zip(b.to_decimal());
                pair.and_then(|(a, b)| self.of_decimals(a, b))
                    .map(Number::Decimal)
            }
        };
        computed.ok_or_else(Failure::overflow)
    }

    fn of_ints(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Plus => a.checked_add(b),
            Self::Minus => a.checked_sub(b),
            Self::Times => a.checked_mul(b),
            Self::Divided => a.checked_div(b),
            Self::Modulo => a.checked_rem(b),
        }
    }

    fn of_floats(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Plus => a + b,
            Self::Minus => a - b,
            Self::Times => a * b,
            Self::Divided => a / b,
            Self::Modulo => a % b,
        }
    }

    fn of_decimals(self, a: Decimal, b: Decimal) -> Option<Decimal> {
        match self {
            Self::Plus => a.plus(b),
            Self::Minus => a.minus(b),
            Self::Times => a.times(b),
            Self::Divided => a.divided_by(b),
            Self::Modulo => a.modulo(b),
        }
    }
}

/// Why `value` cannot be computed with: a column's text stands for no number, anything else is none.
pub(super) fn not_a_number(what: &str, value: &Value) -> Failure {
    match value {
        Value::Cell(text) => Failure::cast(shortened(text), "a number"),
        _ => Failure::operand(what, &format!("{}, which is no number", value.described())),
    }
}

/// The truth value that a text stands for.
pub(super) fn truth(text: &str) -> Option<bool> {
    let is = |word: &str| text.trim().eq_ignore_ascii_case(word);
    if is("true") {
        return Some(true);
    }
    is("false").then_some(false)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{Number, Sum, Value};

    fn cell(text: &str) -> Value {
        Value::Cell(text.to_owned())
    }

    #[test]
    fn the_text_of_a_column_stands_for_what_it_is_compared_with() {
        let five = Value::Int(5);
        assert_eq!(cell("10").compare(&five), Some(Ordering::Greater));
        assert_eq!(cell("10").compare(&cell("5")), Some(Ordering::Less));
        assert_eq!(cell("5.0").compare(&five), Some(Ordering::Equal));
        assert_eq!(
            cell("true").compare(&Value::Bool(true)),
            Some(Ordering::Equal)
        );
        assert!(cell("x").compare(&five).is_none() && !cell("x").equals(&five));
        assert_eq!(cell("x").order(&five).unwrap_err().code, "ComparisonFailed");
        // A text is one, whatever is in it.
        assert!(!Value::Text("5".into()).equals(&five));
        for word in ["inf", "NaN", "infinity", "", "1_0", "0x1", "--1"] {
            assert!(Number::read(word).is_none(), "{word}");
        }
    }

    #[test]
    fn what_has_no_result_says_why() {
        let code = |sum: Sum, a, b| sum.of(&a, &b).unwrap_err().code;
        let one = || Value::Int(1);
        assert_eq!(
            code(Sum::Divided, one(), Value::Int(0)),
            "EvaluatorInvalidArguments"
        );
        assert_eq!(
            code(Sum::Modulo, one(), cell("0.0")),
            "EvaluatorInvalidArguments"
        );
        assert_eq!(
            code(Sum::Plus, one(), Value::Int(i64::MAX)),
            "IntegerOverflow"
        );
        assert_eq!(
            code(Sum::Divided, Value::Int(i64::MIN), Value::Int(-1)),
            "IntegerOverflow"
        );
        assert_eq!(
            code(Sum::Times, Value::Float(1e300), Value::Float(1e300)),
            "IntegerOverflow"
        );
        assert_eq!(code(Sum::Plus, one(), cell("x")), "CastFailed");
        assert_eq!(
            code(Sum::Plus, one(), Value::Text("1".into())),
            "InvalidDataType"
        );
        assert!(matches!(
            Sum::Plus.of(&Value::Missing, &one()),
            Ok(Value::Null)
        ));
    }
}
