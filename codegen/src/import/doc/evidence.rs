//! Tables against the bodies of the same document: what one has and the other has not, and what
//! one refutes.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Node, Scalar};
use super::cells::fits;
use super::facts::{OPEN, Row};
use super::figures::{Shown, counts, is_time, numbers, refuted, times};
use super::kinds::Kind;
use super::remark::{RemarkKind, Remarks};
use super::shape::{Seen, Shape, join, split};

/// Compares the rows of a body with what bodies show; rows are added and changed. `containers` are
/// the names that the document has for containers.
pub(super) fn compare(
    side: &str,
    root: &str,
    rows: &mut Vec<Row>,
    shape: &Shape,
    containers: &BTreeSet<String>,
    remarks: &mut Remarks,
) {
    let places: BTreeMap<String, usize> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (row.path(), at))
        .collect();
    let parents: BTreeSet<String> = rows.iter().map(|row| row.parent.clone()).collect();
    for (path, at) in &places {
        let (Some(row), Some(seen)) = (rows.get_mut(*at), shape.get(path)) else {
            continue;
        };
        let holds = parents.contains(path);
        one(side, row, seen, shape.json, holds, remarks);
    }
    missing(side, root, rows, shape, &places, containers, remarks);
    if !shape.order.is_empty() {
        for row in rows.iter() {
            let path = row.path();
            let around = split(&path).0;
            let container = around == root || shape.get(around).is_some_and(|seen| seen.container);
            if shape.get(&path).is_none() && container {
                remarks.add(
                    row.line,
                    RemarkKind::Unseen,
                    format!("{side} {path}"),
                    "no body shows it",
                );
            }
        }
    }
}

/// Compares the words and ranges of rows within `around` with what bodies show.
pub(super) fn values(
    side: &str,
    around: &str,
    rows: &mut [Row],
    shape: &Shape,
    remarks: &mut Remarks,
) {
    for row in rows {
        let path = row.path();
        if let Some(seen) = shape.get(&join(around, &path)) {
            let texts: Vec<&Shown> = seen
                .texts
                .iter()
                .filter(|(_, text, _)| is_value(text))
                .collect();
            bounds(row, &texts, &format!("{side} {path}"), remarks);
        }
    }
}

/// A row against what bodies show of its node. `holds` says whether tables have rows in it.
fn one(side: &str, row: &mut Row, seen: &Seen, json: bool, holds: bool, remarks: &mut Remarks) {
    let path = row.path();
    let item = format!("{side} {path}");
    if seen.repeated && !row.kind.list {
        let told = row.kind.text();
        row.kind.list = true;
        row.default = None;
        row.explain(&format!(
            "The document says {told}; a body repeats it (line {}).",
            seen.line
        ));
        remarks.add(
            row.line,
            RemarkKind::Contradicted,
            &item,
            format!(
                "the type is {told}, and line {} repeats it: it is a list",
                seen.line
            ),
        );
    }
    if seen.container && !row.kind.is_container() && row.kind.word != "Map" {
        let told = row.kind.text();
        "Container".clone_into(&mut row.kind.word);
        row.kind.really = None;
        row.values.clear();
        row.range = None;
        row.max_length = None;
        row.default = None;
        row.explain(&format!(
            "The document says {told}; a body shows nodes in it (line {}).",
            seen.line
        ));
        remarks.add(
            row.line,
            RemarkKind::Contradicted,
            &item,
            format!(
                "the type is {told}, and line {} shows nodes in it: it is a container",
                seen.line
            ),
        );
        return;
    }
    if seen.attribute {
        return;
    }
    let texts: Vec<&Shown> = seen
        .texts
        .iter()
        .filter(|(_, text, _)| is_value(text))
        .collect();
    if row.kind.is_container() {
        if let (Some((line, text, _)), false) = (texts.first(), seen.container) {
            let text: String = text.chars().take(30).collect();
            if holds {
                "String".clone_into(&mut row.kind.word);
                row.explain(&format!(
                    "{OPEN}: the document says Container and has rows for it, and line {line} shows \
                     the text `{text}`."
                ));
                remarks.add(row.line, RemarkKind::Refused, &item, format!("the type is Container and rows are in it, and line {line} shows the text `{text}`: write what it is"));
                return;
            }
            // Nothing says that there is anything in it.
            row.kind = Kind {
                list: row.kind.list,
                ..kind_of(&row.name, seen, json)
            };
            row.explain(&format!(
                "The document says Container, has no rows for it, and prints `{text}` (line {line})."
            ));
            remarks.add(
                row.line,
                RemarkKind::Contradicted,
                &item,
                format!(
                    "the type is Container, no rows are in it, and line {line} shows the text \
                     `{text}`: it is {}",
                    row.kind.text()
                ),
            );
        }
        return;
    }
    if json {
        notation(row, &texts, &item, remarks);
    }
    refuted(row, &texts, &item, remarks);
    times(row, &texts, &item, remarks);
    if !json {
        numbers(row, &texts, &item, remarks);
    }
    bounds(row, &texts, &item, remarks);
}

