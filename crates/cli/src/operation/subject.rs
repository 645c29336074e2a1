//! The operations of a service by what they are about, so that one of two hundred can be found.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Command;
use tcloud_core::operation::Catalog;

use super::command_name;

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
            let _ = writeln!(text, "  {name:width$}  {about}");
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

/// A subject as a heading.
fn heading(subject: &str) -> String {
    let mut chars = subject.chars();
    match chars.next() {
        Some(first) => format!("{}{}", first.to_uppercase(), chars.as_str()),
        None => "Operations".to_owned(),
    }
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
        for operation in tcloud_ci::CATALOG.operations {
            assert!(text.contains(operation.summary.trim_end_matches('.')));
        }
    }
}
