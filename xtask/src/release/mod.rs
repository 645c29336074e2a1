//! A release: what must hold before crates and programs are given to people, and what is written
//! for it.
//!
//! Nothing is committed, tagged or published. A check that cannot be made says why and counts as
//! skipped, never as passed.

mod changelog;
mod check;
mod limits;
mod manifests;
mod outcome;
mod packages;
mod prepare;
mod program;
mod repository;
mod subject;
mod toolchains;
mod tools;
mod versions;
mod workspace;

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use comfy_table::{ContentArrangement, Table, presets};

use self::check::{CHECKS, Check};
use self::limits::Limits;
use self::outcome::Outcome;
pub(crate) use self::repository::address;
use self::subject::Release;
use self::workspace::Workspace;
use crate::diff;
use crate::print::say;

#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// Writes this version first: manifests, README files, the changelog's heading, Cargo.lock.
    #[arg(long, value_name = "VERSION", value_parser = versions::parse)]
    prepare: Option<String>,
    /// Address of the repository, which is written to Cargo.toml; asked for on a terminal as long
    /// as there is a placeholder.
    #[arg(long, value_name = "URL", value_parser = repository::parse)]
    repository: Option<String>,
    /// Only these checks.
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = check::named)]
    only: Vec<&'static Check>,
    /// Lists the checks, and makes none.
    #[arg(long)]
    list: bool,
    /// Leaves out what compiles, and reports it as skipped.
    #[arg(long)]
    no_builds: bool,
    /// Fails, too, where a check cannot be made.
    #[arg(long)]
    strict: bool,
    /// Takes the working tree as it is, with changes that are not committed.
    #[arg(long)]
    allow_dirty: bool,
    /// Measures this program instead of building one; with the default features.
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Revision that tables and interfaces are compared with; the tag of the last release unless
    /// given.
    #[arg(long, value_name = "REVISION")]
    baseline: Option<String>,
}

/// Writes what is to be written, checks, and fails if a check does.
pub(crate) fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if arguments.list {
        let mut table = table();
        table.add_rows(CHECKS.iter().map(|check| [check.name, check.about]));
        say!("{table}");
        return Ok(());
    }
    if let Some(address) = repository::given(arguments.repository)? {
        repository::write(&address)?;
    }
    if let Some(version) = &arguments.prepare {
        let baseline = baseline(arguments.baseline.as_ref(), version)?;
        prepare::run(version, baseline.as_deref())?;
    }
    let workspace = Workspace::read()?;
    let baseline = baseline(arguments.baseline.as_ref(), &workspace.version)?;
    let release = Release {
        workspace,
        limits: Limits::read()?,
        baseline,
        binary: arguments.binary,
        builds: !arguments.no_builds,
        allow_dirty: arguments.allow_dirty,
    };
    let chosen: Vec<&Check> = if arguments.only.is_empty() {
        CHECKS.iter().collect()
    } else {
        arguments.only
    };
    check_all(&release, &chosen, arguments.strict)
}

/// The revision that was given, or the last tag that is not the one of `version` itself.
fn baseline(given: Option<&String>, version: &str) -> Result<Option<String>, Box<dyn Error>> {
    if let Some(revision) = given {
        return Ok(Some(revision.clone()));
    }
    let own = format!("v{version}");
    match diff::last_tag("HEAD")? {
        Some(tag) if tag == own => diff::last_tag(&format!("{own}^")),
        tag => Ok(tag),
    }
}

fn check_all(release: &Release, checks: &[&Check], strict: bool) -> Result<(), Box<dyn Error>> {
    let mut table = table();
    let (mut failed, mut skipped) = (Vec::new(), 0);
    for check in checks {
        eprintln!("=== {}: {}", check.name, check.about);
        let started = Instant::now();
        let (end, told) = match (check.run)(release) {
            Ok(Outcome::Passed(told)) => ("passed", told),
            Ok(Outcome::Nothing(why)) => ("nothing yet", why),
            Ok(Outcome::Skipped(why)) if strict => {
                failed.push(check.name);
                ("SKIPPED", why)
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                ("skipped", why)
            }
            Err(error) => {
                failed.push(check.name);
                ("FAILED", error.to_string())
            }
        };
        let seconds = format!("{:.1} s", started.elapsed().as_secs_f64());
        table.add_row([check.name, end, &seconds, &told]);
    }
    say!("{table}");
    if !failed.is_empty() {
        return Err(format!("not ready for a release: {}", failed.join(", ")).into());
    }
    let version = &release.workspace.version;
    let passed = checks.len() - skipped;
    say!("{version}: {passed} checks passed, {skipped} skipped");
    if skipped == 0 && checks.len() == CHECKS.len() {
        say!(
            "now: git commit, git tag v{version}, git push --tags, and `cargo publish --workspace`"
        );
    }
    Ok(())
}

/// A table whose sentences are broken where a terminal would.
fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(110);
    table
}