/// Words and ranges against the values that bodies show.
fn bounds(row: &mut Row, texts: &[&Shown], item: &str, remarks: &mut Remarks) {
    for (line, text, _) in texts {
        if !row.values.is_empty() && !row.values.contains(text) {
            // Words of another case are the document's slip, a list in one text is no word.
            let slip = row
                .values
                .iter()
                .any(|word| word.eq_ignore_ascii_case(text));
            if slip || !is_word(text) {
                continue;
            }
            row.values.push(text.clone());
            remarks.add(
                row.line,
                RemarkKind::Contradicted,
                item,
                format!(
                    "line {line} shows `{text}`, which the description does not list; it was added"
                ),
            );
        }
        if let (Some([low, high]), Ok(number)) = (row.range, text.parse::<i64>())
            && (low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high))
        {
            row.range = None;
            remarks.add(row.line, RemarkKind::Contradicted, item, format!("line {line} shows {text}, which is outside of the range; the range was left out"));
        }
    }
}

/// How a value travels in JSON.
fn notation(row: &mut Row, texts: &[&Shown], item: &str, remarks: &mut Remarks) {
    let Some((line, text, scalar)) = texts.first() else {
        return;
    };
    let told = row.kind.text();
    let new = match (row.kind.word.as_str(), scalar) {
        ("Int" | "Float" | "Boolean", Scalar::Text) => "String",
        ("String" | "Int", Scalar::Number) => {
            if row.kind.word == "Int" && text.parse::<i64>().is_ok() {
                return;
            }
            if text.contains('.') { "Float" } else { "Int" }
        }
        ("String" | "Int" | "Float", Scalar::Truth) => "Boolean",
        _ => return,
    };
    if new == "String" {
        row.kind.really = match row.kind.word.as_str() {
            "Int" => Some("Int"),
            "Boolean" => Some("Boolean"),
            _ => None,
        };
    } else {
        row.kind.really = None;
    }
    new.clone_into(&mut row.kind.word);
    row.values.clear();
    row.default = row.default.take().filter(|default| fits(row, default));
    row.explain(&format!(
        "The document says {told}, and prints `{text}` otherwise (line {line})."
    ));
    remarks.add(
        row.line,
        RemarkKind::Contradicted,
        item,
        format!(
            "the type is {told}, and line {line} prints `{text}`: it is {}",
            row.kind.text()
        ),
    );
}

