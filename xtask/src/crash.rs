//! The local cloud under `kill -9`.

use std::error::Error;
use std::process::Command;

use crate::command::{cargo, succeed};
use crate::files;

/// Builds the command and what kills it, and lets them at each other.
///
/// The work is an example of the tests, not a part of this program: it needs the generated crates,
/// and this program must run while they do not build.
pub(crate) fn run(kills: u32, seed: Option<u64>) -> Result<(), Box<dyn Error>> {
    let mut build = cargo();
    build.args("build --quiet --workspace --bin tcloud --example crash".split(' '));
    succeed(build.current_dir(files::workspace()))?;

    let own = std::env::current_exe()?;
    let folder = own.parent().ok_or("this program lies in no folder")?;
    let mut crash = Command::new(folder.join("examples/crash"));
    crash.arg("--server").arg(folder.join("tcloud"));
    crash.arg("--kills").arg(kills.to_string());
    if let Some(seed) = seed {
        crash.arg("--seed").arg(seed.to_string());
    }
    succeed(&mut crash)
}
