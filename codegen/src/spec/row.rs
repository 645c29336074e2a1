//! A row of a table.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::column::Column;
use crate::words::Type;

/// A row of a node table.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["name", "type", "doc"]))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark of its own in the table"
)]
pub struct Row {
    /// Name of the node, as it travels.
    pub name: String,
    /// The containers it is in, from the root: `Request.Operation`.
    pub parent: String,
    /// Type in the document's words: `String`, `Int`, `Container`, `Container array`, the name of
    /// a structure, …
    #[serde(rename = "type")]
    #[schemars(with = "String")]
    pub kind: Column,
    /// Whether the document requires it.
    pub required: bool,
    /// Whether an answer may hold `null` for it (API 3.0 only).
    pub nullable: bool,
    /// Whether an answer may leave out what a request must have (API 3.0 only).
    pub omittable: bool,
    /// What the service assumes without it.
    pub default: Option<String>,
    /// The words it may hold; more may come, so the generated enum is open.
    pub values: Option<Values>,
    /// Smallest and largest number: `[0, 2]`; `null` for an open end.
    pub range: Option<[Option<i64>; 2]>,
    /// Most characters of the text.
    pub max_length: Option<u32>,
    /// The text that documents write for "no value", which words, range and length do not bind:
    /// `"0"` for a size that is not set.
    pub unset: Option<String>,
    /// What it is, in our words.
    pub doc: String,

    /// What the text really is (`Boolean`, `Int`, `Timestamp`), where the document's type column
    /// only says how it travels.
    #[serde(rename = "as")]
    #[schemars(with = "Option<String>")]
    pub really: Option<Column>,
    /// The text it always has.
    pub fixed: Option<String>,
    /// What whoever sends the request computes for it from the body, unless the caller sets it. A
    /// header that is required is no argument of the request then.
    pub computed: Option<Computed>,
    /// That the service does what it has done for the same text only once (`ClientToken`): the call
    /// sets one, if none is set, and the operation can be tried again.
    pub idempotency_token: bool,
    /// That the text is URL-encoded if the answer says so by the nodes of the operation's
    /// `encoding`.
    pub url_encoded: bool,
    /// That clients write the node's name and its words in any case: a body's node `statement` is
    /// read as `Statement` too, and written as the table spells it.
    pub any_case: bool,
    /// Name of the enum made from `values`. Without it: container and node.
    #[serde(rename = "enum")]
    pub enumeration: Option<String>,
    /// Publishes this container as a structure of the service, so that other tables can name it as
    /// a type.
    pub structure: Option<String>,
    /// Name of the field in Rust, where the node's own would mislead.
    pub rename: Option<String>,
    /// Sets the rows of this container by methods of the request itself.
    pub lift: bool,
    /// A secret: never shown.
    pub sensitive: bool,
    /// An attribute of the XML element.
    pub attribute: bool,
    /// The text of the XML element itself: `<Status>on</Status>` as a whole document.
    pub content: bool,
    /// Deprecated by the service.
    pub deprecated: bool,
    /// Why this row differs from the document's.
    pub fix: Option<String>,
}

impl Row {
    /// The type, which is what the text really is where the row says so, and whether there is a
    /// list of it.
    pub(crate) fn typed(&self) -> (Type<'_>, bool) {
        let (travels, list) = self.kind.read();
        match &self.really {
            Some(really) => (really.read().0, list),
            None => (travels, list),
        }
    }
}

/// What is computed from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Computed {
    /// The MD5 digest in Base64, as `Content-MD5` has it.
    Md5,
}

/// Words, with or without a description each.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a list of words, or a map of words and their meanings"
)]
pub enum Values {
    /// Words that explain themselves.
    Plain(Vec<String>),
    /// Words with their meaning.
    Described(BTreeMap<String, String>),
}

impl Values {
    /// The words.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::Plain(words) => words.iter().map(String::as_str).collect(),
            Self::Described(words) => words.keys().map(String::as_str).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_really_is_counts() {
        let row = Row {
            kind: "String array".into(),
            really: Some("Int".into()),
            ..Row::default()
        };
        assert_eq!(row.typed(), (Type::Integer, true));
    }
}
