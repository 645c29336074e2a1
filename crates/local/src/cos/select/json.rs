//! Rows of objects that are JSON: documents one after the other, or what a path leads to in them. What
//! is no row is passed without being kept, so that an object may be one long list.

use super::failure::Failure;
use super::row::{Halt, Row, Sink};
use super::source::{LONGEST_RECORD, Source, too_long, utf8};
use super::sql::program::{Step, ambiguous};
use super::value::{Number, Value};

/// How deep documents may be.
const DEEPEST: usize = 100;

/// Reads rows.
pub(super) struct Reader<'r, 'c> {
    source: &'r mut Source<'c>,
    /// Whether each document is on a line of its own.
    has_lines: bool,
    depth: usize,
}

/// What follows a name or a place in a document.
type Each<'e, 'r, 'c> = dyn FnMut(&mut Reader<'r, 'c>, String) -> Result<(), Halt> + 'e;

impl<'r, 'c> Reader<'r, 'c> {
    pub(super) fn new(source: &'r mut Source<'c>, has_lines: bool) -> Self {
        Self {
            source,
            has_lines,
            depth: 0,
        }
    }

    /// Gives what `path` leads to in each document to `sink`.
    pub(super) fn rows(&mut self, path: &[Step], sink: &mut Sink<'_>) -> Result<(), Halt> {
        let mut is_new_line = true;
        loop {
            while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.source.peek()? {
                is_new_line |= byte == b'\n';
                self.source.skip(1)?;
            }
            if self.source.peek()?.is_none() {
                return Ok(());
            }
            if self.has_lines && !is_new_line {
                return Err(wrong("two documents are on one line").into());
            }
            self.follow(path, sink)?;
            is_new_line = false;
        }
    }

    /// Gives what `path` leads to from here. Nothing is a row, too, but not beside others.
    fn follow(&mut self, path: &[Step], sink: &mut Sink<'_>) -> Result<(), Halt> {
        let Some((step, rest)) = path.split_first() else {
            self.source.begin_record(true);
            let value = self.value()?;
            self.source.begin_record(false);
            return sink(Row::Document(&value));
        };
        let mut is_found = false;
        match (self.source.peek()?, step) {
            (Some(b'{'), Step::Name(name)) => self.object(&mut |reader, own| {
                if !name.fits(&own) || (is_found && name.exact) {
                    return reader.pass();
                }
                if is_found {
                    return Err(ambiguous(&own).into());
                }
                is_found = true;
                reader.follow(rest, sink)
            })?,
            (Some(b'{'), Step::Fields) => self.object(&mut |reader, _| {
                is_found = true;
                reader.follow(rest, sink)
            })?,
            (Some(b'['), Step::Elements) => self.array(&mut |reader, _| {
                is_found = true;
                reader.follow(rest, sink)
            })?,
            (Some(b'['), Step::Index(place)) => {
                let mut at = 0_usize;
                self.array(&mut |reader, _| {
                    let is_it = at == *place;
                    at = at.saturating_add(1);
                    if !is_it {
                        return reader.pass();
                    }
                    is_found = true;
                    reader.follow(rest, sink)
                })?;
            }
            _ => self.pass()?,
        }
        if is_found {
            return Ok(());
        }
        sink(Row::Document(&Value::Missing))
    }

    /// Reads a value.
    fn value(&mut self) -> Result<Value, Halt> {
        match self.required()? {
            b'{' => {
                let mut fields = Vec::new();
                self.object(&mut |reader, name| {
                    fields.push((name, reader.value()?));
                    Ok(())
                })?;
                Ok(Value::Struct(fields))
            }
            b'[' => {
                let mut values = Vec::new();
                self.array(&mut |reader, _| {
                    values.push(reader.value()?);
                    Ok(())
                })?;
                Ok(Value::List(values))
            }
            b'"' => Ok(Value::Text(self.string(true)?)),
            _ => Ok(self.word()?),
        }
    }

    /// Passes a value.
    fn pass(&mut self) -> Result<(), Halt> {
        match self.required()? {
            b'{' => self.object(&mut |reader, _| reader.pass()),
            b'[' => self.array(&mut |reader, _| reader.pass()),
            b'"' => Ok(self.string(false).map(drop)?),
            _ => Ok(self.word().map(drop)?),
        }
    }

    fn object(&mut self, each: &mut Each<'_, 'r, 'c>) -> Result<(), Halt> {
        self.members(b'}', &mut |reader| {
            if reader.required()? != b'"' {
                return Err(wrong("a name is not in quotes").into());
            }
            let name = reader.string(true)?;
            reader.blank()?;
            reader.mark(b':')?;
            reader.blank()?;
            each(reader, name)
        })
    }

