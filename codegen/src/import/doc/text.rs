//! Parts of texts that can be values.

use std::cmp::Reverse;

use super::vocabulary::half;

/// Half-width text.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(half).collect()
}

/// The text behind the first of `leads`.
pub(super) fn behind<'t>(text: &'t str, lower: &str, leads: &[&str]) -> Option<&'t str> {
    // The first, and of those that begin there the longest.
    let found = leads
        .iter()
        .filter_map(|lead| Some((lower.find(lead)?, lead.len())))
        .min_by_key(|(at, len)| (*at, Reverse(*len)))?;
    text.get(found.0 + found.1..)
}

/// A value as documents print it.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./+:*@%".contains(c))
        && !text.ends_with(':')
}

/// The value that a text begins with.
pub(super) fn first_word(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([' ', ':', '=', '"', '\'']);
    if let Some(rest) = text.strip_prefix('`') {
        let word = rest.split('`').next()?.trim();
        return is_word(word).then_some(word);
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "_-./+:*@%".contains(c)))
        .unwrap_or(text.len());
    let word = text.get(..end)?.trim_end_matches(['.', ':', '-', '/', ',']);
    is_word(word).then_some(word)
}

/// The value that a text ends with.
pub(super) fn last_word(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([' ', '"', '\'', ':']);
    if let Some(rest) = text.strip_suffix('`') {
        let word = rest.rsplit('`').next()?.trim();
        return is_word(word).then_some(word);
    }
    let start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-./+@%".contains(c)))
        .map_or(0, |at| {
            at + text
                .get(at..)
                .and_then(|it| it.chars().next())
                .map_or(1, char::len_utf8)
        });
    let word = text.get(start..)?;
    is_word(word).then_some(word)
}

/// Words that stand where a value would and are none.
pub(super) const NO_VALUES: [&str; 30] = [
    "the", "a", "an", "it", "this", "that", "not", "none", "no", "in", "of", "is", "empty", "null",
    "to", "and", "all", "value", "same", "which", "if", "be", "one", "when", "by", "for", "as",
    "on", "use", "used",
];
