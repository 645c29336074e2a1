//! Tasks of the workspace: `cargo xtask <task>`.

mod budget;
mod command;
mod conformance;
mod coverage;
mod crash;
mod diff;
mod files;
mod import;
mod lint;
mod long;
mod metadata;
mod new;
mod peers;
mod regenerate;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// The generator takes and gives back small pieces of memory all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes what is generated from the tables of `api-spec`: the sources of the service crates,
    /// the JSON Schemas of the tables, and the types that the benches compare with.
    Regenerate {
        /// Writes nothing; fails if a file is not what it would be generated as.
        #[arg(long)]
        check: bool,
    },
    /// Checks the tables of `api-spec` and shows what is wrong with them.
    Lint,
    /// Tells what the tables change for users of the generated crates since a revision.
    Diff(diff::Arguments),
    /// Tells how much the tables hold of each service, and how much of it is described.
    Coverage(coverage::Arguments),
    /// Brings the tables of a service in line with its official metadata. What people have added to
    /// the tables stays.
    Import {
        /// The family of services.
        family: Family,
        /// The unpacked PyPI package `tccli`; fetched with pip unless given.
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
        /// The service, `NAME` for its newest version or `NAME@VERSION`.
        #[arg(long, value_name = "NAME")]
        service: String,
    },
    /// Makes the crate of a service that has none: imports its tables and generates from them, or
    /// brings both up to date.
    New {
        /// The service, `NAME` for its newest version or `NAME@VERSION`.
        service: String,
        /// The unpacked PyPI package `tccli`; fetched with pip unless given.
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
        /// Folder of a crate outside this workspace, with its tables in `api-spec` there.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Takes every service of the official metadata through import, lint and generator, and every
    /// example of its documents through the codec. Fails if anything is lost that is not the
    /// documents' own slip.
    Conformance {
        /// The family of services.
        family: Family,
        #[command(flatten)]
        arguments: conformance::Arguments,
    },
    /// Measures what generated crates cost, and fails if a limit of `xtask/budget.toml` is passed.
    Budget(budget::Options),
    /// Kills the local cloud again and again while it works, or loads it, and fails if what is left
    /// is not what it promised.
    Crash {
        #[command(subcommand)]
        mode: crash::Mode,
    },
    /// Runs the full counts of what CI samples, a section each, and prints their figures.
    Long(long::Arguments),
}

/// A family of services whose metadata can be read.
#[derive(Clone, Copy, ValueEnum)]
enum Family {
    /// API 3.0.
    Tc3,
}

fn main() -> ExitCode {
    if let Some(code) = budget::rustc::stand_in() {
        return code;
    }
    let result = match Arguments::parse().task {
        Task::Regenerate { check } => regenerate::run(check),
        Task::Lint => lint::run(),
        Task::Diff(arguments) => diff::run(&arguments),
        Task::Coverage(arguments) => coverage::run(&arguments),
        Task::Import {
            family: Family::Tc3,
            from,
            service,
        } => import::run(from, &service),
        Task::New { service, from, out } => new::run(from, &service, out.as_deref()),
        Task::Conformance {
            family: Family::Tc3,
            arguments,
        } => conformance::run(arguments),
        Task::Budget(options) => budget::run(&options),
        Task::Crash { mode } => crash::run(&mode),
        Task::Long(arguments) => long::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
