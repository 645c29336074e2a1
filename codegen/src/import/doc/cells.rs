//! What the cells of a row say besides name, parent and type.

use super::facts::Row;
use super::figures;
use super::kinds::Kind;
use super::prose;
use super::remark::{RemarkKind, Remarks};
use super::table::RawRow;
use super::vocabulary::{self, Required};

/// Completes a row with what its cells say besides name, parent and type.
pub(super) fn finish(row: &mut Row, raw: &RawRow, item: &str, remarks: &mut Remarks) {
    raw.description.clone_into(&mut row.description);
    match raw
        .required
        .as_deref()
        .map(|cell| (vocabulary::required(cell), cell))
    {
        Some((Some(Required::Yes), _)) => row.required = true,
        Some((Some(Required::Depends), cell)) => remarks.add(
            raw.line,
            RemarkKind::Repaired,
            item,
            format!(
                "whether it is required depends (`{}`); it is not",
                cell.replace('\n', " ")
            ),
        ),
        Some((None, cell)) if !cell.trim().is_empty() => remarks.add(
            raw.line,
            RemarkKind::Refused,
            item,
            format!(
                "`{}` does not say whether it is required; it is not",
                cell.replace('\n', " ")
            ),
        ),
        _ => {}
    }
    let lower = format!("{} {}", raw.name, raw.description).to_lowercase();
    row.deprecated = [
        "deprecated",
        "已废弃",
        "已弃用",
        "废弃",
        "no longer be maintained",
        "no longer maintained",
        "不再维护",
    ]
    .iter()
    .any(|word| lower.contains(word));
    if row.deprecated {
        remarks.add(
            raw.line,
            RemarkKind::Read,
            item,
            "the description says that it is deprecated",
        );
    }
    if row.kind.is_container() {
        return;
    }
    let limits = raw.limits.as_deref().unwrap_or_default();
    let number = matches!(row.kind.word.as_str(), "Int" | "Float");
    let told = prose::read(&raw.description, limits, number);
    values(row, raw, told, item, remarks);
}

/// Takes over what the cells say of values, as far as it fits the type.
fn values(row: &mut Row, raw: &RawRow, told: prose::Told, item: &str, remarks: &mut Remarks) {
    let mut read = |text: String| remarks.add(raw.line, RemarkKind::Read, item, text);
    let is_text = row.kind.word == "String" && row.kind.really.is_none();
    let number = |text: &String| text.parse::<i64>().ok();
    let words = told.values;
    let truth = words.len() == 2
        && words
            .iter()
            .all(|word| matches!(word.to_ascii_lowercase().as_str(), "true" | "false"));
    let numbers: Option<Vec<i64>> = words.iter().map(number).collect();
    let numbers = numbers.filter(|numbers| !numbers.is_empty());
    if truth && is_text && !row.kind.list {
        row.kind.really = Some("Boolean");
        read("the words are true and false; it is a truth value".to_owned());
    } else if let (Some(numbers), false) = (&numbers, row.kind.list) {
        let (low, high) = (numbers.iter().min().copied(), numbers.iter().max().copied());
        let contiguous = match (low, high) {
            (Some(low), Some(high)) => {
                high.checked_sub(low)
                    .and_then(|it| usize::try_from(it).ok())
                    == Some(numbers.len() - 1)
            }
            _ => false,
        };
        if contiguous && (is_text || row.kind.word == "Int") {
            if is_text {
                row.kind.really = Some("Int");
            }
            row.range = Some([low, high]);
            read(format!("the words are the numbers {}", words.join(", ")));
        } else if is_text {
            row.values = words;
            read(format!("the words are {}", row.values.join(", ")));
        }
    } else if is_text && numbers.is_none() && !words.is_empty() {
        row.values = words;
        read(format!("the words are {}", row.values.join(", ")));
    }
    if let Some(range) = told
        .range
        .filter(|_| row.range.is_none() && row.values.is_empty())
        && (matches!(row.kind.word.as_str(), "Int" | "Float")
            || is_text && row.kind.really.is_none())
        && !row.kind.list
    {
        if is_text {
            // An end that is no part of the range is written of numbers that need not be whole.
            let decimals = range.is_open() || told.real;
            row.kind.really = Some(if decimals { "Float" } else { "Int" });
        }
        let whole = row.kind.really.unwrap_or(row.kind.word.as_str()) == "Int";
        row.range = if whole {
            range.whole()
        } else {
            // As if both were part of it: the spec has no other ranges.
            Some(range.ends)
        };
        if let Some(range) = row.range {
            let shown = range.map(|end| end.map_or("open".to_owned(), |end| end.to_string()));
            read(format!("the range is {} to {}", shown[0], shown[1]));
        }
    }
    if let Some(length) = told
        .max_length
        .filter(|_| is_text && row.kind.really.is_none())
    {
        row.max_length = Some(length);
        read(format!("the greatest length is {length}"));
    }
    let cell = raw.default.as_deref().and_then(prose::default_cell);
    let from_cell = cell.is_some();
    if let Some(default) = cell.or(told.default) {
        if fits(row, &default) {
            if !from_cell {
                read(format!("the default is {default}"));
            }
            row.default = Some(default);
            figures::default(row, item, remarks);
        } else {
            remarks.add(
                raw.line,
                RemarkKind::Note,
                item,
                format!("the default `{default}` does not fit the row, and was left out"),
            );
        }
    } else if let Some(text) = raw
        .default
        .as_deref()
        .filter(|cell| !vocabulary::is_none(cell))
    {
        let text: String = text.replace('\n', " ").chars().take(40).collect();
        remarks.add(
            raw.line,
            RemarkKind::Note,
            item,
            format!("the default `{text}` is no value, and was left out"),
        );
    }
}

/// Whether a row can hold a text.
pub(super) fn fits(row: &Row, text: &str) -> bool {
    if row.kind.list {
        return false;
    }
    match row.kind.really.unwrap_or(row.kind.word.as_str()) {
        "Int" => text.parse::<i64>().is_ok_and(|number| match row.range {
            Some([low, high]) => {
                low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high)
            }
            None => true,
        }),
        "Float" => text.parse::<f64>().is_ok(),
        "Boolean" => matches!(text, "true" | "false"),
        "String" => row.values.is_empty() || row.values.iter().any(|word| word == text),
        _ => false,
    }
}

pub(super) fn text_kind() -> Kind {
    Kind {
        word: "String".to_owned(),
        list: false,
        really: None,
    }
}

pub(super) fn is_required(raw: &RawRow) -> bool {
    raw.required.as_deref().and_then(vocabulary::required) == Some(Required::Yes)
}

/// A row for a node of which only the name is known.
pub(super) fn named(line: usize, name: &str) -> Row {
    Row::new(line, "", name, text_kind())
}
