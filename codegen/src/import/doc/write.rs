//! Facts as the YAML of the spec.

use std::fmt::Write as _;

use super::facts::{Message, OPEN, Operation, Row, Sample, Structure};

/// The file of an operation, `depth` folders below that of the service. With `draft` rows get a
/// text made of their facts.
pub(super) fn operation(operation: &Operation, depth: usize, draft: bool) -> String {
    let mut text = format!(
        "# yaml-language-server: $schema={}schema/operation.schema.json\noperation: {}\n",
        "../".repeat(depth + 1),
        operation.name
    );
    head(&mut text, operation);
    for (key, message) in [
        ("request", &operation.request),
        ("response", &operation.response),
    ] {
        text.push_str(&self::message(key, message, draft));
    }
    if !operation.errors.is_empty() {
        line(&mut text, "errors:");
        for code in &operation.errors {
            line(&mut text, &format!("  - {}", scalar(code)));
        }
    }
    if !operation.samples.is_empty() {
        line(&mut text, "samples:");
        for (index, sample) in operation.samples.iter().enumerate() {
            self::sample(&mut text, sample, index);
        }
    }
    if !operation.structures.is_empty() {
        line(&mut text, "structures:");
        for structure in &operation.structures {
            text.push_str(&self::structure(structure, draft));
        }
    }
    text
}

/// The head of a file of structures.
pub(super) const STRUCTURES: &str =
    "# yaml-language-server: $schema=../../schema/structures.schema.json\nstructures:\n";

/// A structure, as an item of a list.
pub(super) fn structure(structure: &Structure, draft: bool) -> String {
    let mut text = String::new();
    line(&mut text, &format!("  - name: {}", scalar(&structure.name)));
    let doc = if draft {
        format!("{}.", sentence(&structure.name))
    } else {
        String::new()
    };
    line(&mut text, &format!("    doc: {}", quoted(&doc)));
    line(&mut text, "    rows:");
    for row in &structure.rows {
        text.push_str(&self::row(row, 6, draft));
    }
    text
}

/// The words of a name.
fn sentence(name: &str) -> String {
    let mut words = crate::names::snake(name).replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words.trim().to_owned()
}

fn head(text: &mut String, operation: &Operation) {
    if !operation.tc3 {
        line(text, &format!("summary: {OPEN}"));
        line(text, "document:");
        let address = operation.address.as_deref().unwrap_or(OPEN);
        line(text, &format!("  url: {}", scalar(address)));
        if let Some(date) = &operation.updated {
            line(text, &format!("  updated: {date}"));
        }
        if let Some(permission) = &operation.permission {
            line(text, &format!("permission: {permission}"));
        }
        line(
            text,
            &format!("http: {} {}", operation.method, operation.path),
        );
        line(text, &format!("host: {}", scalar(&operation.host)));
    } else if let Some(address) = &operation.address {
        line(text, "document:");
        line(text, &format!("  url: {}", scalar(address)));
        if let Some(date) = &operation.updated {
            line(text, &format!("  updated: {date}"));
        }
    }
    if operation.idempotent {
        line(text, "idempotent: true");
    }
    if let Some(header) = &operation.idempotent_unless {
        line(text, &format!("idempotent_unless: {header}"));
    }
    if operation.quiet {
        line(text, "quiet: true");
    }
}

/// `service.yaml` of a service that has none.
pub(super) fn service(operation: &Operation) -> String {
    let name = &operation.service;
    let mut text = "# yaml-language-server: $schema=../schema/service.schema.json\n".to_owned();
    line(&mut text, &format!("service: {}", scalar(name)));
    line(
        &mut text,
        &format!("title: {}", scalar(&name.to_uppercase())),
    );
    if operation.tc3 {
        line(&mut text, "protocol: tc3");
        let version = operation.version.as_deref().unwrap_or(OPEN);
        line(&mut text, &format!("version: \"{version}\""));
        return text;
    }
    line(&mut text, &format!("doc: {OPEN}"));
    let protocol = if name == "ci" || operation.host.contains("ci.") {
        "ci"
    } else {
        "cos"
    };
    line(&mut text, &format!("protocol: {protocol}"));
    line(&mut text, &format!("document: {OPEN}"));
    line(&mut text, "host_labels:");
    line(
        &mut text,
        "  - { name: bucket, type: String, required: true, doc: \"Full name of the bucket with the APPID \
         at its end, such as `examplebucket-1250000000`.\" }",
    );
    if operation.host.contains("{appid}") {
        line(
            &mut text,
            "  - { name: appid, type: String, required: true, doc: \"APPID of the account, such as \
             `1250000000`: the number at the end of a bucket's full name.\" }",
        );
    }
    text
}

/// A request or a response; nothing if it has nothing to say.
pub(super) fn message(key: &str, message: &Message, draft: bool) -> String {
    let mut text = String::new();
    for (list, rows) in message.lists() {
        if rows.is_empty() {
            continue;
        }
        if list == "rows" && !message.root.is_empty() {
            line(&mut text, &format!("  root: {}", scalar(&message.root)));
        }
        line(&mut text, &format!("  {list}:"));
        for row in rows {
            text.push_str(&self::row(row, 4, draft));
        }
    }
    if message.raw {
        line(&mut text, "  body: raw");
    }
    if text.is_empty() {
        return text;
    }
    format!("{key}:\n{text}")
}

