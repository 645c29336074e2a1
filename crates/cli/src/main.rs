//! The `tcloud` command: inspects and processes pictures, calls any operation of the services'
//! tables, and serves the local cloud.

mod args;
mod connection;
mod console;
mod demo;
mod error;
mod files;
mod inspect;
mod local;
mod log;
mod operation;
mod process;
mod report;
mod signals;
mod stage;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use crate::args::{Cli, Command};
use crate::error::{Error, Outcome};
use crate::signals::{Signal, Signals};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // A shell that asks for completions is answered, and that is all.
    CompleteEnv::with_factory(|| command(&arguments)).complete();
    let matches = command(&arguments).get_matches_from(&arguments);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            console::note(&format!("cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let end = runtime.block_on(async {
        tokio::select! {
            end = run(&arguments, &matches) => end,
            // `local` ends its cloud in order itself.
            Some(signal) = signal(), if matches.subcommand_name() != Some("local") => {
                Err(Error::Ended(signal))
            }
        }
    });
    // Reading from a terminal cannot be interrupted; it must not hold the end back.
    runtime.shutdown_background();
    match end {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            if !matches!(error, Error::ReaderGone) {
                console::note(&error.to_string());
            }
            error.code()
        }
    }
}

/// The first signal that asks the process to end.
async fn signal() -> Option<Signal> {
    Some(Signals::new().ok()?.next().await)
}

/// The whole command line: what is known at build time, and the operations of the tables.
fn command(arguments: &[OsString]) -> clap::Command {
    Cli::command().subcommands(operation::commands(arguments))
}

async fn run(arguments: &[OsString], matches: &ArgMatches) -> Result<Outcome, Error> {
    if let Some((service, matches)) = matches.subcommand()
        && let Some(call) = operation::Call::find(service, matches, arguments)
    {
        return operation::run(call).await;
    }
    let cli = Cli::from_arg_matches(matches).map_err(|error| Error::Usage(error.to_string()))?;
    match cli.command {
        Command::Inspect(args) => inspect::run(args).await,
        Command::Process(args) => process::run(args).await,
        Command::DemoImage(args) => demo::run(&args),
        Command::Local(args) => local::run(args).await,
        Command::Completions { shell } => completions(shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Outcome, Error> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string());
    // The script asks this program, which knows what the tables say; a script that held all
    // operations and their flags would be megabytes, read at the start of every shell.
    completer
        .ok_or_else(|| Error::Usage(format!("no completions for {shell}")))?
        .write_registration("COMPLETE", "tcloud", "tcloud", "tcloud", &mut script)
        .map_err(|error| Error::Usage(error.to_string()))?;
    console::print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
