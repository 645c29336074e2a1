//! Builds from nothing: a package and all crates that it brings.

use std::error::Error;
use std::fs;
use std::path::absolute;
use std::process::{Command, Stdio};

use super::figure::{Figure, Subject};
use super::report::Report;
use super::usage;
use crate::command::cargo;
use crate::files;

/// Measures `figure`: seconds to build what cargo is given by `flags`. The profile is the
/// workspace's, as its user has it; compilers of C are among the children that are counted.
pub(super) fn measure(
    report: &mut Report,
    figure: Figure,
    flags: &[String],
) -> Result<(), Box<dyn Error>> {
    let target = absolute(files::target())?.join("budget/cold");
    let usage = usage::steady(figure.title(), || -> Result<_, Box<dyn Error>> {
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        let mut build: Command = cargo();
        build
            .args(["build", "--quiet", "--target-dir"])
            .arg(&target);
        build.args(flags).current_dir(files::workspace());
        // They would show what another build left.
        build.env("RUSTC_WRAPPER", "").env_remove("RUSTFLAGS");
        let (status, usage) = usage::of(build.stdout(Stdio::null()))?;
        if status.success() {
            Ok(usage)
        } else {
            Err(format!("{}: {status}", figure.title()).into())
        }
    })?;
    fs::remove_dir_all(&target)?;
    report.set(figure, Subject::Tcloud, usage.user.as_secs_f64());
    Ok(())
}
