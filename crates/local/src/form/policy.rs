//! The policy of a form: what whoever signed it lets it hold.
//!
//! Every condition has to hold; the form may have fields that no condition is about.

use std::ops::RangeInclusive;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use tcloud_core::server::Fault;
use tcloud_core::time::Timestamp;

use super::Fields;

/// What a policy has to say: with which key it is signed, how, and for how long or when.
const REQUIRED: [&str; 3] = ["q-sign-algorithm", "q-ak", "q-sign-time"];
/// The same of a form that is signed as S3 signs.
const REQUIRED_OF_S3: [&str; 3] = ["x-amz-algorithm", "x-amz-credential", "x-amz-date"];
/// Fields of such a form that no condition need be about.
const FREE_OF_S3: [&str; 3] = ["file", "policy", "x-amz-signature"];

/// A policy that was read.
#[derive(Debug)]
pub(crate) struct FormPolicy {
    /// The text that is signed.
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    expiration: String,
    conditions: Vec<Written>,
}

/// A condition as it is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Equals(Map<String, Value>),
    Other(String, Value, Value),
}

enum Condition {
    Equals(String, String),
    StartsWith(String, String),
    Length(RangeInclusive<u64>),
}

impl FormPolicy {
    /// Reads the field `policy`.
    ///
    /// # Errors
    ///
    /// It is no text in Base64.
    pub(crate) fn read(field: &str) -> Result<Self, Fault> {
        let bytes = BASE64_STANDARD.decode(field.trim()).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match text {
            Some(text) => Ok(Self { text }),
            None => Err(invalid("it is not the Base64 form of a text")),
        }
    }

    /// The text that is signed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How many bytes the content of a form to `bucket` may have that would be stored under `key`,
    /// at `now`.
    ///
    /// # Errors
    ///
    /// The policy cannot be read, it has expired, or the form does not satisfy it.
    pub(crate) fn admit(
        &self,
        now: i64,
        bucket: &str,
        key: &str,
        fields: &Fields,
    ) -> Result<RangeInclusive<u64>, Fault> {
        let document: Document =
            serde_json::from_str(&self.text).map_err(|error| invalid(&error.to_string()))?;
        let end = Timestamp::from_text(document.expiration.clone()).unix_seconds();
        let Some(end) = end else {
            let why = format!(
                "its expiration `{}` is no time; write it as in 2019-08-30T09:38:12Z",
                document.expiration.escape_debug()
            );
            return Err(invalid(&why));
        };
        if now > end {
            return Err(denied(format!(
                "the policy has expired at {}; sign a new one",
                document.expiration
            )));
        }
        let mut conditions = Vec::new();
        for written in document.conditions {
            written.read(&mut conditions)?;
        }
        let is_about = |name: &str| {
            let mut conditions = conditions.iter();
            conditions.any(|it| matches!(it, Condition::Equals(field, _) if field == name))
        };
        let is_of_s3 = fields.get("x-amz-signature").is_some();
        let required = if is_of_s3 { REQUIRED_OF_S3 } else { REQUIRED };
        if let Some(name) = required.into_iter().find(|name| !is_about(name)) {
            return Err(invalid(&format!("it has no condition `{name}`")));
        }
        if is_of_s3 {
            require_conditions(&conditions, fields)?;
        }
        let mut length = 0..=u64::MAX;
        for condition in conditions {
            let (field, value, is_prefix) = match condition {
                Condition::Equals(field, value) => (field, value, false),
                Condition::StartsWith(field, value) => (field, value, true),
                Condition::Length(range) => {
                    let start = *range.start().max(length.start());
                    length = start..=*range.end().min(length.end());
                    continue;
                }
            };
            let found = match field.as_str() {
                "bucket" => Some(bucket),
                "key" => Some(key),
                "q-sign-time" => fields.get("q-key-time"),
                field => fields.get(field),
            };
            let holds = match found {
                Some(found) if is_prefix => found.starts_with(&value),
                Some(found) => found == value,
                None => false,
            };
            if !holds {
                let field = field.escape_debug();
                return Err(denied(match found {
                    Some(_) => format!(
                        "the field `{field}` of the form is not what the policy allows; send what \
                         was signed, or sign another policy"
                    ),
                    None => format!(
                        "the policy has a condition on `{field}`, and the form has no such field; \
                         send it before the field `file`"
                    ),
                }));
            }
        }
        Ok(length)
    }
}

/// Refuses a form of S3 with a field that no condition is about.
fn require_conditions(conditions: &[Condition], fields: &Fields) -> Result<(), Fault> {
    let is_named = |name: &str| {
        conditions.iter().any(|condition| match condition {
            Condition::Equals(field, _) | Condition::StartsWith(field, _) => field == name,
            Condition::Length(_) => false,
        })
    };
    for (name, _) in fields.iter() {
        let name = name.to_ascii_lowercase();
        let is_free = FREE_OF_S3.contains(&name.as_str()) || name.starts_with("x-ignore-");
        if !is_free && !is_named(&name) {
            return Err(denied(format!(
                "Invalid according to Policy: Extra input fields: {}",
                name.escape_debug()
            )));
        }
    }
    Ok(())
}

impl Written {
    /// Adds what it says to `conditions`.
    fn read(self, conditions: &mut Vec<Condition>) -> Result<(), Fault> {
        let (operator, first, second) = match self {
            Self::Equals(values) => {
                for (field, value) in values {
                    let value = text(value)?;
                    conditions.push(Condition::Equals(field.to_ascii_lowercase(), value));
                }
                return Ok(());
            }
            Self::Other(operator, first, second) => (operator, first, second),
        };
        conditions.push(match operator.to_ascii_lowercase().as_str() {
            "eq" => Condition::Equals(field(first)?, text(second)?),
            "starts-with" => Condition::StartsWith(field(first)?, text(second)?),
            "content-length-range" => Condition::Length(number(first)?..=number(second)?),
            operator => {
                let operator = operator.escape_debug();
                return Err(invalid(&format!(
                    "`{operator}` is no kind of condition; use eq, starts-with or \
                     content-length-range"
                )));
            }
        });
        Ok(())
    }
}

/// The name of a field, in lower case, written with a dollar sign before it.
fn field(value: Value) -> Result<String, Fault> {
    let name = text(value)?;
    match name.strip_prefix('$') {
        Some(name) => Ok(name.to_ascii_lowercase()),
        None => Err(invalid(&format!(
            "the field `{}` of a condition is written with a `$` before it",
            name.escape_debug()
        ))),
    }
}

/// A text, or a number as one.
fn text(value: Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(invalid("a condition has a value that is no text")),
    }
}

fn number(value: Value) -> Result<u64, Fault> {
    text(value)?
        .parse()
        .map_err(|_| invalid("content-length-range takes two numbers of bytes"))
}

fn invalid(why: &str) -> Fault {
    let message = format!("the policy of the form cannot be used: {why}");
    Fault::new(StatusCode::BAD_REQUEST, "InvalidPolicyDocument", message)
}

fn denied(message: String) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}
