//! What generating takes.

use std::error::Error;
use std::process::{Command, Stdio};

use super::figure::{Figure, Subject};
use super::report::Report;
use super::usage;

/// Measures `cargo xtask regenerate` over all services, up to the writing.
///
/// A process of its own tells its time and memory apart from ours. Its memory is never told to be
/// less than ours when it starts, so this comes before anything large is loaded.
pub(crate) fn measure(report: &mut Report) -> Result<(), Box<dyn Error>> {
    eprintln!("regenerate");
    let usage = usage::steady("regenerate", || -> Result<_, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["regenerate", "--check"]);
        let (status, usage) = usage::of(command.stdout(Stdio::null()))?;
        if status.success() {
            Ok(usage)
        } else {
            Err("what would be measured is not what the tables say".into())
        }
    })?;
    let memory = Figure::RegenerateMemory;
    report.set(
        Figure::Regenerate,
        Subject::Tcloud,
        usage.user.as_secs_f64(),
    );
    report.set(memory, Subject::Tcloud, memory.unit().of(usage.memory));
    Ok(())
}
