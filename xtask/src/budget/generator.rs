//! What generating takes.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

use tcloud_codegen::emit::emit;
use tcloud_codegen::import::tc3::{Metadata, import};

use super::figure::{Figure, Subject};
use super::report::Report;
use super::usage;
use crate::{metadata, new};

/// Measures `cargo xtask regenerate` over all services, up to the writing.
pub(crate) fn measure_regenerate(report: &mut Report) -> Result<(), Box<dyn Error>> {
    let figures = [Figure::Regenerate, Figure::RegenerateMemory];
    measure(report, figures, |task| task.args(["regenerate", "--check"]))
}

/// Measures [`import_all`] over the metadata in `from`.
pub(crate) fn measure_import(report: &mut Report, from: &Path) -> Result<(), Box<dyn Error>> {
    let figures = [Figure::Import, Figure::ImportMemory];
    measure(report, figures, |task| {
        task.args(["budget", "--import-only"]).arg(from)
    })
}

/// Imports every version of every service of the metadata in `from`, and generates the files of its
/// crate, without writing any.
pub(crate) fn import_all(from: &Path) -> Result<(), Box<dyn Error>> {
    for version in metadata::versions(from)? {
        let generate = || -> Result<_, Box<dyn Error>> {
            let metadata = Metadata::parse(&version.read("api.json")?)?;
            let imported = import(&metadata, Vec::new())?;
            Ok(emit(&new::model(imported.files)?)?)
        };
        generate().map_err(|problem| format!("{version}: {problem}"))?;
    }
    Ok(())
}

/// Measures a task of this program.
///
/// A process of its own separates its time and memory from ours. Its memory is never reported to be
/// less than ours was when it started, so this comes before anything large is loaded.
fn measure(
    report: &mut Report,
    [time, memory]: [Figure; 2],
    task: impl Fn(&mut Command) -> &mut Command,
) -> Result<(), Box<dyn Error>> {
    let usage = usage::steady(time.title(), || -> Result<_, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        let (status, usage) = usage::of(task(&mut command).stdout(Stdio::null()))?;
        if status.success() {
            Ok(usage)
        } else {
            Err(format!("{}: {status}", time.title()).into())
        }
    })?;
    report.set(time, Subject::Tcloud, usage.user.as_secs_f64());
    report.set(memory, Subject::Tcloud, memory.unit().of(usage.memory));
    Ok(())
}