    fn array(&mut self, each: &mut Each<'_, 'r, 'c>) -> Result<(), Halt> {
        self.members(b']', &mut |reader| each(reader, String::new()))
    }

    /// Reads what is between brackets, and commas.
    fn members(
        &mut self,
        end: u8,
        each: &mut dyn FnMut(&mut Self) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEEPEST {
            return Err(wrong(&format!("it is nested deeper than {DEEPEST} levels")).into());
        }
        self.source.skip(1)?;
        self.blank()?;
        if self.required()? != end {
            loop {
                each(self)?;
                self.blank()?;
                if self.required()? == end {
                    break;
                }
                self.mark(b',')?;
                self.blank()?;
            }
        }
        self.source.skip(1)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    /// The next byte of a document that has not ended.
    fn required(&mut self) -> Result<u8, Failure> {
        self.source.peek()?.ok_or_else(|| {
            let message =
                "Please check the last record in the input: it ends within a document of JSON";
            Failure::new("LastRecordParseFail", message)
        })
    }

    fn mark(&mut self, mark: u8) -> Result<(), Failure> {
        if self.required()? != mark {
            return Err(wrong(&format!("`{}` is missing", char::from(mark))));
        }
        self.source.skip(1)
    }

    /// Passes white space within a document.
    fn blank(&mut self) -> Result<(), Failure> {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.source.peek()? {
            if byte == b'\n' && self.has_lines {
                return Err(wrong(
                    "a document goes over the end of its line, which Type LINES does not allow",
                ));
            }
            self.source.skip(1)?;
        }
        Ok(())
    }

    /// Reads a text, and keeps it if it is wanted.
    fn string(&mut self, is_kept: bool) -> Result<String, Failure> {
        self.source.skip(1)?;
        let mut text = Vec::new();
        loop {
            let byte = self.required()?;
            if byte < 0x20 {
                return Err(wrong("a text has a control character in it"));
            }
            self.source.skip(1)?;
            match byte {
                b'"' => return utf8(text),
                b'\\' => {
                    let letter = self.escaped()?;
                    if is_kept {
                        text.extend(letter.encode_utf8(&mut [0; 4]).bytes());
                    }
                }
                byte if is_kept => text.push(byte),
                _ => {}
            }
            // Names of what is passed are kept as well.
            if u64::try_from(text.len()).is_ok_and(|length| length > LONGEST_RECORD) {
                return Err(too_long());
            }
        }
    }

    /// Reads what is behind a backslash.
    fn escaped(&mut self) -> Result<char, Failure> {
        let letter = self.required()?;
        self.source.skip(1)?;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.code_unit()?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) && self.source.comes(b"\\u")? {
                    self.source.skip(2)?;
                    units.push(self.code_unit()?);
                }
                let mut letters = char::decode_utf16(units);
                match (letters.next(), letters.next()) {
                    (Some(Ok(letter)), None) => letter,
                    _ => return Err(wrong("a text has half of a character in it")),
                }
            }
            _ => {
                return Err(wrong(
                    "a backslash stands before a character that it has no meaning for",
                ));
            }
        })
    }

    /// Reads four hexadecimal digits.
    fn code_unit(&mut self) -> Result<u16, Failure> {
        let mut unit = 0_u16;
        for _ in 0..4 {
            let digit = char::from(self.required()?).to_digit(16);
            let digit = digit.and_then(|digit| u16::try_from(digit).ok());
            let digit = digit.ok_or_else(|| wrong("a character's code has no four digits"))?;
            unit = unit.wrapping_shl(4) | digit;
            self.source.skip(1)?;
        }
        Ok(unit)
    }

    /// Reads `true`, `false`, `null` or a number.
    fn word(&mut self) -> Result<Value, Failure> {
        let mut word = String::new();
        while let Some(byte @ (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'+' | b'-')) =
            self.source.peek()?
        {
            // Longer ones are no numbers that can be computed with.
            if word.len() > 1000 {
                return Err(wrong("a number has too many digits"));
            }
            word.push(char::from(byte));
            self.source.skip(1)?;
        }
        match word.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            word => is_number(word)
                .then(|| Number::read(word))
                .flatten()
                .map(Value::from)
                .ok_or_else(|| wrong(&format!("{} is no value", super::failure::shortened(word)))),
        }
    }
}

/// Whether `word` is a number as JSON has them.
fn is_number(word: &str) -> bool {
    let number = word.strip_prefix('-').unwrap_or(word);
    let (number, exponent) = match number.split_once(['e', 'E']) {
        Some((number, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']);
            (number, Some(digits.unwrap_or(exponent)))
        }
        None => (number, None),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(are_digits)
        && exponent.is_none_or(are_digits)
}

fn wrong(why: &str) -> Failure {
    let message = format!("Encountered an error parsing the JSON file: {why}");
    Failure::new("JSONParsingError", message)
}
