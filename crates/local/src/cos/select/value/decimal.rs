//! Decimal numbers of up to 38 digits, exact as far as these go.

use std::cmp::Ordering;
use std::fmt;

/// Most digits.
const DIGITS: u32 = 38;
/// 10 to the power of [`DIGITS`], which no number reaches.
const LIMIT: i128 = 10_i128.pow(DIGITS);

/// A number: `digits` divided by 10 to the power of `scale`, which is no more than [`DIGITS`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    digits: i128,
    scale: u32,
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The next digit of the quotient of `rest`, which is less, by `by`, and what is left then. Ten times
/// the rest may be too large a number, so it is added up.
fn next_digit(rest: u128, by: i128) -> (i128, u128) {
    let by = by.unsigned_abs();
    let (mut digit, mut left) = (0, 0_u128);
    for _ in 0..10 {
        left += rest;
        if left >= by {
            left -= by;
            digit += 1;
        }
    }
    (digit, left)
}

impl Decimal {
    fn new(digits: i128, scale: u32) -> Option<Self> {
        (digits.checked_abs()? < LIMIT && scale <= DIGITS).then_some(Self { digits, scale })
    }

    /// Reads `-12.50` and `1.25e1`. There is none if it has too many digits.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (is_negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut digits = 0_i128;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            let digit = i128::from(byte.wrapping_sub(b'0'));
            digits = digits.checked_mul(10)?.checked_add(digit)?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let digits = if is_negative { -digits } else { digits };
        match u32::try_from(scale) {
            Ok(scale) => Self::new(digits, scale),
            Err(_) if digits == 0 => Self::new(0, 0),
            Err(_) => Self::new(digits.checked_mul(power(scale.unsigned_abs())?)?, 0),
        }
    }

    /// A number that was computed with binary fractions, by its shortest text.
    pub(crate) fn of_float(number: f64) -> Option<Self> {
        number
            .is_finite()
            .then(|| number.to_string())
            .and_then(|text| Self::read(&text))
    }

    pub(crate) fn to_float(self) -> f64 {
        // The text of a number is always one.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The number without what is behind its point, if it is that small.
    pub(crate) fn to_int(self) -> Option<i64> {
        i64::try_from(self.parts().0).ok()
    }

    pub(crate) fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// What is before and behind the point, the latter in units of 10 to the power of -38.
    fn parts(self) -> (i128, i128) {
        let unit = power(self.scale).unwrap_or(LIMIT);
        let rest = power(DIGITS.saturating_sub(self.scale)).unwrap_or(1);
        let (whole, fraction) = (self.digits / unit, self.digits % unit);
        (whole, fraction.saturating_mul(rest))
    }

    /// The same number with as few digits as it needs.
    pub(crate) fn normal(mut self) -> Self {
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The number with one digit less behind its point, rounded.
    fn rounded(self) -> Option<Self> {
        let scale = self.scale.checked_sub(1)?;
        let up = i128::from((self.digits % 10).abs() >= 5) * self.digits.signum();
        Self::new(self.digits / 10 + up, scale)
    }

    /// Two numbers with as many digits behind their points, as many as fit.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let (mut a, mut b) = (self.normal(), other.normal());
        loop {
            let scale = a.scale.max(b.scale);
            let raised = |it: Self| it.digits.checked_mul(power(scale - it.scale)?);
            if let (Some(left), Some(right)) = (raised(a), raised(b)) {
                return Some((left, right, scale));
            }
            if a.scale > b.scale {
                a = a.rounded()?;
            } else {
                b = b.rounded()?;
            }
        }
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::fitting(a.checked_add(b)?, scale)
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    pub(crate) fn negated(self) -> Self {
        Self {
            digits: -self.digits,
            ..self
        }
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        let (mut a, mut b) = (self.normal(), other.normal());
        loop {
            if let Some(digits) = a.digits.checked_mul(b.digits) {
                return Self::fitting(digits, a.scale + b.scale);
            }
            if a.scale > b.scale {
                a = a.rounded()?;
            } else {
                b = b.rounded()?;
            }
        }
    }

    /// The quotient, to as many digits as there are. There is none of zero.
    pub(crate) fn divided_by(self, other: Self) -> Option<Self> {
        let (a, b) = (self.normal(), other.normal());
        if b.digits == 0 {
            return None;
        }
        let mut digits = a.digits / b.digits;
        let mut rest = (a.digits % b.digits).unsigned_abs();
        let sign = a.digits.signum() * b.digits.signum();
        let mut scale = i64::from(a.scale) - i64::from(b.scale);
        while scale < 0 || (rest != 0 && scale < i64::from(DIGITS)) {
            let (digit, next) = next_digit(rest, b.digits);
            let Some(more) = digits.checked_mul(10).filter(|it| it.abs() < LIMIT) else {
                break;
            };
            digits = more + digit * sign;
            rest = next;
            scale += 1;
        }
        Self::fitting(digits, u32::try_from(scale).ok()?)
    }

    /// What is left of it by `other`. There is none by zero.
    pub(crate) fn modulo(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::fitting(a.checked_rem(b)?, scale)
    }

    /// A number whose last digits are dropped if it has too many.
    fn fitting(mut digits: i128, mut scale: u32) -> Option<Self> {
        while (digits.checked_abs()? >= LIMIT || scale > DIGITS) && scale > 0 {
            digits /= 10;
            scale -= 1;
        }
        Self::new(digits, scale)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self {
            digits: i128::from(number),
            scale: 0,
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.parts().partial_cmp(&other.parts())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(scale) = usize::try_from(self.scale) else {
            return Err(fmt::Error);
        };
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
        match fraction {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::Decimal;

    fn number(text: &str) -> Decimal {
        Decimal::read(text).unwrap()
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in [
            "0",
            "-1",
            "12.50",
            "0.05",
            "-0.001",
            "99999999999999999999999999999999999999",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1.25e1").to_string(), "12.5");
        assert_eq!(number("5e-3").to_string(), "0.005");
        assert_eq!(number("5E3").to_string(), "5000");
        assert_eq!(number(".5").to_string(), "0.5");
        for text in [
            "",
            ".",
            "-",
            "1e",
            "1e99",
            "0x1",
            "1 ",
            "1e-39",
            "100000000000000000000000000000000000000",
        ] {
            assert!(Decimal::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn sums_are_exact() {
        let [a, b] = ["0.1", "0.2"].map(number);
        assert_eq!(a.plus(b).unwrap(), number("0.3"));
        assert_eq!(a.minus(b).unwrap(), number("-0.1"));
        assert_eq!(a.times(b).unwrap(), number("0.02"));
        assert_eq!(
            number("10").divided_by(number("4")).unwrap().to_string(),
            "2.5"
        );
        assert_eq!(
            number("1").divided_by(number("3")).unwrap().to_string(),
            format!("0.{}", "3".repeat(38))
        );
        for (a, b, quotient) in [
            ("5e37", "7e37", "0.71428571428571428571428571428571428571"),
            ("-2e37", "8e37", "-0.25"),
            (
                "99999999999999999999999999999999999999",
                "-5e37",
                "-1.9999999999999999999999999999999999999",
            ),
        ] {
            let divided = number(a).divided_by(number(b)).unwrap();
            assert_eq!(divided.to_string(), quotient);
        }
        assert_eq!(number("7.5").modulo(number("2")).unwrap(), number("1.5"));
        assert!(number("1").divided_by(number("0")).is_none());
        assert!(number("1").modulo(number("0.0")).is_none());
        assert!(number("1.0") == number("1"));
        assert!(number("-1.5") < number("-1.25"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Against binary fractions, as far as these are exact.
        #[test]
        fn small_numbers_are_as_others_compute_them(a in -9_999_i64..9_999, b in -9_999_i64..9_999) {
            let quarters = |it: i64| Decimal::from(it).divided_by(Decimal::from(4)).unwrap();
            let (x, y) = (quarters(a), quarters(b));
            #[expect(clippy::cast_precision_loss, reason = "they are small")]
            let (p, q) = (a as f64 / 4.0, b as f64 / 4.0);
            prop_assert_eq!(x.to_float().total_cmp(&(p + 0.0)), Ordering::Equal);
            prop_assert_eq!(x.plus(y).unwrap().to_float().total_cmp(&(p + q + 0.0)), Ordering::Equal);
            prop_assert_eq!(x.times(y).unwrap().to_float().total_cmp(&(p * q + 0.0)), Ordering::Equal);
            prop_assert_eq!(x.partial_cmp(&y), p.partial_cmp(&q));
            if b != 0 {
                prop_assert_eq!(x.modulo(y).unwrap().to_float().total_cmp(&(p % q + 0.0)), Ordering::Equal);
            }
        }

        #[test]
        fn no_numbers_panic(a in any::<i128>(), b in any::<i128>(), s in 0_u32..39, t in 0_u32..39) {
            let made = |digits: i128, scale| {
                Decimal::new(digits, scale).or_else(|| Decimal::new(digits / 100, scale)).unwrap()
            };
            let (x, y) = (made(a, s), made(b, t));
            let _ = (x.plus(y), x.minus(y), x.times(y), x.divided_by(y), x.modulo(y));
            let _ = (x.partial_cmp(&y), x.to_int(), x.to_float(), x.to_string());
        }
    }
}