/// Whether a text stands for itself and not for a value: `string`, `<length>`, `xxx`.
pub(super) fn is_value(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let name = matches!(
        lower.as_str(),
        "string"
            | "integer"
            | "int"
            | "float"
            | "boolean"
            | "bool"
            | "enum"
            | "number"
            | "date"
            | "container"
            | "long"
            | "double"
            | "text"
            | "..."
            | "……"
            | "timestamp"
            | "array"
    );
    !name
        && !text.contains(['<', '*', '$', '{'])
        && !lower.contains("xxx")
        && !lower.starts_with("&lt;")
}

/// Whether a body has values, and nowhere a name in place of one.
pub(super) fn has_values(node: &Node) -> bool {
    fn all(node: &Node, some: &mut bool) -> bool {
        *some |= !node.text.is_empty();
        (node.text.is_empty() || is_value(&node.text))
            && node.children.iter().all(|child| all(child, some))
    }
    let mut some = false;
    all(node, &mut some) && some
}

fn is_word(text: &str) -> bool {
    text.len() <= 40
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Adds rows for nodes that bodies show and no table has.
fn missing(
    side: &str,
    root: &str,
    rows: &mut Vec<Row>,
    shape: &Shape,
    places: &BTreeMap<String, usize>,
    containers: &BTreeSet<String>,
    remarks: &mut Remarks,
) {
    let mut known: BTreeSet<String> = places.keys().cloned().collect();
    let maps: Vec<String> = rows
        .iter()
        .filter(|row| row.kind.word == "Map")
        .map(Row::path)
        .collect();
    let mut added: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for path in &shape.order {
        if path == root
            || known.contains(path)
            || (!root.is_empty() && !path.starts_with(&format!("{root}.")))
        {
            continue;
        }
        let (around, name) = split(path);
        if maps.iter().any(|map| path.starts_with(&format!("{map}."))) {
            continue;
        }
        if around != root && !known.contains(around) {
            continue;
        }
        let Some(seen) = shape.get(path) else {
            continue;
        };
        let empty = !seen.container && !seen.attribute && seen.texts.is_empty();
        let mut kind = kind_of(name, seen, shape.json);
        if empty && containers.contains(name) {
            "Container".clone_into(&mut kind.word);
        }
        let mut row = Row::new(seen.line, around, name, kind);
        row.attribute = seen.attribute;
        row.explain(&format!(
            "No table has it; a body shows it (line {}).",
            seen.line
        ));
        remarks.add(
            seen.line,
            RemarkKind::Contradicted,
            format!("{side} {path}"),
            "a body shows it and no table has it; a row was added",
        );
        known.insert(path.clone());
        added.entry(around.to_owned()).or_default().push(row);
    }
    if added.is_empty() {
        return;
    }
    // Each behind the last row of its container.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        last.insert(row.parent.clone(), at);
    }
    let mut result = Vec::with_capacity(rows.len());
    let mut ends: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (parent, at) in &last {
        ends.entry(*at).or_default().push(parent.clone());
    }
    for (at, row) in std::mem::take(rows).into_iter().enumerate() {
        result.push(row);
        for parent in ends.get(&at).into_iter().flatten() {
            result.extend(added.remove(parent).unwrap_or_default());
        }
    }
    // Those of containers that had no rows, in the order of their paths.
    result.extend(added.into_values().flatten());
    *rows = result;
}

/// What a node is that only bodies show.
fn kind_of(name: &str, seen: &Seen, json: bool) -> Kind {
    if seen.container {
        return Kind {
            word: "Container".to_owned(),
            list: seen.repeated,
            really: None,
        };
    }
    let scalar = seen.texts.first().map(|(_, _, scalar)| *scalar);
    let word = match scalar {
        Some(Scalar::Number) if json => "Int",
        Some(Scalar::Truth) if json => "Boolean",
        Some(_) if !json && counts(name, &seen.texts) => "Int",
        _ => "String",
    };
    let time = !seen.texts.is_empty() && seen.texts.iter().all(|(_, text, _)| is_time(text));
    Kind {
        word: word.to_owned(),
        list: seen.repeated,
        really: time.then_some("Timestamp"),
    }
}
