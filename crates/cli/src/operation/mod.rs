//! `tcloud SERVICE OPERATION`: calls any operation, known only by its table.
//!
//! The commands, their flags and their help are made from [`CATALOGS`] when the program starts; an
//! operation that is added to a spec needs no line here.

mod call;
mod flag;
mod help;
mod name;
mod output;
mod query;
mod request;
mod skeleton;
mod subject;
mod view;

use std::ffi::OsString;

use clap::ArgMatches;

pub(crate) use self::call::Call;
use self::name::{command_name, other_names};
use crate::catalogs::CATALOGS;
use crate::error::{Error, Outcome};

/// A command for each service. Only what `arguments` ask for is made whole, so that the program
/// starts in no time: the operations of a service that is named, and the flags, of which there may
/// be thousands, of an operation that is.
pub(crate) fn commands(arguments: &[OsString]) -> Vec<clap::Command> {
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let commands = CATALOGS.iter().map(|(catalog, documentation)| {
        let service = catalog.service;
        let command = clap::Command::new(service.name)
            .about(format!("Call an operation of {}", service.title))
            .subcommand_required(true)
            .arg_required_else_help(true);
        if !given(service.name) {
            return command;
        }
        let operations = catalog.operations.iter().map(|operation| {
            let mut names = other_names(operation);
            names.push(command_name(operation));
            if names.iter().any(|name| given(name)) {
                help::whole(operation, &flag::flags(operation, arguments), documentation)
            } else {
                help::brief(operation)
            }
        });
        subject::by_subject(command.subcommands(operations), catalog)
    });
    commands.collect()
}

impl<'a> Call<'a> {
    /// The operation that the subcommand `service` with `matches` asks for.
    pub(crate) fn find(
        service: &str,
        matches: &'a ArgMatches,
        arguments: &[OsString],
    ) -> Option<Self> {
        let (catalog, _) = CATALOGS
            .iter()
            .find(|(known, _)| known.service.name == service)?;
        let (name, matches) = matches.subcommand()?;
        let operation = catalog
            .operations
            .iter()
            .copied()
            .find(|operation| command_name(operation) == name)?;
        Some(Self {
            operation,
            flags: flag::flags(operation, arguments),
            matches,
        })
    }
}

/// Does what `call` asks for.
pub(crate) async fn run(call: Call<'_>) -> Result<Outcome, Error> {
    let name = call.operation.name;
    call::run(call).await.map_err(|error| match error {
        // The library's errors begin with the operation already.
        Error::Usage(text) if !text.starts_with(name) => Error::Usage(format!("{name}: {text}")),
        Error::Failed(text) if !text.starts_with(name) => Error::Failed(format!("{name}: {text}")),
        other => other,
    })?;
    Ok(Outcome::Done)
}