/// A row in a line of its own.
pub(super) fn row(row: &Row, indent: usize, draft: bool) -> String {
    let mut text = format!("{}- {{ name: {}", " ".repeat(indent), scalar(&row.name));
    let mut key = |name: &str, value: &str| {
        let _ = write!(text, ", {name}: {value}");
    };
    if !row.parent.is_empty() {
        key("parent", &scalar(&row.parent));
    }
    key("type", &scalar(&row.kind.text()));
    if let Some(really) = row.kind.really {
        key("as", really);
    }
    for (name, set) in [
        ("required", row.required),
        ("nullable", row.nullable),
        ("attribute", row.attribute),
        ("deprecated", row.deprecated),
    ] {
        if set {
            key(name, "true");
        }
    }
    if let Some(fixed) = &row.fixed {
        key("fixed", &quoted_unless_plain(fixed));
    }
    if !row.values.is_empty() {
        let words: Vec<String> = row
            .values
            .iter()
            .map(|word| quoted_unless_plain(word))
            .collect();
        key("values", &format!("[{}]", words.join(", ")));
    }
    if let Some(default) = &row.default {
        key("default", &quoted_unless_plain(default));
    }
    if let Some(range) = row.range {
        let ends = range.map(|end| end.map_or("null".to_owned(), |end| end.to_string()));
        key("range", &format!("[{}]", ends.join(", ")));
    }
    if let Some(length) = row.max_length {
        key("max_length", &length.to_string());
    }
    if let Some(fix) = &row.fix {
        key("fix", &quoted(fix));
    }
    let doc = if draft { draft_of(row) } else { String::new() };
    key("doc", &quoted(&doc));
    text.push_str(" }\n");
    text
}

/// A neutral sentence made of a row's facts.
fn draft_of(row: &Row) -> String {
    let what = match row.kind.really.unwrap_or(row.kind.word.as_str()) {
        "Container" => "a container",
        "Int" | "Float" => "a number",
        "Boolean" => "`true` or `false`",
        "Timestamp" => "a time",
        "Map" => "names and texts",
        "String" => "a text",
        _ => "a structure",
    };
    let list = if row.kind.list {
        ", any number of them"
    } else {
        ""
    };
    let mut text = format!("{}: {what}{list}.", sentence(&row.name));
    if let Some(fixed) = &row.fixed {
        let _ = write!(text, " Always `{fixed}`.");
    }
    if !row.values.is_empty() {
        let _ = write!(text, " One of `{}`.", row.values.join("`, `"));
    }
    if let Some([low, high]) = row.range {
        let _ = match (low, high) {
            (Some(low), Some(high)) => write!(text, " From {low} to {high}."),
            (Some(low), None) => write!(text, " At least {low}."),
            (None, Some(high)) => write!(text, " At most {high}."),
            (None, None) => Ok(()),
        };
    }
    if let Some(length) = row.max_length {
        let _ = write!(text, " At most {length} characters.");
    }
    if let Some(default) = &row.default {
        let _ = write!(text, " Without it: `{default}`.");
    }
    text
}

/// A sample, as an item of the list.
pub(super) fn sample(text: &mut String, sample: &Sample, index: usize) {
    let mended = if sample.mended {
        " (closing tag mended)"
    } else {
        ""
    };
    line(text, &format!("  - name: sample {}{mended}", index + 1));
    for (key, body) in [("request", &sample.request), ("response", &sample.response)] {
        let Some(body) = body else { continue };
        let first_is_indented = body.starts_with([' ', '\t', '\n']);
        let mark = if first_is_indented { "|2" } else { "|" };
        line(text, &format!("    {key}: {mark}"));
        for body_line in body.lines() {
            let body_line = body_line.trim_end();
            if body_line.is_empty() {
                text.push('\n');
            } else {
                line(text, &format!("      {}", printable(body_line)));
            }
        }
    }
    if !sample.drift.is_empty() {
        line(text, "    drift:");
        for (path, reason) in &sample.drift {
            line(text, &format!("      {}: {}", scalar(path), quoted(reason)));
        }
    }
}

/// A line without the characters that YAML forbids.
fn printable(line: &str) -> String {
    line.chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .collect()
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

/// `text` as YAML reads it back, in a flow or a block.
pub(super) fn scalar(text: &str) -> String {
    const WORDS: [&str; 12] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "~", ".inf",
    ];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./ :?=&".contains(c))
        && !text.contains(": ")
        && !text.ends_with([' ', ':']);
    if plain { text.to_owned() } else { quoted(text) }
}

/// A word, between quotes where it would be a number or a truth value.
fn quoted_unless_plain(text: &str) -> String {
    if text.contains(['?', '&', '=', ':']) {
        quoted(text)
    } else {
        scalar(text)
    }
}

fn quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                result.push('\\');
                result.push(c);
            }
            c if c.is_control() => result.push(' '),
            c => result.push(c),
        }
    }
    result.push('"');
    result
}
