//! Tasks of the workspace: `cargo xtask <task>`.

mod arguments;
mod budget;
mod command;
mod conformance;
mod coverage;
mod crash;
mod diff;
mod dist;
#[cfg(test)]
mod documents;
mod files;
mod import;
mod lint;
mod long;
mod metadata;
mod new;
mod peers;
mod print;
mod regenerate;
mod release;
mod stamps;
#[cfg(test)]
mod workflows;

use std::process::ExitCode;

use clap::Parser;

use self::arguments::{Arguments, Task};

/// The generator takes and gives back small pieces of memory all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(code) = budget::rustc::stand_in() {
        return code;
    }
    let result = match Arguments::parse().task {
        Task::Regenerate(arguments) => regenerate::run(&arguments),
        Task::Lint => lint::run(),
        Task::Diff(arguments) => diff::run(&arguments),
        Task::Coverage(arguments) => coverage::run(&arguments),
        Task::Import { from } => import::run(from),
        Task::New(arguments) => new::run(arguments),
        Task::Conformance(arguments) => conformance::run(arguments),
        Task::Budget(arguments) => budget::run(&arguments),
        Task::Crash { mode } => crash::run(&mode),
        Task::Long(arguments) => long::run(&arguments),
        Task::Release(arguments) => release::run(arguments),
        Task::Dist(arguments) => dist::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
