//! What the compiler takes for one crate.

use std::error::Error;

use super::figure::{Figure, Subject};
use super::report::Report;
use super::scratch::{Build, Scratch};

/// Measures `dependency` while `package` is built: time, memory, and size of the library.
pub(crate) fn measure(
    report: &mut Report,
    subject: Subject,
    scratch: &Scratch,
    [package, dependency]: [&str; 2],
    builds: &[Build],
) -> Result<(), Box<dyn Error>> {
    for build in builds {
        eprintln!("{} of {dependency}", build.title());
        let usage = scratch.measure(*build, package, dependency)?;
        let (time, rest) = figures(*build);
        report.set(time, subject, usage.user.as_secs_f64());
        if let Some((memory, library)) = rest {
            let size = scratch.library(*build, dependency)?;
            report.set(memory, subject, memory.unit().of(usage.memory));
            report.set(library, subject, library.unit().of(size));
        }
    }
    Ok(())
}

/// The figures of a build: time, then memory and library.
const fn figures(build: Build) -> (Figure, Option<(Figure, Figure)>) {
    match build {
        Build::Check => (Figure::Check, None),
        Build::Dev => (
            Figure::DevBuild,
            Some((Figure::DevMemory, Figure::DevLibrary)),
        ),
        Build::Release => (
            Figure::ReleaseBuild,
            Some((Figure::ReleaseMemory, Figure::ReleaseLibrary)),
        ),
    }
}
