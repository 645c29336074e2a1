//! The command of an operation, with all that its tables say.

use clap::{Arg, ArgAction, Args, Command};
use tcloud_core::documentation::StructureDocumentation;
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::schema::{Flags, Kind, Place};

use super::call::CallArgs;
use super::flag::{Flag, NodeValue, path_text};
use super::name::{command_name, dashed, other_names};
use crate::args::ConnectionArgs;
use crate::bucket;

/// The command of `operation` as a list of commands needs it: the name, and what it does.
pub(super) fn brief(operation: &'static Operation) -> Command {
    Command::new(command_name(operation))
        .aliases(other_names(operation))
        .about(operation.summary.trim_end_matches('.'))
}

/// The command of `operation` with its flags.
pub(super) fn whole(
    operation: &'static Operation,
    flags: &[Flag],
    documentation: &'static [StructureDocumentation],
) -> Command {
    let nodes = flags.iter().map(|flag| argument(flag, documentation));
    let command = Command::new(command_name(operation))
        .aliases(other_names(operation))
        .args(nodes);
    let command = ConnectionArgs::augment_args(CallArgs::augment_args(command));
    // Last: what is augmented brings its own description along.
    command
        .about(operation.summary.trim_end_matches('.'))
        .long_about(long_about(operation))
}

fn long_about(operation: &Operation) -> String {
    let mut text = format!(
        "{}\n\n{} {} at {}\n",
        operation.summary,
        operation.method,
        target(operation),
        operation.host
    );
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(name);
            text.push_str(value);
            text.push('\n');
        }
    };
    let aliases: Vec<_> = operation.aliases.iter().map(|it| dashed(it)).collect();
    line("Also called: ", &aliases.join(", "));
    line("Permission: ", operation.permission);
    line("Document: ", operation.document);
    line("Errors: ", &operation.errors.join(", "));
    if operation.request_body == BodyFormat::Raw {
        line("", "The body is the content itself: --body FILE.");
    }
    if operation.response_body == BodyFormat::Raw {
        line(
            "",
            "The answer is the content itself: --to FILE, or the standard output.",
        );
    }
    text.trim_end().to_owned()
}

/// The path with the part of the query that selects the operation.
fn target(operation: &Operation) -> String {
    let query: Vec<String> = operation
        .query
        .iter()
        .map(|(name, value)| {
            if value.is_empty() {
                (*name).to_owned()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    if query.is_empty() {
        operation.path.to_owned()
    } else {
        format!("{}?{}", operation.path, query.join("&"))
    }
}

fn argument(flag: &Flag, documentation: &[StructureDocumentation]) -> Arg {
    let repeats = flag.field.is_list() || matches!(flag.field.kind, Kind::Map);
    let argument = Arg::new(flag.id());
    let argument = if flag.is_bucket() {
        argument.env(bucket::VARIABLE).hide_env_values(true)
    } else {
        argument
    };
    argument
        .long(flag.name.clone())
        .value_name(value_name(flag))
        .value_parser(NodeValue(flag.field))
        .hide_possible_values(true)
        .allow_negative_numbers(matches!(flag.field.kind, Kind::Integer | Kind::Float))
        .action(if repeats {
            ArgAction::Append
        } else {
            ArgAction::Set
        })
        .help_heading(heading(flag))
        .help(help(flag, documentation, repeats))
        .hide(flag.is_further_item())
        .hide_short_help(flag.path.len() > 1)
}

/// The container of the node, or the part of the message it is sent in.
fn heading(flag: &Flag) -> String {
    match flag.path.split_last() {
        Some((_, above)) if !above.is_empty() => path_text(above),
        _ => "Request".to_owned(),
    }
}

fn value_name(flag: &Flag) -> String {
    match flag.field.kind {
        Kind::Integer => "INTEGER".to_owned(),
        Kind::Float => "NUMBER".to_owned(),
        Kind::Boolean => "true|false".to_owned(),
        Kind::Timestamp => "TIME".to_owned(),
        Kind::Fixed(word) => word.to_owned(),
        Kind::Structure(_) | Kind::Any => "JSON".to_owned(),
        Kind::Map => "NAME=VALUE".to_owned(),
        Kind::Enumeration(words) => words.join("|"),
        _ => "TEXT".to_owned(),
    }
}

/// The row of the table: what must be said first, then the description, which gives values, range,
/// length and default.
fn help(flag: &Flag, documentation: &[StructureDocumentation], repeats: bool) -> String {
    let field = flag.field;
    let mut marks: Vec<String> = Vec::new();
    if let Kind::Fixed(word) = field.kind {
        marks.push(format!("always {word}: sent by itself"));
    } else if field.is_computed() {
        marks.push("computed from the body unless given".to_owned());
    } else if field.is_required() {
        marks.push(if flag.path.len() > 1 {
            format!("required in {}", heading(flag))
        } else {
            "required".to_owned()
        });
    }
    if repeats {
        marks.push("repeat the flag for more".to_owned());
    }
    match field.place {
        Place::Header if matches!(field.kind, Kind::Map) => {
            marks.push(format!("headers {}NAME", field.name));
        }
        Place::Header => marks.push(format!("header {}", field.name)),
        Place::Query => marks.push(format!("query {}", field.name)),
        _ => {}
    }
    if field.flags.contains(Flags::DEPRECATED) {
        marks.push("deprecated".to_owned());
    }
    let description = documentation
        .iter()
        .find(|entry| entry.structure == flag.parent)
        .and_then(|entry| entry.fields.get(flag.position))
        .copied()
        .unwrap_or_default();
    if marks.is_empty() {
        description.to_owned()
    } else {
        format!("[{}] {description}", marks.join("; "))
    }
}
