//! A pull reader of JSON text.
//!
//! Structure, plain texts and short whole numbers it reads itself, and an expected name it only
//! compares: that is what documents are made of. What is rare or has rules of its own (escapes,
//! fractions, large numbers) it cuts out and leaves to `serde_json`.

use std::borrow::Cow;

use serde_json::Number;

use super::super::context::Stop;
use super::super::scalar::Scalar;

/// A text and how far it has been read.
pub(super) struct Reader<'x> {
    text: &'x str,
    at: usize,
}

/// What a value starts with, or all of it if it is a scalar.
pub(super) enum Token<'x> {
    Null,
    Scalar(Scalar<'x>),
    /// `[` was read.
    List,
    /// `{` was read.
    Object,
}

impl<'x> Reader<'x> {
    pub(super) fn new(text: &'x str) -> Self {
        Self { text, at: 0 }
    }

    /// Whether a list or an object continues; if not, its `close` is read. `first` says that
    /// nothing of it has been read yet.
    #[inline]
    pub(super) fn more(&mut self, close: u8, first: bool) -> Result<bool, Stop> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.broken("expected a comma or the end of the container")),
        }
    }

    /// Reads the name of a member if it is written as `expected`.
    #[inline]
    pub(super) fn expect_name(&mut self, expected: &str) -> bool {
        if self.peek() != Some(b'"') {
            return false;
        }
        // Names in tables need no escapes, so what reads alike is alike.
        let rest = self.rest(self.at + 1).strip_prefix(expected.as_bytes());
        let found = rest.is_some_and(|rest| rest.first() == Some(&b'"'));
        if found {
            self.at += expected.len() + 2;
        }
        found
    }

    /// Reads the name of a member.
    pub(super) fn name(&mut self) -> Result<Cow<'x, str>, Stop> {
        if self.peek() != Some(b'"') {
            return Err(self.broken("expected a name"));
        }
        self.string()
    }

    /// Reads what is between name and value.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), Stop> {
        if self.peek() != Some(b':') {
            return Err(self.broken("expected a colon"));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads a scalar, or the start of a container.
    #[inline]
    pub(super) fn token(&mut self) -> Result<Token<'x>, Stop> {
        match self.peek() {
            Some(b'"') => Ok(Token::Scalar(Scalar::Text(self.string()?))),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Scalar(self.number()?)),
            Some(b'{') => {
                self.at += 1;
                Ok(Token::Object)
            }
            Some(b'[') => {
                self.at += 1;
                Ok(Token::List)
            }
            Some(b'n') => self.word("null", Token::Null),
            Some(b't') => self.word("true", Token::Scalar(Scalar::Boolean(true))),
            Some(b'f') => self.word("false", Token::Scalar(Scalar::Boolean(false))),
            _ => Err(self.broken("expected a value")),
        }
    }

    /// Refuses anything but white space in the rest of the text.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.broken("expected the end of the document")),
        }
    }

    /// The next byte that is not white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    #[inline]
    fn rest(&self, at: usize) -> &'x [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    fn word(&mut self, word: &str, token: Token<'x>) -> Result<Token<'x>, Stop> {
        if !self.rest(self.at).starts_with(word.as_bytes()) {
            return Err(self.broken("expected a value"));
        }
        self.at += word.len();
        Ok(token)
    }

    /// Reads a text, whose quote is next.
    #[inline]
    fn string(&mut self) -> Result<Cow<'x, str>, Stop> {
        let start = self.at + 1;
        let end = start + plain_length(self.rest(start));
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            // Never empty: both ends are beside quotes.
            return Ok(Cow::Borrowed(self.text.get(start..end).unwrap_or_default()));
        }
        self.escaped(end)
    }

    /// Reads a text, whose quote is next and whose first special byte is at `special`.
    #[cold]
    fn escaped(&mut self, mut special: usize) -> Result<Cow<'x, str>, Stop> {
        while self.text.as_bytes().get(special) == Some(&b'\\') {
            let next = special + 2;
            special = next + plain_length(self.rest(next));
        }
        // `serde_json` says what else is wrong with it.
        let text = self.text.get(self.at..=special).unwrap_or_default();
        match serde_json::from_str(text) {
            Ok(text) => {
                self.at = special + 1;
                Ok(Cow::Owned(text))
            }
            Err(_) => Err(self.broken("a text with a bad escape, a control character or no end")),
        }
    }

    #[inline]
    fn number(&mut self) -> Result<Scalar<'x>, Stop> {
        let rest = self.rest(self.at);
        let (negative, digits) = match rest.strip_prefix(b"-") {
            Some(digits) => (true, digits),
            None => (false, rest),
        };
        let mut magnitude: i64 = 0;
        let mut length = 0;
        for digit in digits
            .iter()
            .take(SHORT)
            .take_while(|it| it.is_ascii_digit())
        {
            magnitude = magnitude * 10 + i64::from(digit - b'0');
            length += 1;
        }
        let more = digits.get(length).is_some_and(|byte| is_of_number(*byte));
        let leading_zero = digits.first() == Some(&b'0') && (length > 1 || negative);
        if length == 0 || more || leading_zero {
            return self.long_number();
        }
        self.at += usize::from(negative) + length;
        Ok(Scalar::Integer(if negative {
            -magnitude
        } else {
            magnitude
        }))
    }

    /// Reads a number by the full grammar.
    fn long_number(&mut self) -> Result<Scalar<'x>, Stop> {
        let rest = self.rest(self.at);
        let length = rest.iter().take_while(|byte| is_of_number(**byte)).count();
        let text = self.text.get(self.at..self.at + length).unwrap_or_default();
        let number: Option<Number> = serde_json::from_str(text).ok();
        let scalar = number.and_then(|number| {
            let integer = number.as_i64().map(Scalar::Integer);
            let unsigned = || number.as_u64().map(Scalar::Unsigned);
            let float = || number.as_f64().map(Scalar::Float);
            integer.or_else(unsigned).or_else(float)
        });
        match scalar {
            Some(scalar) => {
                self.at += length;
                Ok(scalar)
            }
            None => Err(self.broken("a number that is none, or out of range")),
        }
    }

    #[cold]
    fn broken(&self, reason: &str) -> Stop {
        Stop::new(format!(
            "not well-formed JSON at byte {}: {reason}",
            self.at
        ))
    }
}

/// As many digits always fit an `i64`.
const SHORT: usize = 18;

const fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')
}

/// What ends a text, or is not what it looks like in one.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..b' ')
}

/// How many bytes come before the first special one.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    match bytes.last_chunk() {
        _ if rest.is_empty() => bytes.len(),
        // The few that are left, together with some that are known to be plain.
        Some(word) => match special_bytes(u64::from_le_bytes(*word)) {
            0 => bytes.len(),
            found => bytes.len() - 8 + found.trailing_zeros() as usize / 8,
        },
        None => rest.iter().take_while(|byte| !is_special(**byte)).count(),
    }
}

/// Eight bytes at once: the high bit of each special one. Bits above the lowest may be wrong, for a
/// subtraction borrows from the byte above.
#[inline]
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let control = word.wrapping_sub(ONES * b' ' as u64) & !word;
    let quote = word ^ (ONES * b'"' as u64);
    let escape = word ^ (ONES * b'\\' as u64);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let escape = escape.wrapping_sub(ONES) & !escape;
    (control | quote | escape) & (ONES << 7)
}

#[cfg(test)]
mod tests;
