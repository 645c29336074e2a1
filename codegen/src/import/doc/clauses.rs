//! The clauses of a description, and which of them hold in some cases only.

/// The sentences of a text, and what semicolons part in them.
pub(super) fn clauses(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '。', ';'])
        .flat_map(|line| line.split(". "))
        .map(str::trim)
        .filter(|clause| !clause.is_empty())
}

/// Whether a clause begins with a condition that is about another node: what follows holds in some
/// cases only.
pub(super) fn begins_with_condition(clause: &str) -> bool {
    let start = clause.trim_start_matches(|c: char| !c.is_alphanumeric());
    let lower = start.to_ascii_lowercase();
    if lower.starts_with("for ") {
        return true;
    }
    let marks = ["if ", "when ", "in case ", "当", "若", "如果", "仅当"];
    let Some(mark) = marks.iter().find(|mark| lower.starts_with(**mark)) else {
        return false;
    };
    let condition = start.get(mark.len()..).unwrap_or_default();
    let condition = condition.split([',', '时']).next().unwrap_or_default();
    condition
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| word.len() > 1 && word.contains(|c: char| c.is_ascii_uppercase()))
}

/// Whether a clause holds in some cases only.
pub(super) fn is_conditional(clause: &str) -> bool {
    let lower = clause.to_ascii_lowercase();
    let start = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    [
        "if ", "when ", "for ", "in case ", "当", "若", "如果", "仅当",
    ]
    .iter()
    .any(|mark| start.starts_with(mark))
        || [" if `", " when `", "(if ", "(when ", " if it is "]
            .iter()
            .any(|mark| lower.contains(mark))
}
