//! What `cargo xtask` takes: every task and its arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{crash, diff, dist, long, regenerate, release};

/// Tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Writes what is generated from the tables of `api-spec`: the sources of the service crates,
    /// the JSON Schemas of the tables, and the types that the benches compare with.
    Regenerate(regenerate::Arguments),
    /// Checks the tables of `api-spec` and shows what is wrong with them.
    Lint,
    /// Reports what the tables change for users of the generated crates since a revision.
    Diff(diff::Arguments),
    /// Reports how much the tables hold of each service, and how much of it is described.
    Coverage(Coverage),
    /// Brings tables in line with what is published: a service's official metadata, or documents.
    /// What people have added to the tables stays.
    Import {
        #[command(subcommand)]
        from: Import,
    },
    /// Makes the crate of a service that has none: imports its tables and generates from them, or
    /// brings both up to date.
    New(New),
    /// Takes every service of the official metadata through import, lint and generator, and every
    /// example of its documents through the codec. Fails if anything is lost that is not the
    /// documents' own slip.
    Conformance(Conformance),
    /// Measures what generated crates cost, and fails if a limit of `xtask/budget.toml` is passed.
    Budget(Budget),
    /// Kills the local cloud again and again while it works, or loads it, and fails if what is left
    /// is not what it promised.
    Crash {
        #[command(subcommand)]
        mode: crash::Mode,
    },
    /// Runs the full counts of what CI samples, a section each, and prints their figures.
    Long(long::Arguments),
    /// Checks what must hold before crates and programs are given to people, and prepares it. It
    /// publishes nothing.
    Release(release::Arguments),
    /// Packs the command for people: the program, manual pages, completions, licences.
    Dist(dist::Arguments),
}

/// A family of services whose metadata can be read.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Family {
    /// API 3.0.
    Tc3,
}

/// What is counted.
#[derive(Args)]
pub(crate) struct Coverage {
    /// Only this service: lists its rows without a description.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Lists the containers that became one type, and those of one name that nearly did.
    #[arg(long)]
    pub(crate) containers: bool,
    /// Lists the operations whose lists are paged, and by what.
    #[arg(long)]
    pub(crate) paging: bool,
}

/// What is imported.
#[derive(Subcommand)]
pub(crate) enum Import {
    /// A service of API 3.0, from its official metadata.
    Tc3(ImportTc3),
    /// Documents: pages of one operation each, as plain text, Markdown or HTML.
    Doc(ImportDoc),
}

/// Which service is imported.
#[derive(Args)]
pub(crate) struct ImportTc3 {
    /// The unpacked PyPI package `tccli`; fetched with pip unless given.
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    /// The service, `NAME` for its newest version or `NAME@VERSION`.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: String,
}

/// Which documents are imported, and to where.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct ImportDoc {
    /// The documents; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder of the service's tables, such as `ci`; read from the document's host unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Folder of the tables; `api-spec` of the workspace unless given.
    #[arg(long, value_name = "DIR")]
    pub(crate) spec: Option<PathBuf>,
    /// Imports into the tables of this folder, which may be empty, and leaves those of `--spec`
    /// alone: rows are only compared with them.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Writes nothing, and prints the files that would be written.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Name of the operation, in place of the one that the rule makes; for one document.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Gives new rows a neutral `doc` made of their facts; without it `doc` stays empty.
    #[arg(long)]
    pub(crate) draft_doc: bool,
    /// Writes nothing, and prints a line for each document: rows found, right, repaired, refused; and
    /// the rows that differ from the tables.
    #[arg(long)]
    pub(crate) report: bool,
    /// Goes on to lint, generate and run the samples, and prints what is still missing.
    #[arg(long = "try", conflicts_with_all = ["dry_run", "report"])]
    pub(crate) go_on: bool,
}

/// What is made.
#[derive(Args)]
pub(crate) struct New {
    /// The service, `NAME` for its newest version or `NAME@VERSION`.
    pub(crate) service: String,
    /// The unpacked PyPI package `tccli`; fetched with pip unless given.
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    /// Folder of a crate outside this workspace, with its tables in `api-spec` there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What is driven.
#[derive(Args)]
pub(crate) struct Conformance {
    /// The family of services.
    pub(crate) family: Family,
    /// The unpacked PyPI package `tccli`; fetched with pip unless given.
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    /// Only these services: `NAME` for the newest version or `NAME@VERSION`.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) service: Vec<String>,
    /// Makes the crates of these services, too, and has the compiler check them; without
    /// `--service` only these are looked at.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) compile: Vec<String>,
}

/// What to measure.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Budget {
    /// Leaves out the peers, all release builds, and the build of the README's first command.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measures nothing but what the README's first command builds.
    #[arg(long, conflicts_with = "quick")]
    pub(crate) first_command: bool,
    /// Measures the release build of the AWS crate, too.
    #[arg(long, conflicts_with = "quick")]
    pub(crate) aws_release: bool,
    /// Measures the import of all official metadata, too: the unpacked PyPI package `tccli`.
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    /// Prints a table for a document.
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Measures nothing, and does what `--from` has measured in a process of its own.
    #[arg(long, hide = true, value_name = "PATH")]
    pub(crate) import_only: Option<PathBuf>,
}
