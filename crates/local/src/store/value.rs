//! The values of a statement, for whichever database.

use serde::Serialize;
use serde_json::value::RawValue;

/// What a statement is given.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// A text, or none.
    Text(Option<String>),
    /// A number, or none.
    Number(Option<i64>),
    /// Yes or no.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A JSON document.
    Json(Box<RawValue>),
}

impl Value {
    /// The JSON document of `value`.
    pub(super) fn json(value: &impl Serialize) -> sqlx::Result<Self> {
        let json = serde_json::value::to_raw_value(value);
        Ok(Self::Json(
            json.map_err(|error| sqlx::Error::Encode(error.into()))?,
        ))
    }

    /// `texts` for [`Dialect::among`](super::dialect::Dialect::among).
    pub(super) fn texts(texts: &[String]) -> sqlx::Result<Self> {
        Self::list(texts)
    }

    /// `numbers` as a list.
    pub(super) fn numbers(numbers: &[i64]) -> sqlx::Result<Self> {
        Self::list(numbers)
    }

    fn list(list: &(impl Serialize + ?Sized)) -> sqlx::Result<Self> {
        let json = serde_json::to_string(list);
        Ok(json
            .map_err(|error| sqlx::Error::Encode(error.into()))?
            .into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(ToOwned::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        i64::from(number).into()
    }
}

impl From<u8> for Value {
    fn from(number: u8) -> Self {
        i64::from(number).into()
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}
