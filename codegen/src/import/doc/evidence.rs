//! Tables against the bodies of the same document: what one has and the other has not, and what
//! one refutes.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Node, Scalar};
use super::cells::fits;
use super::facts::{OPEN, Row};
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
    for (path, at) in &places {
        let (Some(row), Some(seen)) = (rows.get_mut(*at), shape.get(path)) else {
            continue;
        };
        one(side, row, seen, shape.json, remarks);
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
            let texts: Vec<&(usize, String, Scalar)> = seen
                .texts
                .iter()
                .filter(|(_, text, _)| is_value(text))
                .collect();
            bounds(row, &texts, &format!("{side} {path}"), remarks);
        }
    }
}

/// A row against what bodies show of its node.
fn one(side: &str, row: &mut Row, seen: &Seen, json: bool, remarks: &mut Remarks) {
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
    let texts: Vec<&(usize, String, Scalar)> = seen
        .texts
        .iter()
        .filter(|(_, text, _)| is_value(text))
        .collect();
    if row.kind.is_container() {
        if let (Some((line, text, _)), false) = (texts.first(), seen.container) {
            let text: String = text.chars().take(30).collect();
            "String".clone_into(&mut row.kind.word);
            row.explain(&format!(
                "{OPEN}: the document says Container, and line {line} shows the text `{text}`."
            ));
            remarks.add(row.line, RemarkKind::Refused, &item, format!("the type is Container, and line {line} shows the text `{text}`: write what it is"));
        }
        return;
    }
    if json {
        notation(row, &texts, &item, remarks);
    }
    let wrong = texts.iter().find(|(_, text, _)| !agrees(row, text));
    if let Some((line, text, _)) = wrong {
        let told = row.kind.text();
        "String".clone_into(&mut row.kind.word);
        row.range = None;
        row.default = None;
        row.explain(&format!(
            "The document says {told}, and prints `{text}` (line {line})."
        ));
        remarks.add(
            row.line,
            RemarkKind::Contradicted,
            &item,
            format!("the type is {told}, and line {line} prints `{text}`: it is a text"),
        );
    }
    times(row, &texts, &item, remarks);
    bounds(row, &texts, &item, remarks);
}

/// Words and ranges against the values that bodies show.
fn bounds(row: &mut Row, texts: &[&(usize, String, Scalar)], item: &str, remarks: &mut Remarks) {
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
fn notation(row: &mut Row, texts: &[&(usize, String, Scalar)], item: &str, remarks: &mut Remarks) {
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

/// Whether a text is one that the row's type can be printed as.
fn agrees(row: &Row, text: &str) -> bool {
    match row.kind.really.unwrap_or(row.kind.word.as_str()) {
        "Int" => text.parse::<i128>().is_ok(),
        "Float" => text.parse::<f64>().is_ok(),
        "Boolean" => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        _ => true,
    }
}

/// Texts that are times: that is what they are.
fn times(row: &mut Row, texts: &[&(usize, String, Scalar)], item: &str, remarks: &mut Remarks) {
    if row.kind.word != "String" || row.kind.really == Some("Timestamp") {
        return;
    }
    let shown = texts.iter().filter(|(_, text, _)| text != "-");
    let mut times = shown
        .map(|(line, text, _)| (line, is_time(text)))
        .peekable();
    let Some((line, _)) = times.peek().copied() else {
        if let (Some((line, _, _)), true) = (texts.first(), row.name.ends_with("Time")) {
            row.kind.really = Some("Timestamp");
            row.values.clear();
            row.default = None;
            remarks.add(
                row.line,
                RemarkKind::Inferred,
                item,
                format!(
                    "line {line} shows `-`, as for a time that has not come: the text is a time"
                ),
            );
        }
        return;
    };
    if times.all(|(_, time)| time) {
        row.kind.really = Some("Timestamp");
        row.values.clear();
        row.max_length = None;
        row.default = None;
        remarks.add(
            row.line,
            RemarkKind::Inferred,
            item,
            format!("line {line} shows a time: that is what the text is"),
        );
    }
}

/// Whether a text is a time as the services write it; a stray mark behind it is a slip.
pub(super) fn is_time(text: &str) -> bool {
    let text = text.trim_end_matches('>');
    let form = "0000-00-00T00:00:00";
    let dated = text.len() >= form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte == b'T' || byte == b' ',
                form => byte == form,
            });
    let rest = text.get(form.len()..).unwrap_or_default();
    dated
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || "+-:.Z ".contains(c))
}

/// Whether a text stands for itself and not for a value: `string`, `<length>`, `xxx`.
fn is_value(text: &str) -> bool {
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

/// Whether the texts of a node are numbers that count or number something, and no signs.
fn is_count(name: &str, seen: &Seen) -> bool {
    const SIGNS: [&str; 8] = [
        "id", "code", "time", "date", "appid", "uin", "phone", "version",
    ];
    let name = name.to_ascii_lowercase();
    !SIGNS.iter().any(|end| name.ends_with(end))
        && seen.texts.iter().all(|(_, text, _)| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            (1..10).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && (digits == "0" || !digits.starts_with('0'))
        })
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
        Some(_) if !json && is_count(name, seen) => "Int",
        _ => "String",
    };
    let time = !seen.texts.is_empty() && seen.texts.iter().all(|(_, text, _)| is_time(text));
    Kind {
        word: word.to_owned(),
        list: seen.repeated,
        really: time.then_some("Timestamp"),
    }
}
