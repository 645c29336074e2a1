//! A newer edition of a document into the tables of an operation that exists.

use super::facts::{Message, Operation, Row};
use super::write;
use crate::error::Error;
use crate::import::edit::top_line;
use crate::import::merge::{Merge, Wanted};
use crate::import::report::Change;
use crate::spec::{self, OperationFile};
use crate::words::Type;

/// Brings the file `path` in line with a document; with `draft` new rows get a text made of their facts.
pub(super) fn merge(
    merge: &mut Merge<'_>,
    path: &str,
    file: &OperationFile,
    new: &Operation,
    draft: bool,
) -> Result<(), Error> {
    let name = file.operation.value.as_str();
    for (key, own, other) in [
        ("request", &file.request, &new.request),
        ("response", &file.response, &new.response),
    ] {
        message(merge, path, [name, key], own, other, draft)?;
    }
    dated(merge, path, name, file, new);
    for code in new.errors.iter().filter(|code| !file.errors.contains(code)) {
        merge.report.add(Change::Noted {
            item: format!("{name} errors"),
            text: format!("the document lists `{code}`, the file does not"),
        });
    }
    Ok(())
}

fn dated(merge: &mut Merge<'_>, path: &str, name: &str, file: &OperationFile, new: &Operation) {
    let Some(date) = &new.updated else { return };
    let present = file.document.updated.as_str();
    if present.is_empty() || present >= date.as_str() {
        return;
    }
    let text = merge.text(path);
    let line = format!("updated: {present}");
    let quoted = format!("updated: \"{present}\"");
    let found = [line, quoted]
        .into_iter()
        .find_map(|line| Some((text.find(&line)?, line.len())));
    if let Some((at, len)) = found {
        merge
            .edits(path)
            .replace(at..at + len, format!("updated: {date}"));
        merge.changed(name, format!("the document is now of {date}"));
    }
}

fn message(
    merge: &mut Merge<'_>,
    path: &str,
    [operation, key]: [&str; 2],
    own: &spec::Message,
    new: &Message,
    draft: bool,
) -> Result<(), Error> {
    let lists = [
        ("path", &own.path, &new.path),
        ("query", &own.query, &new.query),
        ("headers", &own.headers, &new.headers),
        ("rows", &own.rows, &new.rows),
    ];
    let empty = lists.iter().all(|(_, own, _)| own.is_empty());
    if empty && own.body.is_none() {
        let text = write::message(key, new, draft);
        if !text.is_empty() {
            let place = match top_line(merge.text(path), "response") {
                Some(response) if key == "request" => response.start,
                _ => end_of_tables(merge.text(path)),
            };
            merge.edits(path).insert(place, text);
            merge
                .report
                .add(Change::Added(format!("{operation} {key}")));
        }
        return Ok(());
    }
    for (_, own, new) in lists {
        for row in new {
            let file = own.iter().map(|own| &own.value);
            let file = file.filter(|file| file.fix.is_none());
            if let Some(file) = file.into_iter().find(|file| is_same(file, row)) {
                values(
                    merge,
                    &format!("{operation} {key} {}", row.path()),
                    file,
                    row,
                );
            }
        }
    }
    for (list, own, new) in lists {
        let new: Vec<&Row> = new.iter().filter(|row| !is_elsewhere(own, row)).collect();
        let item = format!("{operation} {key}");
        if own.is_empty() {
            let rows: String = new.iter().map(|row| write::row(row, 4, draft)).collect();
            if rows.is_empty() {
                continue;
            }
            let head = top_line(merge.text(path), key).filter(|line| {
                merge
                    .text(path)
                    .get(line.clone())
                    .is_some_and(|line| line.trim_end() == format!("{key}:"))
            });
            let Some(head) = head else {
                return Err(Error::new(
                    path,
                    format!("`{item}` cannot be merged: write `{key}:` in a line of its own"),
                ));
            };
            merge
                .edits(path)
                .insert(head.end, format!("  {list}:\n{rows}"));
            merge.report.add(Change::Added(format!("{item} {list}")));
            continue;
        }
        let wanted: Vec<Wanted> = new.iter().map(|row| self::wanted(own, row)).collect();
        let write = |index: usize, indent| {
            new.get(index)
                .map_or_else(String::new, |row| write::row(row, indent, draft))
        };
        merge.rows(path, &item, own, &wanted, &write, None)?;
    }
    Ok(())
}

