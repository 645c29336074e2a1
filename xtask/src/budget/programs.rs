//! Programs of one call: what a user's binary gets.

use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};

use tcloud_codegen::emit::emit;
use tcloud_codegen::model::Service;

use super::figure::{Figure, Subject};
use super::measured::FURTHER;
use super::report::Report;
use super::scratch::{Build, Scratch};
use super::single::single;
use crate::command::succeed;
use crate::files;

/// The call without transport, over the committed crate.
pub(crate) const LEAN: &str = "lean";

/// The same call over a crate of that operation only.
const SINGLE: &str = "single";

/// The crate of that operation only.
const SINGLE_CRATE: &str = "single-operation";

/// The call with the ready transport.
const FULL: &str = "full";

/// A call of the operation with most structures.
const DEEP: &str = "deep";

/// The operation that is called.
const OPERATION: &str = "ProcessImage";

const CALL: &str = include_str!("programs/lean.rs");
const DEEP_CALL: &str = include_str!("programs/deep.rs");
const CALL_BY_TRANSPORT: &str = include_str!("programs/full.rs");

/// Writes the packages of the programs. `service` is cut down to the operation they call.
pub(crate) fn write(scratch: &Scratch, service: &mut Service) -> Result<(), Box<dyn Error>> {
    let path = |path: &str| files::workspace().join(path).display().to_string();
    let [committed, core] = [&format!("crates/{}", service.name), "crates/core"].map(path);
    let client = format!("tcloud-{} = {{ path = '{committed}'", service.name);

    let lean = format!("{client}, default-features = false }}");
    scratch.package(LEAN, &lean, [("main.rs", CALL)])?;
    scratch.package(DEEP, &lean, [("main.rs", DEEP_CALL)])?;

    for (_, package, program) in FURTHER {
        let folder = path(&package.replacen("tcloud-", "crates/", 1));
        let lean = format!("{package} = {{ path = '{folder}', default-features = false }}");
        scratch.package(program, &lean, [("main.rs", "fn main() {}")])?;
    }

    let tokio = "tokio = { version = '1', features = ['macros', 'rt'] }";
    let full = format!("{client} }}\n{tokio}");
    scratch.package(FULL, &full, [("main.rs", CALL_BY_TRANSPORT)])?;

    single(service, OPERATION);
    let library = fs::read_to_string(format!("{committed}/src/lib.rs"))?;
    // The pages of its documentation are not beside it.
    let library: Vec<&str> = library
        .lines()
        .filter(|line| !line.starts_with("#![doc = include_str!("))
        .collect();
    let library = library.join("\n");
    let generated: Vec<(String, String)> = emit(service)?
        .into_iter()
        .map(|file| (format!("generated/{}", file.path), file.text))
        .collect();
    let files = generated
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .chain([("lib.rs", library.as_str())]);
    let runtime = format!(
        "tcloud-core = {{ path = '{core}', default-features = false }}\n\n[features]\n\
         credentials = []\ndocumentation = []"
    );
    scratch.package(SINGLE_CRATE, &runtime, files)?;
    let renamed = format!(
        "tcloud-{} = {{ path = '../{SINGLE_CRATE}', package = '{SINGLE_CRATE}' }}",
        service.name
    );
    scratch.package(SINGLE, &renamed, [("main.rs", CALL)])
}

/// Measures what the programs themselves take to build. Generated methods are compiled where they
/// are called, so a service's crate alone does not show it.
pub(crate) fn measure_builds(
    report: &mut Report,
    scratch: &Scratch,
    builds: &[Build],
) -> Result<(), Box<dyn Error>> {
    for (program, dev, release) in [
        (LEAN, Figure::ProgramDevBuild, Figure::ProgramReleaseBuild),
        (
            DEEP,
            Figure::DeepProgramDevBuild,
            Figure::DeepProgramReleaseBuild,
        ),
    ] {
        for (build, figure) in [(Build::Dev, dev), (Build::Release, release)] {
            if builds.contains(&build) {
                eprintln!("{} of the program {program}", build.title());
                let usage = scratch.measure(build, program, program)?;
                report.set(figure, Subject::Tcloud, usage.user.as_secs_f64());
            }
        }
    }
    Ok(())
}

/// Measures the programs' sizes.
pub(crate) fn measure(report: &mut Report, scratch: &Scratch) -> Result<(), Box<dyn Error>> {
    for package in [LEAN, SINGLE, FULL] {
        eprintln!("program {package}");
        scratch.build(Build::Release, package)?;
    }
    // A program that does not work may be small for that reason.
    for package in [LEAN, SINGLE] {
        succeed(Command::new(scratch.program(Build::Release, package)).stdout(Stdio::null()))?;
    }
    let size = |package| -> Result<u64, Box<dyn Error>> {
        Ok(fs::metadata(scratch.program(Build::Release, package))?.len())
    };
    let sizes = [
        (Figure::LeanProgram, size(LEAN)?),
        (Figure::FullProgram, size(FULL)?),
        (
            Figure::UnusedOperations,
            size(LEAN)?.saturating_sub(size(SINGLE)?),
        ),
    ];
    for (figure, size) in sizes {
        report.set(figure, Subject::Tcloud, figure.unit().of(size));
    }
    Ok(())
}
