//! What generated crates cost, beside the limits of `xtask/budget.toml`.
//!
//! Seconds of one machine say little about another, so the limits that matter are shares of what
//! peers take in the same run.

mod builds;
mod cold;
mod crates;
mod figure;
mod first_command;
mod generator;
mod limits;
mod measured;
mod peers;
mod programs;
mod report;
pub(crate) mod rustc;
mod scratch;
mod single;
mod sources;
mod usage;

use std::error::Error;
use std::path::absolute;

use tcloud_codegen::lower::lower;
use tcloud_codegen::model::Service;

use self::figure::Subject;
use self::limits::Limits;
use self::measured::{FURTHER, PACKAGE, SERVICE};
use self::report::Report;
use self::scratch::{Build, Scratch};
use crate::arguments::Budget;
use crate::print::say;
use crate::{files, lint};

/// Measures all figures and prints them. Fails if a limit is passed.
pub(crate) fn run(arguments: &Budget) -> Result<(), Box<dyn Error>> {
    if let Some(from) = &arguments.import_only {
        return generator::import_all(from);
    }
    let limits = Limits::read()?;
    let mut report = Report::default();
    first_command::measure_crates(&mut report)?;
    if !arguments.quick {
        first_command::measure_build(&mut report)?;
    }
    if !arguments.first_command {
        measure_crates(&mut report, arguments, &limits)?;
    }
    let (table, over) = report.table(&limits, arguments.markdown);
    say!("{table}");
    if over > 0 {
        return Err(format!("{over} figures are over their limits in xtask/budget.toml").into());
    }
    Ok(())
}

/// Measures the generated crates, the generator and the peers.
fn measure_crates(
    report: &mut Report,
    arguments: &Budget,
    limits: &Limits,
) -> Result<(), Box<dyn Error>> {
    generator::measure_regenerate(report)?;
    if let Some(from) = &arguments.from {
        generator::measure_import(report, from)?;
    }
    crates::measure(report)?;
    if !arguments.quick {
        crates::measure_build(report)?;
    }
    let services = services()?;
    sources::measure(report, &services)?;
    let mut service = services
        .into_iter()
        .find(|service| service.name == SERVICE)
        .ok_or("there are no tables of the service that is measured")?;

    let folder = absolute(files::target())?.join("budget");
    let lock = files::workspace().join("Cargo.lock");
    let scratch = Scratch::new(folder.join("tcloud"), Some(&lock))?;
    peers::write_serde(&scratch, &service)?;
    programs::write(&scratch, &mut service)?;
    let builds = if arguments.quick {
        &[Build::Check, Build::Dev][..]
    } else {
        &[Build::Check, Build::Dev, Build::Release]
    };
    let packages = [programs::LEAN, PACKAGE];
    builds::measure(report, Subject::Tcloud, &scratch, packages, builds)?;
    for (subject, package, program) in FURTHER {
        builds::measure(report, subject, &scratch, [program, package], builds)?;
    }
    programs::measure_builds(report, &scratch, builds)?;
    if !arguments.quick {
        programs::measure(report, &scratch)?;
        peers::measure_serde(report, &scratch)?;
        peers::measure_aws(report, &folder, &limits.aws, arguments.aws_release)?;
    }
    Ok(())
}

fn services() -> Result<Vec<Service>, Box<dyn Error>> {
    let spec = lint::spec()?;
    let models = spec.services.iter().map(|it| lower(&spec.sources, it));
    Ok(models.collect::<Result<_, _>>()?)
}
