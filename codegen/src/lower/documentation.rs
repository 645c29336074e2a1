//! Documentation: what a row says, in the same words everywhere.

use tcloud_core::schema::Place;

use crate::model::{Kind, Limits};
use crate::spec::{self, Row, Status, Values};
use crate::text::{markdown, sentence};
use crate::words::Type;

/// The documentation of a field: its description, then its facts in one line.
pub(super) fn field(
    row: &Row,
    place: Place,
    required: bool,
    kind: &Kind,
    limits: &Limits,
) -> String {
    let mut text = markdown(&sentence(&row.doc));
    if let (Some(values), false) = (&row.values, matches!(kind, Kind::Enumeration(_))) {
        text.push_str("\n\nValues: ");
        text.push_str(&list(values, "`"));
        text.push('.');
    }
    text.push_str("\n\n");
    text.push_str(&facts(row, place, required, limits, "`"));
    text
}

/// The same for a terminal.
pub(super) fn field_help(row: &Row, limits: &Limits) -> String {
    let mut text = sentence(&row.doc);
    if let Some(values) = &row.values {
        append(&mut text, &format!("One of {}.", list(values, "")));
    }
    let facts = bounds(limits, "");
    if !facts.is_empty() {
        append(&mut text, &capitalized(&format!("{}.", facts.join("; "))));
    }
    text
}

/// The documentation of an operation.
pub(super) fn operation(file: &spec::OperationFile) -> String {
    let mut parts = vec![markdown(&sentence(&file.summary)), markdown(&file.doc)];
    parts.push(format!("`{}` at `{}`.", file.http.value, file.host));
    if let Some(status) = file.status {
        parts.push(match status {
            Status::Deprecated => "**Deprecated** by the service.".to_owned(),
            Status::Offline => "**Gone**: the service answers it no longer.".to_owned(),
        });
    }
    if file.unsigned {
        parts.push("Called without a signature.".to_owned());
    }
    if file.quiet {
        parts.push(
            "The service does the work before it answers: the `attempt` clock of `Timeouts` does \
             not run."
                .to_owned(),
        );
    }
    if let Some(events) = &file.events {
        let what = match &events.asked_by {
            _ if events.messages => "messages".to_owned(),
            Some(parameter) => format!("events by `{parameter}`, which `listen` sets"),
            None => "events if the service has anything to stream".to_owned(),
        };
        parts.push(format!(
            "Answers with a stream of {what}: call `listen` in place of `send`."
        ));
    }
    if !file.permission.is_empty() {
        parts.push(format!("Permission: `{}`.", file.permission));
    }
    let document = &file.document;
    if !document.url.is_empty() {
        let updated = match document.updated.as_str() {
            "" => String::new(),
            day => format!(", of {day}"),
        };
        parts.push(format!(
            "[Document of the service]({}){updated}.",
            document.url
        ));
    }
    if !document.note.is_empty() {
        parts.push(markdown(&sentence(&document.note)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn facts(row: &Row, place: Place, required: bool, limits: &Limits, quote: &str) -> String {
    let what = match place {
        Place::Host => "Host label",
        Place::Path => "Path segment",
        Place::Query => "Query parameter",
        Place::Header if row.kind.read().0 == Type::Map => "Headers that start with",
        Place::Header => "Header",
        _ if row.attribute => "Attribute",
        _ if row.content => "Text of the element, here called",
        _ => "Node",
    };
    let mut facts = vec![format!("{what} `{}`", row.name)];
    if required {
        facts.push("required".to_owned());
    }
    facts.extend(bounds(limits, quote));
    if row.computed.is_some() {
        facts.push("computed from the body unless set".to_owned());
    }
    if row.idempotency_token {
        facts.push("set by the call unless set, so that it can be tried again".to_owned());
    }
    if row.sensitive {
        facts.push("secret, never shown".to_owned());
    }
    if row.deprecated {
        facts.push("deprecated by the service".to_owned());
    }
    format!("{}.", facts.join("; "))
}

fn bounds(limits: &Limits, quote: &str) -> Vec<String> {
    let mut bounds = Vec::new();
    match (limits.minimum, limits.maximum) {
        (Some(minimum), Some(maximum)) => bounds.push(format!("from {minimum} to {maximum}")),
        (Some(minimum), None) => bounds.push(format!("at least {minimum}")),
        (None, Some(maximum)) => bounds.push(format!("at most {maximum}")),
        (None, None) => {}
    }
    if let Some(length) = limits.max_length {
        bounds.push(format!("at most {length} characters"));
    }
    match limits.unset.as_deref() {
        None => {}
        Some("") => bounds.push("empty for no value".to_owned()),
        Some(unset) => bounds.push(format!("{quote}{unset}{quote} for no value")),
    }
    match limits.default.as_deref() {
        None => {}
        Some("") => bounds.push("empty by default".to_owned()),
        Some(default) => bounds.push(format!("default {quote}{default}{quote}")),
    }
    bounds
}

fn list(values: &Values, quote: &str) -> String {
    let one = |word: &str| format!("{quote}{word}{quote}");
    match values {
        Values::Plain(words) => words
            .iter()
            .map(|word| one(word))
            .collect::<Vec<_>>()
            .join(", "),
        Values::Described(words) => words
            .iter()
            .map(|(word, doc)| match doc.trim().trim_end_matches('.') {
                "" => one(word),
                doc => format!("{} ({doc})", one(word)),
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn append(text: &mut String, sentence: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(sentence);
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_stand_in_one_line() {
        let row = Row {
            name: "JobLevel".to_owned(),
            doc: "Urgency".to_owned(),
            sensitive: true,
            ..Row::default()
        };
        let limits = Limits {
            minimum: Some(0),
            maximum: Some(2),
            max_length: Some(8),
            unset: Some("-1".to_owned()),
            default: Some("0".to_owned()),
        };
        assert_eq!(
            field(&row, Place::Body, true, &Kind::Text, &limits),
            "Urgency.\n\nNode `JobLevel`; required; from 0 to 2; at most 8 characters; \
             `-1` for no value; default `0`; secret, never shown."
        );
        assert_eq!(
            field_help(&row, &limits),
            "Urgency. From 0 to 2; at most 8 characters; -1 for no value; default 0."
        );
    }
}
