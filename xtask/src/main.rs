//! Tasks of the workspace: `cargo xtask <task>`.

mod files;
mod regenerate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes what is generated from the tables of `api-spec`: the sources of the service crates
    /// and the JSON Schemas of the tables.
    Regenerate {
        /// Writes nothing; fails if a file is not what it would be generated as.
        #[arg(long)]
        check: bool,
    },
    /// Checks the tables of `api-spec` and shows what is wrong with them.
    Lint,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Regenerate { check } => regenerate::run(check),
        Task::Lint => regenerate::lint(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
