//! Checks that programs of others make.

use std::io;
use std::process::{Command, Stdio};

use super::outcome::{Checked, Outcome};
use super::subject::Release;
use crate::command::{cargo, succeed};
use crate::files;

/// A subcommand of cargo; those that CI has built stand beside what is built.
fn subcommand(name: &str) -> Command {
    let mut command = cargo();
    let own = files::target().join("tools/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = [own].into_iter().chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(paths) {
        command.env("PATH", path);
    }
    command.arg(name);
    command
}

/// Whether cargo has this subcommand.
fn is_there(name: &str) -> io::Result<bool> {
    let mut command = subcommand(name);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(command.status()?.success())
}

fn install(name: &str) -> Outcome {
    Outcome::Skipped(format!(
        "cargo {name} is not here: `cargo install --locked cargo-{name}`"
    ))
}

/// What `deny.toml` allows.
pub(super) fn licences(release: &Release) -> Checked {
    if !is_there("deny")? {
        return Ok(install("deny"));
    }
    let mut command = subcommand("deny");
    command.args(["check", "licenses", "bans", "sources"]);
    succeed(command.current_dir(&release.workspace.root))?;
    Ok(Outcome::Passed(
        "licences, versions and sources are those of deny.toml".to_owned(),
    ))
}

/// Whether the version is high enough for what changed in the interfaces of libraries.
pub(super) fn semver(release: &Release) -> Checked {
    let Some(baseline) = &release.baseline else {
        return Ok(Outcome::Nothing(
            "no tag yet: nothing was released to compare with".to_owned(),
        ));
    };
    if !release.builds {
        return Ok(Outcome::Skipped("--no-builds".to_owned()));
    }
    if !is_there("semver-checks")? {
        return Ok(install("semver-checks"));
    }
    let mut command = subcommand("semver-checks");
    command.args(["--baseline-rev", baseline]);
    for library in release.workspace.libraries() {
        command.args(["--package", &library.name]);
    }
    succeed(command.current_dir(&release.workspace.root))?;
    Ok(Outcome::Passed(format!("compared with {baseline}")))
}
