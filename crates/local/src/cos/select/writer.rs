//! Rows of the result, as CSV or JSON.

use super::failure::Failure;
use super::request::Output;
use super::source::{LONGEST_RECORD, too_long};
use super::value::Value;

impl Output {
    /// Adds a row to `out`.
    ///
    /// # Errors
    ///
    /// It is longer than a row may be.
    pub(super) fn write<'v>(
        &self,
        row: impl Iterator<Item = (&'v str, &'v Value)>,
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let start = out.len();
        match self {
            Self::Csv {
                record_delimiter,
                field_delimiter,
                ..
            } => {
                for (place, (_, value)) in row.enumerate() {
                    if place > 0 {
                        out.push(*field_delimiter);
                    }
                    self.field(value, out);
                }
                out.extend(record_delimiter);
            }
            Self::Json { record_delimiter } => {
                structure(row, out);
                out.extend(record_delimiter);
            }
        }
        let length = out.len().saturating_sub(start);
        if u64::try_from(length).is_ok_and(|length| length > LONGEST_RECORD) {
            return Err(too_long());
        }
        Ok(())
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

/// Adds a structure. What is missing is left out.
fn structure<'v>(fields: impl Iterator<Item = (&'v str, &'v Value)>, out: &mut Vec<u8>) {
    out.push(b'{');
    let known = fields.filter(|(_, value)| !matches!(value, Value::Missing));
    for (place, (name, value)) in known.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        string(name, out);
        out.push(b':');
        json(value, out);
    }
    out.push(b'}');
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
            structure(
                fields.iter().map(|(name, value)| (name.as_str(), value)),
                out,
            );
        }
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    // A text can always be written, and a vector takes it.
    let _ = serde_json::to_writer(out, text);
}
