//! The words of type columns.

use crate::spec::Row;

/// What a type column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type<'a> {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Float,
    /// A truth value.
    Boolean,
    /// A time.
    Timestamp,
    /// A container whose rows stand in the same table.
    Container,
    /// Names and texts.
    Map,
    /// Structures with a table of their own, each under a name that no table lists.
    MapOf(&'a str),
    /// Anything.
    Any,
    /// A structure with a table of its own.
    Named(&'a str),
}

/// Reads a type column: the type, and whether there is a list of it.
pub(crate) fn parse(text: &str) -> (Type<'_>, bool) {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let item = if lower.ends_with(" array") {
        text.get(..text.len() - " array".len())
    } else if lower.starts_with("array of ") {
        text.get("array of ".len()..)
    } else {
        None
    };
    match item {
        Some(item) => (word(item.trim()), true),
        None => (word(text), false),
    }
}

/// The type of a row: what its text really is, where the row says so.
pub(crate) fn of(row: &Row) -> (Type<'_>, bool) {
    let (travels, list) = parse(&row.kind);
    match &row.really {
        Some(really) => (parse(really).0, list),
        None => (travels, list),
    }
}

fn word(text: &str) -> Type<'_> {
    if let Some(name) = text.strip_suffix(" map") {
        return Type::MapOf(name.trim_end());
    }
    match text.to_ascii_lowercase().as_str() {
        "string" | "binary" => Type::Text,
        "int" | "integer" | "int64" | "uint64" => Type::Integer,
        "float" | "double" => Type::Float,
        "bool" | "boolean" => Type::Boolean,
        "timestamp" | "date" => Type::Timestamp,
        "container" => Type::Container,
        "map" => Type::Map,
        "any" => Type::Any,
        _ => Type::Named(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_both_ways() {
        assert_eq!(parse("Container array"), (Type::Container, true));
        assert_eq!(
            parse("Array of ImageTask"),
            (Type::Named("ImageTask"), true)
        );
        assert_eq!(parse(" uint64 "), (Type::Integer, false));
        assert_eq!(parse("Array"), (Type::Named("Array"), false));
        assert_eq!(parse("Step map"), (Type::MapOf("Step"), false));
    }

    #[test]
    fn what_a_text_really_is_counts() {
        let row = Row {
            kind: "String array".to_owned(),
            really: Some("Int".to_owned()),
            ..Row::default()
        };
        assert_eq!(of(&row), (Type::Integer, true));
    }
}
