//! The type column of a row, read once.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::{self, Type};

/// A type in the document's words, and what they say.
#[derive(Clone, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub struct Column {
    text: String,
    /// The type; a structure's name is in `name`.
    word: Type<'static>,
    name: String,
    list: bool,
}

impl Column {
    /// The words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The type, and whether there is a list of it.
    pub(crate) fn read(&self) -> (Type<'_>, bool) {
        (self.word.named(&self.name), self.list)
    }
}

impl From<String> for Column {
    fn from(text: String) -> Self {
        let (item, list) = words::item(&text);
        let (word, name) = words::word(item);
        let name = name.to_owned();
        Self {
            text,
            word,
            name,
            list,
        }
    }
}

impl From<&str> for Column {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        column.text
    }
}

impl Default for Column {
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
