//! The `tcloud` command: copies files and objects, inspects and processes pictures, calls any
//! operation of the services' tables, and serves the local cloud.

mod args;
mod bucket;
mod catalogs;
mod command;
mod configure;
mod connection;
mod console;
mod demo;
mod duration;
mod error;
mod files;
mod hosts;
mod inputs;
mod inspect;
mod interrupt;
mod local;
mod location;
mod log;
#[cfg(feature = "manual")]
mod manual;
mod operation;
mod presigned;
#[cfg(feature = "pictures")]
mod process;
mod report;
mod save;
mod signals;
mod stage;
#[cfg_attr(not(feature = "storage"), path = "storage/absent.rs")]
mod storage;
mod table;
mod web;
mod whoami;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use crate::command::{Cli, Command};
use crate::error::{Error, Outcome};
use crate::signals::{Signal, Signals};

/// How many subcommands are proposed for a mistyped one.
const SUGGESTIONS: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // A shell that asks for completions is answered, and that is all.
    CompleteEnv::with_factory(|| command(&arguments)).complete();
    let matches = match command(&arguments).try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => nearest_first(error).exit(),
    };
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
            Some(signal) = ended(matches.subcommand_name()) => Err(Error::Ended(signal)),
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

/// The signal that ends `command`, unless it ends by itself.
async fn ended(command: Option<&str>) -> Option<Signal> {
    let mut signals = Signals::new().ok()?;
    match command {
        // It ends its cloud in order itself.
        Some("local") => return None,
        // The first lets them clear up and show what they have.
        Some("inspect" | "process") => {
            signals.next().await;
        }
        Some(name) if storage::ends_in_order(name) => {
            signals.next().await;
        }
        _ => {}
    }
    Some(signals.next().await)
}

/// Names the subcommand first that is most like the mistyped one; clap names it last.
fn nearest_first(mut error: clap::Error) -> clap::Error {
    let kind = ContextKind::SuggestedSubcommand;
    if let Some(ContextValue::Strings(words)) = error.get(kind) {
        let nearest: Vec<_> = words.iter().rev().take(SUGGESTIONS).cloned().collect();
        error.insert(kind, ContextValue::Strings(nearest));
    }
    error
}

/// The whole command line: what is known at build time, and the operations of the tables.
fn command(arguments: &[OsString]) -> clap::Command {
    Cli::command()
        .subcommands(storage::commands(arguments))
        .subcommands(operation::commands(arguments))
}

async fn run(arguments: &[OsString], matches: &ArgMatches) -> Result<Outcome, Error> {
    if let Some((service, matches)) = matches.subcommand()
        && let Some(call) = operation::Call::find(service, matches, arguments)
    {
        return operation::run(call).await;
    }
    if let Some((name, matches)) = matches.subcommand()
        && let Some(outcome) = storage::run(name, matches).await
    {
        return outcome;
    }
    let cli = Cli::from_arg_matches(matches).map_err(|error| Error::Usage(error.to_string()))?;
    match cli.command {
        Command::Inspect(args) => inspect::run(args).await,
        #[cfg(feature = "pictures")]
        Command::Process(args) => process::run(args).await,
        #[cfg(not(feature = "pictures"))]
        Command::Process { .. } => Err(Error::Failed(
            "process: this tcloud was built without pictures; build it with its default features"
                .to_owned(),
        )),
        Command::DemoImage(args) => demo::run(&args),
        Command::Local(args) => local::run(*args).await,
        Command::Configure(args) => configure::run(args).await,
        Command::Whoami(args) => whoami::run(args).await,
        Command::Completions { shell } => completions(shell),
        #[cfg(feature = "manual")]
        Command::Manual(args) => manual::run(&args, command),
        #[cfg(not(feature = "manual"))]
        Command::Manual { .. } => Err(Error::Failed(
            "manual: this tcloud was built without manual pages; build it with its default features"
                .to_owned(),
        )),
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
