//! Containers whose rows the document has in words, or on another page.

use std::collections::BTreeMap;

use super::facts::{OPEN, Operation, Row};
use super::page;
use super::remark::{RemarkKind, Remarks};
use super::shape::{Shape, split};

/// Rows that the document has in words: ``Same as `Request.Operation.Output` ``.
pub(super) fn copies(own: &page::Operation<'_>, operation: &mut Operation, remarks: &mut Remarks) {
    let mut wanted: Vec<(usize, bool, String, String)> = Vec::new();
    for (answer, message) in [(false, &operation.request), (true, &operation.response)] {
        for row in message.rows.iter().filter(|row| row.kind.is_container()) {
            let path = row.path();
            let has_rows = message.rows.iter().any(|other| other.parent == path);
            if !has_rows && let Some(source) = same_as(&row.description) {
                wanted.push((row.line, answer, path, source));
            }
        }
        // Below ``Content of `Input`:`` in place of a table.
        for words in own.words.iter().filter(|words| words.answer == answer) {
            let Some(source) = same_as(&words.text) else {
                continue;
            };
            let about = format!(
                "{} {}",
                words.before,
                words.text.split(&source).next().unwrap_or_default()
            );
            let found = message.rows.iter().rev().find(|row| {
                row.kind.is_container()
                    && about
                        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
                        .any(|word| word == row.name)
            });
            if let Some(row) = found {
                let path = row.path();
                if !message.rows.iter().any(|other| other.parent == path)
                    && !wanted.iter().any(|it| it.2 == path)
                {
                    wanted.push((words.line, answer, path, source));
                }
            }
        }
    }
    for (line, answer, path, source) in wanted.into_iter().take(200) {
        let from = if source.starts_with(&format!("{}.", operation.request.root))
            || source == operation.request.root
        {
            &operation.request
        } else {
            &operation.response
        };
        let prefix = format!("{source}.");
        let inner: Vec<Row> = from
            .rows
            .iter()
            .filter(|row| row.parent == source || row.parent.starts_with(&prefix))
            .take(500)
            .cloned()
            .collect();
        let side = if answer { "response" } else { "request" };
        if inner.is_empty() || path.starts_with(&prefix) {
            continue;
        }
        remarks.add(
            line,
            RemarkKind::Inferred,
            format!("{side} {path}"),
            format!("its rows are those of `{source}`, as the document says"),
        );
        let to = if answer {
            &mut operation.response
        } else {
            &mut operation.request
        };
        for mut row in inner {
            let rest = row
                .parent
                .strip_prefix(source.as_str())
                .unwrap_or_default()
                .to_owned();
            row.parent = format!("{path}{rest}");
            // What a request requires, an answer may leave out.
            row.required &= !answer;
            row.line = line;
            to.rows.push(row);
        }
    }
}

/// The container of this document that a text refers to.
fn same_as(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let marks = [
        "same as",
        "the same as",
        "identical to",
        "同请求",
        "同 ",
        "同`",
        "与请求",
        "同上",
        "一致",
        "相同",
        "refer to `request",
        "the request.",
    ];
    if !marks.iter().any(|mark| lower.contains(mark))
        && !lower.trim_start().starts_with("the request.")
    {
        return None;
    }
    // Those of other documents are not here.
    let elsewhere = [" api", "接口", "create", "generate", "describe", "http"];
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let path = text
        .split(|c| !word(c))
        .map(|part| part.trim_matches('.'))
        .find(|part| {
            part.starts_with("Request.") || part.starts_with("Response.") || *part == "Request"
        })?;
    let rest = lower
        .split(&path.to_ascii_lowercase())
        .nth(1)
        .unwrap_or_default();
    let before = lower
        .split(&path.to_ascii_lowercase())
        .next()
        .unwrap_or_default();
    let other = elsewhere
        .iter()
        .any(|word| rest.contains(word) || before.contains(word));
    (!other && path.contains('.')).then(|| path.to_owned())
}

/// Containers without rows: what is in them is on another page.
pub(super) fn empty_containers(
    operation: &mut Operation,
    shapes: &[Shape; 2],
    remarks: &mut Remarks,
) {
    let [request, response] = shapes;
    for (side, message, shape) in [
        ("request", &mut operation.request, request),
        ("response", &mut operation.response, response),
    ] {
        let mut parents: BTreeMap<String, bool> = BTreeMap::new();
        for row in &message.rows {
            let written = row
                .fix
                .as_deref()
                .is_none_or(|fix| !fix.starts_with("No table has it"));
            *parents.entry(row.parent.clone()).or_default() |= written;
            // A table has something of all that is around its rows.
            let mut around = split(&row.parent).0;
            while written && !around.is_empty() {
                *parents.entry(around.to_owned()).or_default() = true;
                around = split(around).0;
            }
        }
        for row in message
            .rows
            .iter_mut()
            .filter(|row| row.kind.is_container())
        {
            let path = row.path();
            match parents.get(&path) {
                Some(true) => {}
                Some(false) if row.fix.is_some() => {}
                Some(false) => {
                    row.explain(&format!(
                        "{OPEN}: no table has its rows; those here are what bodies show."
                    ));
                    remarks.add(row.line, RemarkKind::Refused, format!("{side} {path}"), "no table has its rows; those that bodies show were taken: complete them, or write the structure that it is");
                }
                None => {
                    row.explain(&format!("{OPEN}: no table has its rows."));
                    let shown = if shape.get(&path).is_some() {
                        "bodies show it empty"
                    } else {
                        "no body shows it"
                    };
                    remarks.add(row.line, RemarkKind::Refused, format!("{side} {path}"), format!("no table has its rows, and {shown}: write them, or the structure that it is"));
                }
            }
        }
    }
}