/// Where the tables of a file end: before the errors, the samples and what else follows.
fn end_of_tables(text: &str) -> usize {
    ["paging", "waiter", "job", "errors", "structures", "samples"]
        .iter()
        .filter_map(|key| top_line(text, key))
        .map(|line| line.start)
        .min()
        .unwrap_or(text.len())
}

/// Whether the file has the container of a row as a structure, whose rows are in another table.
fn is_elsewhere(own: &[serde_saphyr::Spanned<spec::Row>], row: &Row) -> bool {
    own.iter().map(|own| &own.value).any(|container| {
        let path = crate::rows::join(&container.parent, &container.name);
        let within = row
            .parent
            .strip_prefix(path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        within && !matches!(container.kind.read().0, Type::Container)
    })
}

fn is_same(own: &spec::Row, row: &Row) -> bool {
    own.name == row.name && own.parent == row.parent
}

/// Reports what the document says of the values of a row and the file does not. A person may know
/// better, and what the document does not say a person has found out: nothing is written.
fn values(merge: &mut Merge<'_>, item: &str, own: &spec::Row, new: &Row) {
    let mut note = |what: &str, document: String, file: Option<String>| {
        let file = file.map_or("none".to_owned(), |file| format!("`{file}`"));
        merge.report.add(Change::Noted {
            item: item.to_owned(),
            text: format!("the document has the {what} `{document}`, the file {file}"),
        });
    };
    if let Some(default) = &new.default
        && own.default.as_ref() != Some(default)
    {
        note("default", default.clone(), own.default.clone());
    }
    if let Some(range) = new.range
        && own.range != Some(range)
    {
        note("range", interval(range), own.range.map(interval));
    }
    if let Some(length) = new.max_length
        && own.max_length != Some(length)
    {
        let file = own.max_length.map(|length| length.to_string());
        note("greatest length", length.to_string(), file);
    }
    let known = own
        .values
        .as_ref()
        .map_or_else(Vec::new, spec::Values::words);
    let fresh: Vec<&String> = new
        .values
        .iter()
        .filter(|word| !known.contains(&word.as_str()))
        .collect();
    if !fresh.is_empty() && new.fixed.is_none() && own.fixed.is_none() {
        let words: Vec<&str> = fresh.iter().map(|word| word.as_str()).collect();
        let file = (!known.is_empty()).then(|| known.join(", "));
        note("words", words.join(", "), file);
    }
    let gone: Vec<&str> = known
        .iter()
        .copied()
        .filter(|word| !new.values.iter().any(|new| new == word))
        .collect();
    if !gone.is_empty() && !new.values.is_empty() {
        merge.report.add(Change::Noted {
            item: item.to_owned(),
            text: format!(
                "the document does not have the words `{}` of the file",
                gone.join(", ")
            ),
        });
    }
}

/// `1 to 5`; an end that is open has no number.
fn interval([low, high]: [Option<i64>; 2]) -> String {
    let end = |end: Option<i64>| end.map_or_else(|| "open".to_owned(), |end| end.to_string());
    format!("{} to {}", end(low), end(high))
}

fn wanted(own: &[serde_saphyr::Spanned<spec::Row>], row: &Row) -> Wanted {
    let file = own
        .iter()
        .map(|own| &own.value)
        .find(|own| is_same(own, row));
    Wanted {
        name: row.name.clone(),
        parent: row.parent.clone(),
        kind: row.kind.text(),
        required: row.required,
        // A document says so in words: that a person has not said it is no change.
        deprecated: row.deprecated,
        nullable: file.map_or(row.nullable, |file| file.nullable || row.nullable),
        omittable: file.is_some_and(|file| file.omittable),
        token: false,
        mended: row.fix.is_some(),
    }
}
