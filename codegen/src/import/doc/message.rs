//! One side of an operation: which table is about what, and rows outside of a body.

use super::cells;
use super::facts::{Message, OPEN, Row};
use super::http::{self, Printed};
use super::kinds;
use super::page::{self, Found, Part};
use super::remark::{RemarkKind, Remarks};
use super::rows::{self, Source};
use super::shape::{Shape, join};
use super::table::{self, RawRow};
use super::vocabulary;

/// One side of an operation.
pub(super) fn message(
    side: &str,
    own: &page::Operation<'_>,
    answer: bool,
    shape: &Shape,
    pattern: &Printed,
    remarks: &mut Remarks,
) -> Message {
    let mut message = Message::default();
    let mut sources = Vec::new();
    for found in own.tables.iter().filter(|found| found.answer == answer) {
        let raw = table::rows(found.table, remarks);
        match place(found, &raw, shape, pattern) {
            Part::Headers => headers(side, &raw, found, &mut message, remarks),
            Part::Query if !answer => parameters(side, &raw, &mut message, remarks),
            _ => sources.push(Source {
                rows: raw,
                intro: found.intro.clone(),
            }),
        }
    }
    let (root, rows) = rows::body(side, &sources, shape, remarks);
    message.root = root;
    message.rows = rows;
    message
}

/// Which part of a message a table is about: by its heading, unless its rows say otherwise.
fn place(found: &Found<'_>, raw: &[RawRow], shape: &Shape, pattern: &Printed) -> Part {
    let nested = raw.iter().any(|row| {
        row.parent
            .as_deref()
            .is_some_and(|parent| !vocabulary::is_none(parent))
            || row
                .kind
                .as_deref()
                .and_then(kinds::kind)
                .is_some_and(|kind| kind.is_container())
    });
    let header = |row: &RawRow| is_header(&clean(&row.name));
    let headers = raw.iter().filter(|row| header(row)).count();
    let query = |row: &RawRow| {
        let name = clean(&row.name);
        http::split(&pattern.target)
            .1
            .iter()
            .any(|part| part.name == name)
    };
    let in_body = |row: &RawRow| {
        shape
            .get(&join(
                shape.root.as_deref().unwrap_or_default(),
                &clean(&row.name),
            ))
            .is_some()
    };
    match found.part {
        Part::Headers if nested && headers == 0 => Part::Body,
        Part::Query if nested && !raw.iter().any(query) && (shape.root.is_some() || shape.json) => {
            Part::Body
        }
        Part::Query if !found.answer && !raw.is_empty() && headers == raw.len() => Part::Headers,
        Part::Query if found.answer => {
            if headers > raw.len() / 2 {
                Part::Headers
            } else {
                Part::Body
            }
        }
        Part::Query
            if shape.root.is_none()
                && shape.json
                && raw.iter().any(in_body)
                && !raw.iter().any(query) =>
        {
            Part::Body
        }
        Part::Headers | Part::Query => found.part,
        Part::Body if !nested && headers > raw.len() / 2 && shape.root.is_none() => Part::Headers,
        Part::Body
            if !nested
                && !found.answer
                && shape.root.is_none()
                && !shape.json
                && raw.iter().any(query) =>
        {
            Part::Query
        }
        Part::Body => Part::Body,
        Part::Unknown | Part::Errors | Part::Policy => {
            if nested || raw.iter().any(in_body) {
                Part::Body
            } else if headers > raw.len() / 2 {
                Part::Headers
            } else if found.answer || !shape.order.is_empty() && !raw.iter().any(query) {
                Part::Body
            } else {
                Part::Query
            }
        }
    }
}

fn clean(name: &str) -> String {
    name.replace(['`', '*', '\\'], "").trim().to_owned()
}

/// Whether a name is that of a header.
fn is_header(name: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "range",
        "expires",
        "etag",
        "host",
        "date",
        "origin",
        "location",
        "authorization",
        "connection",
        "server",
        "vary",
        "expect",
        "age",
        "status",
    ];
    let lower = name.to_ascii_lowercase();
    KNOWN.contains(&lower.as_str())
        || name.contains('-')
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && !name.contains('.')
}

/// Headers that every request or response has: the runtime makes and reads them.
fn is_common(name: &str, answer: bool) -> bool {
    let lower = name.to_ascii_lowercase();
    let common = [
        "authorization",
        "host",
        "date",
        "content-length",
        "connection",
        "server",
        "x-cos-request-id",
        "x-cos-trace-id",
        "x-ci-request-id",
        "transfer-encoding",
    ];
    common.contains(&lower.as_str()) && (answer || lower != "content-md5")
}

