//! Rows of the result, as CSV or JSON.

use super::failure::Failure;
use super::request::Output;
use super::source::{LONGEST_RECORD, too_long};
use super::value::Value;

/// A row that is being written.
pub(super) struct Line<'w> {
    output: &'w Output,
    out: &'w mut Vec<u8>,
    /// Where it begins.
    start: usize,
    has_fields: bool,
}

impl Line<'_> {
    /// Adds a field. What is missing is left out of JSON.
    ///
    /// # Errors
    ///
    /// The row is longer than one may be.
    pub(super) fn add(&mut self, name: &str, value: &Value) -> Result<(), Failure> {
        match self.output {
            Output::Csv {
                field_delimiter, ..
            } => {
                if self.has_fields {
                    self.out.push(*field_delimiter);
                }
                self.output.field(value, self.out);
            }
            Output::Json { .. } => {
                if matches!(value, Value::Missing) {
                    return Ok(());
                }
                member(self.has_fields, name, value, self.out);
            }
        }
        self.has_fields = true;
        self.check()
    }

    /// Ends the row.
    ///
    /// # Errors
    ///
    /// It is longer than one may be.
    pub(super) fn end(self) -> Result<(), Failure> {
        match self.output {
            Output::Csv {
                record_delimiter, ..
            } => self.out.extend(record_delimiter),
            Output::Json { record_delimiter } => {
                self.out.push(b'}');
                self.out.extend(record_delimiter);
            }
        }
        self.check()
    }

    fn check(&self) -> Result<(), Failure> {
        let length = self.out.len().saturating_sub(self.start);
        if u64::try_from(length).is_ok_and(|length| length > LONGEST_RECORD) {
            return Err(too_long());
        }
        Ok(())
    }
}

impl Output {
    /// Begins a row behind what `out` has. If it fails, what it has added is there to be taken away.
    pub(super) fn begin<'w>(&'w self, out: &'w mut Vec<u8>) -> Line<'w> {
        let start = out.len();
        if matches!(self, Self::Json { .. }) {
            out.push(b'{');
        }
        Line {
            output: self,
            out,
            start,
            has_fields: false,
        }
    }

    /// Adds a column, in quotes where they are needed.
    fn field(&self, value: &Value, out: &mut Vec<u8>) {
        let Self::Csv {
            always_quotes,
            record_delimiter,
            field_delimiter,
            quote,
            escape,
        } = self
        else {
            return;
        };
        let mut nested = Vec::new();
        let described;
        let bytes = match value {
            Value::Missing | Value::Null => b"",
            Value::Text(text) | Value::Cell(text) => text.as_bytes(),
            Value::List(_) | Value::Struct(_) => {
                json(value, &mut nested);
                nested.as_slice()
            }
            _ => {
                described = value.described();
                described.as_bytes()
            }
        };
        let is_special =
            |byte: &u8| byte == field_delimiter || byte == quote || record_delimiter.contains(byte);
        if !always_quotes && !bytes.iter().any(is_special) {
            out.extend(bytes);
            return;
        }
        out.push(*quote);
        for byte in bytes {
            if byte == quote || byte == escape {
                out.push(*escape);
            }
            out.push(*byte);
        }
        out.push(*quote);
    }
}

/// Adds a name and its value.
fn member(has_others: bool, name: &str, value: &Value, out: &mut Vec<u8>) {
    if has_others {
        out.push(b',');
    }
    string(name, out);
    out.push(b':');
    json(value, out);
}

/// Adds a value. Values are no deeper than documents may be.
fn json(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Missing | Value::Null => out.extend(b"null"),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Float(_) => {
            out.extend(value.described().as_bytes());
        }
        Value::Text(text) | Value::Cell(text) => string(text, out),
        Value::Timestamp(time) => string(&time.to_string(), out),
        Value::List(values) => {
            out.push(b'[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                json(value, out);
            }
            out.push(b']');
        }
        Value::Struct(fields) => {
            out.push(b'{');
            for (place, (name, value)) in fields.iter().enumerate() {
                member(place > 0, name, value, out);
            }
            out.push(b'}');
        }
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    // A text can always be written, and a vector takes it.
    let _ = serde_json::to_writer(out, text);
}
