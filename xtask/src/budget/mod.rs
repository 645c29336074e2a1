//! What generated crates cost, beside the limits of `xtask/budget.toml`.
//!
//! Seconds of one machine say little about another, so the limits that matter are shares of what
//! peers take in the same run.

mod builds;
mod crates;
mod figure;
mod generator;
mod limits;
mod peers;
mod programs;
mod report;
pub(crate) mod rustc;
mod scratch;
mod single;
mod sources;
mod usage;

use std::error::Error;
use std::path::{PathBuf, absolute};

use tcloud_codegen::lower::lower;
use tcloud_codegen::model::Service;

use self::figure::Subject;
use self::limits::Limits;
use self::report::Report;
use self::scratch::{Build, Scratch};
use crate::{files, lint};

/// The service whose crate is measured: the largest.
const SERVICE: &str = "mps";

/// Its crate.
const PACKAGE: &str = "tcloud-mps";

/// The crate of Cloud Infinite, whose rows are all documented.
const CI_PACKAGE: &str = "tcloud-ci";

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Leaves out the peers and all release builds.
    #[arg(long)]
    quick: bool,
    /// Measures the release build of the AWS crate, too.
    #[arg(long, conflicts_with = "quick")]
    aws_release: bool,
    /// Measures the import of all official metadata, too: the unpacked PyPI package `tccli`.
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
    /// Prints a table for a document.
    #[arg(long)]
    markdown: bool,
    /// Measures nothing, and does what `--from` has measured in a process of its own.
    #[arg(long, hide = true, value_name = "PATH")]
    import_only: Option<PathBuf>,
}

/// Measures all figures and prints them. Fails if a limit is passed.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    if let Some(from) = &options.import_only {
        return generator::import_all(from);
    }
    let limits = Limits::read()?;
    let mut report = Report::default();
    generator::measure_regenerate(&mut report)?;
    if let Some(from) = &options.from {
        generator::measure_import(&mut report, from)?;
    }
    crates::measure(&mut report)?;
    let services = services()?;
    sources::measure(&mut report, &services)?;
    let mut service = services
        .into_iter()
        .find(|service| service.name == SERVICE)
        .ok_or("there are no tables of the service that is measured")?;

    let folder = absolute(files::target())?.join("budget");
    let lock = files::workspace().join("Cargo.lock");
    let scratch = Scratch::new(folder.join("tcloud"), Some(&lock))?;
    peers::write_serde(&scratch, &service)?;
    programs::write(&scratch, &mut service)?;
    let builds = if options.quick {
        &[Build::Check, Build::Dev][..]
    } else {
        &[Build::Check, Build::Dev, Build::Release]
    };
    let packages = [programs::LEAN, PACKAGE];
    builds::measure(&mut report, Subject::Tcloud, &scratch, packages, builds)?;
    let packages = [programs::LEAN_CI, CI_PACKAGE];
    builds::measure(&mut report, Subject::Ci, &scratch, packages, builds)?;
    programs::measure_builds(&mut report, &scratch, builds)?;
    if !options.quick {
        programs::measure(&mut report, &scratch)?;
        peers::measure_serde(&mut report, &scratch)?;
        peers::measure_aws(&mut report, &folder, &limits.aws, options.aws_release)?;
    }

    let (table, over) = report.table(&limits, options.markdown);
    println!("{table}");
    if over > 0 {
        return Err(format!("{over} figures are over their limits in xtask/budget.toml").into());
    }
    Ok(())
}

fn services() -> Result<Vec<Service>, Box<dyn Error>> {
    let spec = lint::spec()?;
    let models = spec.services.iter().map(|it| lower(&spec.sources, it));
    Ok(models.collect::<Result<_, _>>()?)
}
