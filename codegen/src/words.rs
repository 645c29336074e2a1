//! The words of type columns.

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
    /// A container whose rows are in the same table.
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

impl Type<'static> {
    /// The type with the name of the structure that it holds, if it holds one.
    pub(crate) const fn named(self, name: &str) -> Type<'_> {
        match self {
            Self::MapOf(_) => Type::MapOf(name),
            Self::Named(_) => Type::Named(name),
            other => other,
        }
    }
}

/// Reads a type column: the type, and whether there is a list of it.
pub(crate) fn parse(text: &str) -> (Type<'_>, bool) {
    let (item, list) = item(text);
    let (word, name) = word(item);
    (word.named(name), list)
}

/// What a type column says of one item, and whether there is a list of them.
pub(crate) fn item(text: &str) -> (&str, bool) {
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
        Some(item) => (item.trim(), true),
        None => (text, false),
    }
}

/// The type of an item, and the name of the structure that it holds.
pub(crate) fn word(text: &str) -> (Type<'static>, &str) {
    if let Some(name) = text.strip_suffix(" map") {
        return (Type::MapOf(""), name.trim_end());
    }
    let word = match text.to_ascii_lowercase().as_str() {
        "string" | "binary" => Type::Text,
        "int" | "integer" | "int64" | "uint64" => Type::Integer,
        "float" | "double" => Type::Float,
        "bool" | "boolean" => Type::Boolean,
        "timestamp" | "date" => Type::Timestamp,
        "container" => Type::Container,
        "map" => Type::Map,
        "any" => Type::Any,
        _ => return (Type::Named(""), text),
    };
    (word, "")
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
}
