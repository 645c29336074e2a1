//! Tasks of the workspace: `cargo xtask <task>`.

mod crash;
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
    /// Kills the local cloud again and again while jobs are streamed at it, and fails if a job that
    /// was accepted is lost or takes effect twice.
    Crash {
        /// How often it is killed.
        #[arg(long, default_value_t = 50)]
        kills: u32,
        /// Decides when the kills come; by chance unless given.
        #[arg(long)]
        seed: Option<u64>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Regenerate { check } => regenerate::run(check),
        Task::Lint => regenerate::lint(),
        Task::Crash { kills, seed } => crash::run(kills, seed),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
