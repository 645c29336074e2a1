//! New tables as YAML.

use std::fmt::Write as _;

use super::table::{Facts, Operation, Tables};
use crate::spec::{Counted, Events, PagingRule};

/// `service.yaml` of a service that is not described yet.
pub(super) fn service(tables: &Tables, rules: &[PagingRule]) -> String {
    let (name, version) = (&tables.service, &tables.version);
    let mut text = format!(
        "# yaml-language-server: $schema=../schema/service.schema.json\n\
         service: {}\n\
         title: {}\n\
         protocol: tc3\n\
         version: \"{version}\"\n\
         imported: true\n",
        scalar(name),
        scalar(&name.to_uppercase()),
    );
    if !rules.is_empty() {
        text.push_str("paging:\n");
    }
    for rule in rules {
        text.push_str("  - { input: ");
        text.push_str(&rule.input);
        if let Some(output) = &rule.output {
            text.push_str(", output: ");
            text.push_str(output);
        } else if rule.by == Counted::Items {
            text.push_str(", by: items");
        }
        if !rule.total.is_empty() {
            text.push_str(", total: [");
            text.push_str(&rule.total.join(", "));
            text.push(']');
        }
        text.push_str(" }\n");
    }
    text
}

/// The file of an operation, `depth` folders below that of the service.
pub(super) fn operation(name: &str, operation: &Operation, depth: usize) -> String {
    let mut text = format!(
        "# yaml-language-server: $schema={}schema/operation.schema.json\noperation: {name}\n",
        "../".repeat(depth + 1)
    );
    if let Some(status) = operation.status {
        line(&mut text, format_args!("status: {status}"));
    }
    if operation.unsigned {
        line(&mut text, format_args!("unsigned: true"));
    }
    if let Some(events) = &operation.events {
        line(&mut text, format_args!("events: {}", self::events(events)));
    }
    if operation.idempotent {
        line(&mut text, format_args!("idempotent: true"));
    }
    for (key, facts) in [
        ("request", &operation.request),
        ("response", &operation.response),
    ] {
        if !facts.is_empty() {
            text.push_str(&message(key, facts));
        }
    }
    text
}

/// The value of `events`.
pub(super) fn events(events: &Events) -> String {
    let keys = [("asked_by", &events.asked_by), ("error", &events.error)];
    let keys: Vec<_> = keys
        .into_iter()
        .filter_map(|(key, name)| Some(format!("{key}: {}", scalar(name.as_ref()?))))
        .collect();
    if keys.is_empty() {
        return "{}".to_owned();
    }
    format!("{{ {} }}", keys.join(", "))
}

/// A request or a response.
pub(super) fn message(key: &str, facts: &[Facts]) -> String {
    format!("{key}:\n  rows:\n{}", rows(facts, 4))
}

/// The head of a file of shared structures.
pub(super) const STRUCTURES: &str =
    "# yaml-language-server: $schema=../../schema/structures.schema.json\nstructures:\n";

/// The key under which an operation has structures of its own.
pub(super) const OWN_STRUCTURES: &str = "structures:\n";

/// A structure, as an item of the list under either key.
pub(super) fn structure(name: &str, facts: &[Facts]) -> String {
    let name = scalar(name);
    if facts.is_empty() {
        return format!("  - {{ name: {name}, rows: [] }}\n");
    }
    format!("  - name: {name}\n    rows:\n{}", rows(facts, 6))
}

fn rows(facts: &[Facts], indent: usize) -> String {
    facts.iter().map(|facts| row(facts, indent)).collect()
}

/// A row in a line of its own.
pub(super) fn row(facts: &Facts, indent: usize) -> String {
    let mut text = format!(
        "{}- {{ name: {}, type: {}",
        " ".repeat(indent),
        scalar(&facts.name),
        scalar(&facts.kind)
    );
    if facts.required {
        text.push_str(", required: true");
    }
    if facts.nullable {
        text.push_str(", nullable: true");
    }
    if facts.omittable {
        text.push_str(", omittable: true");
    }
    if facts.token {
        text.push_str(", idempotency_token: true");
    }
    if let Some(rename) = &facts.rename {
        text.push_str(", rename: ");
        text.push_str(&scalar(rename));
    }
    if facts.deprecated {
        text.push_str(", deprecated: true");
    }
    text.push_str(" }\n");
    text
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = writeln!(text, "{content}");
}

/// `text` as YAML reads it back: between quotes where it would be a number, a truth value or none.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 10] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan",
    ];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else {
        format!("\"{text}\"")
    }
}
