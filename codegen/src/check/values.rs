//! Words, numbers and defaults of a row agree with each other and with its type.

use std::collections::{BTreeMap, BTreeSet};

use super::service::{Service, Site};
use crate::diagnostic::Diagnostic;
use crate::load::nearest;
use crate::spec::{Row, Values};
use crate::words::Type;

/// The form of a date; `0` means any digit.
const DATE: &str = "0000-00-00";

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let mut enums = BTreeMap::new();
    for site in service.rows() {
        let row = site.row();
        for (key, text) in [("default", &row.default), ("fixed", &row.fixed)] {
            if let Some(Err(refusal)) = text.as_deref().map(|text| fits(row, text)) {
                found.push(refusal.about(site, key));
            }
        }
        found.extend(range(site));
        found.extend(enumeration(site, &mut enums));
    }
}

/// Why a text cannot be in a row.
pub(super) struct Refusal {
    code: &'static str,
    /// Such as: `3 is outside [0, 2]`.
    pub(super) reason: String,
    pub(super) help: String,
}

impl Refusal {
    fn about(self, site: Site<'_>, key: &str) -> Diagnostic {
        let message = format!("the `{key}` of `{}`: {}", site.row().name, self.reason);
        site.error(key, self.code, message, self.help)
    }
}

/// Whether `row` can hold `text`, by its type, words and range.
pub(super) fn fits(row: &Row, text: &str) -> Result<(), Refusal> {
    if row.unset.as_deref() == Some(text) {
        return Ok(());
    }
    let (kind, _) = row.typed();
    let word = match kind {
        Type::Integer if integer(text).is_none() => "a whole number",
        Type::Float if text.parse::<f64>().is_err() => "a number",
        Type::Boolean if !matches!(text, "true" | "false") => "`true` or `false`",
        Type::Timestamp if !timestamp(text) => "a time",
        _ => "",
    };
    if !word.is_empty() {
        return Err(Refusal {
            code: "tcloud::wrong_type",
            reason: format!("`{text}` is not {word}"),
            help: format!("write {word}, or give the row another type"),
        });
    }
    if let Some(values) = row.values.as_ref().map(words_of)
        && !values.contains(text)
    {
        let near = nearest(text, values.iter().copied())
            .map_or(String::new(), |near| format!("write `{near}`, or "));
        return Err(Refusal {
            code: "tcloud::outside_values",
            reason: format!("`{text}` is not among its values"),
            help: format!("{near}add `{text}` to `values`"),
        });
    }
    if let (Some([low, high]), Some(number)) = (row.range, integer(text))
        && (low.is_some_and(|low| number < i128::from(low))
            || high.is_some_and(|high| number > i128::from(high)))
    {
        return Err(Refusal {
            code: "tcloud::outside_range",
            reason: format!("{text} is outside its range"),
            help: format!(
                "write a number from {} to {}, or mend `range`",
                low.map_or("any".to_owned(), |low| low.to_string()),
                high.map_or("any".to_owned(), |high| high.to_string()),
            ),
        });
    }
    Ok(())
}

/// A whole number of any type the tables know, signed or not.
fn integer(text: &str) -> Option<i128> {
    text.parse().ok()
}

/// Whether `text` looks like one of the forms in which the services write times. `-` stands for a
/// time that has not come.
fn timestamp(text: &str) -> bool {
    let dated = text.len() >= DATE.len()
        && text
            .bytes()
            .zip(DATE.bytes())
            .all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                form => byte == form,
            });
    let clean = text
        .chars()
        .all(|c| c.is_ascii_digit() || "-:.+ TZ".contains(c));
    text == "-" || integer(text).is_some() || text.ends_with(" GMT") || (dated && clean)
}

fn range(site: Site<'_>) -> Option<Diagnostic> {
    let row = site.row();
    let [low, high] = row.range?;
    let code = "tcloud::range";
    if !matches!(row.typed().0, Type::Integer | Type::Float) {
        let message = format!("`{}` has a range but is not a number", row.name);
        let help = match row.kind.read().0 {
            Type::Text => "add `as: Int`, or write `max_length` for the length of a text",
            _ => "remove `range`",
        };
        return Some(site.error("range", code, message, help));
    }
    if matches!((low, high), (Some(low), Some(high)) if low > high) {
        let message = format!("the range of `{}` ends before it begins", row.name);
        return Some(site.error("range", code, message, "write `[smallest, largest]`"));
    }
    None
}

/// Finds enums of one name with different words.
fn enumeration<'a>(
    site: Site<'a>,
    enums: &mut BTreeMap<&'a str, (BTreeSet<&'a str>, Site<'a>)>,
) -> Option<Diagnostic> {
    let row = site.row();
    let name = row.enumeration.as_deref()?;
    let code = "tcloud::enum";
    let Some(words) = row.values.as_ref().map(words_of) else {
        let message = format!("`{}` names the enum `{name}` but has no values", row.name);
        return Some(site.error("enum", code, message, "add `values`, or remove `enum`"));
    };
    let Some((known, first)) = enums.get(name) else {
        enums.insert(name, (words, site));
        return None;
    };
    let differing: Vec<_> = words.symmetric_difference(known).copied().collect();
    if differing.is_empty() {
        return None;
    }
    Some(site.error(
        "values",
        code,
        format!("the enum `{name}` has other values in row `{}`", row.name),
        format!(
            "only one of them has `{}`: write the values of row `{}` in {}, or give this enum \
             another name",
            differing.join("`, `"),
            first.row().name,
            first.file.path,
        ),
    ))
}

fn words_of(values: &Values) -> BTreeSet<&str> {
    match values {
        Values::Plain(words) => words.iter().map(String::as_str).collect(),
        Values::Described(words) => words.keys().map(String::as_str).collect(),
    }
}
