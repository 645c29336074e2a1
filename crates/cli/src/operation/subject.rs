//! The operations of a service by what they are about, so that one of two hundred can be found.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Command;
use tcloud_core::operation::Catalog;

use super::name::command_name;

/// What clap shows, with a list of our own in place of its commands.
const TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}
{after-help}
Options:
{options}";

/// `command`, the command of a service, with its operations by subject in its help. A service
/// without subjects stays as it is.
pub(super) fn by_subject(command: Command, catalog: &Catalog) -> Command {
    if catalog.operations.iter().all(|it| it.subject.is_empty()) {
        return command;
    }
    command.help_template(TEMPLATE).after_help(list(catalog))
}

/// The operations, those without a subject first.
fn list(catalog: &Catalog) -> String {
    let mut subjects: BTreeMap<&str, Vec<(String, &str)>> = BTreeMap::new();
    for operation in catalog.operations {
        let about = operation.summary.trim_end_matches('.');
        let entries = subjects.entry(operation.subject).or_default();
        entries.push((command_name(operation), about));
    }
    let mut text = String::new();
    for (subject, entries) in subjects {
        let width = entries
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or_default();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}:", heading(subject));
        for (name, about) in entries {
            let indent = width + 4;
            let mut lines = wrapped(about, LINE.saturating_sub(indent)).into_iter();
            let first = lines.next().unwrap_or_default();
            let _ = writeln!(text, "  {name:width$}  {first}");
            for line in lines {
                let _ = writeln!(text, "{:indent$}{line}", "");
            }
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

/// Most characters of a line. clap wraps what is longer, and knows nothing of columns.
const LINE: usize = 98;

/// `text` in lines of at most `width` characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A subject as a heading.
fn heading(subject: &str) -> String {
    if subject.is_empty() {
        return "Operations".to_owned();
    }
    let words = subject.split(' ').enumerate().map(|(index, word)| {
        let mut chars = word.chars();
        match (word, index, chars.next()) {
            ("ai", ..) => "AI".to_owned(),
            (_, 0, Some(first)) => format!("{}{}", first.to_uppercase(), chars.as_str()),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn operations_stand_below_their_subject() {
        let text = list(&tcloud_ci::CATALOG);
        let bucket = text.find("Bucket:").unwrap();
        let bind = text.find("  bind-bucket").unwrap();
        let job = text.find("\nJob:").unwrap();
        assert!(bucket < bind && bind < job, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100));
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for operation in tcloud_ci::CATALOG.operations {
            assert!(plain.contains(operation.summary.trim_end_matches('.')));
        }
    }
}