fn headers(
    side: &str,
    raw: &[RawRow],
    found: &Found<'_>,
    message: &mut Message,
    remarks: &mut Remarks,
) {
    if !raw.is_empty() && !raw.iter().any(|row| is_header(&clean(&row.name))) {
        // Fields of a text that a header holds: `Pic-Operations`.
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let named = found.intro.split(|c| !word(c)).find(|name| {
            name.contains('-')
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && is_header(name)
        });
        remarks.add(
            found.line,
            RemarkKind::Note,
            side,
            match named {
                Some(name) => format!("a table of fields within the header `{name}` was left out; the header is a text"),
                None => "a table under the headers that names no header was left out".to_owned(),
            },
        );
        if let Some(name) = named
            && !message
                .headers
                .iter()
                .any(|row| row.name.eq_ignore_ascii_case(name))
        {
            let mut row = cells::named(found.line, name);
            row.explain("No table has it; the text names it.");
            remarks.add(
                found.line,
                RemarkKind::Inferred,
                format!("{side} {name}"),
                "no table has the header, the text names it",
            );
            message.headers.push(row);
        }
        return;
    }
    for row in raw {
        let name = clean(&row.name);
        // `x-cos-meta-[…]`, `x-cos-meta-*`: all headers that begin so.
        let open = name
            .find(['[', '*', '<', '{', '（', '('])
            .filter(|at| name.get(..*at).is_some_and(|start| start.ends_with('-')));
        let map =
            row.name.contains("\\*") && clean(&row.name).ends_with('-') || name.ends_with('-');
        let prefix = open
            .and_then(|at| name.get(..at))
            .or(map.then_some(name.as_str()));
        if let Some(prefix) = prefix {
            let mut own = Row::new(
                row.line,
                "",
                prefix,
                kinds::Kind {
                    word: "Map".to_owned(),
                    list: false,
                    really: None,
                },
            );
            cells::finish(&mut own, row, &format!("{side} {prefix}"), remarks);
            own.values.clear();
            own.max_length = None;
            own.default = None;
            remarks.add(
                row.line,
                RemarkKind::Inferred,
                format!("{side} {prefix}"),
                "all headers that begin so are one map",
            );
            push(&mut message.headers, own, side, remarks);
            continue;
        }
        for name in rows::names(row, side, remarks) {
            if is_common(&name, side == "response") {
                remarks.add(
                    row.line,
                    RemarkKind::Note,
                    format!("{side} {name}"),
                    "every message has this header; it needs no row",
                );
                continue;
            }
            let own = flat(side, row, &name, remarks);
            push(&mut message.headers, own, side, remarks);
        }
    }
}

fn parameters(side: &str, raw: &[RawRow], message: &mut Message, remarks: &mut Remarks) {
    for row in raw {
        for name in rows::names(row, side, remarks) {
            let own = flat(side, row, &name, remarks);
            push(&mut message.query, own, side, remarks);
        }
    }
}

/// A parameter or a header.
fn flat(side: &str, raw: &RawRow, name: &str, remarks: &mut Remarks) -> Row {
    let item = format!("{side} {name}");
    let cell = raw.kind.as_deref().unwrap_or_default().replace('\n', " ");
    let kind = kinds::kind(&cell);
    let mut fix = None;
    let kind = match kind {
        Some(kind) if kind.is_container() || kind.list || kind.word.is_empty() => {
            remarks.add(
                raw.line,
                RemarkKind::Repaired,
                &item,
                format!("the type is `{}`; what travels here is a text", cell.trim()),
            );
            fix = Some(format!(
                "The document says {}; here it travels as a text.",
                cell.trim()
            ));
            cells::text_kind()
        }
        Some(kind) => kind,
        None if cell.trim().is_empty() => {
            remarks.add(
                raw.line,
                RemarkKind::Inferred,
                &item,
                "the table does not say the type; a text was taken",
            );
            cells::text_kind()
        }
        None => {
            remarks.add(
                raw.line,
                RemarkKind::Refused,
                &item,
                format!("the type `{}` is not known: write what it is", cell.trim()),
            );
            fix = Some(format!("{OPEN}: the document says {}.", cell.trim()));
            cells::text_kind()
        }
    };
    let mut row = Row::new(raw.line, "", name, kind);
    row.fix = fix;
    cells::finish(&mut row, raw, &item, remarks);
    row
}

fn push(rows: &mut Vec<Row>, row: Row, side: &str, remarks: &mut Remarks) {
    if let Some(known) = rows.iter().find(|known| known.name == row.name) {
        if known.kind != row.kind || known.required != row.required {
            remarks.add(
                row.line,
                RemarkKind::Contradicted,
                format!("{side} {}", row.name),
                format!(
                    "line {} describes it, too, and otherwise; the first counts",
                    known.line
                ),
            );
        }
        return;
    }
    rows.push(row);
}
