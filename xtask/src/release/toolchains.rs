//! Checks by other compilers than the one at hand: the oldest that is promised, and the one of
//! docs.rs.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::Command;

use super::outcome::{Checked, Outcome};
use super::subject::Release;
use crate::command::succeed;
use crate::files;

/// The names of the toolchains that rustup has; none without rustup.
fn toolchains() -> Vec<String> {
    let output = Command::new("rustup").args(["toolchain", "list"]).output();
    let Ok(output) = output else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// The toolchain of `version`, as `1.89` or `nightly`.
fn toolchain<'a>(all: &'a [String], version: &str) -> Option<&'a str> {
    let is_it = |name: &&String| {
        let rest = name.strip_prefix(version);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    all.iter().find(is_it).map(String::as_str)
}

/// Cargo of another toolchain, which compiles to a folder of its own.
fn cargo_of(toolchain: &str, release: &Release) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", toolchain, "cargo"]);
    // They are those of the cargo that runs this program.
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command.env("CARGO_TARGET_DIR", files::target().join("release-check"));
    command.current_dir(&release.workspace.root);
    command
}

/// Each crate with the Rust that it promises.
pub(super) fn oldest(release: &Release) -> Checked {
    if !release.builds {
        return Ok(Outcome::Skipped("--no-builds".to_owned()));
    }
    let mut by_version = BTreeMap::<&str, Vec<&str>>::new();
    for package in &release.workspace.packages {
        let version = package.rust_version.as_deref().unwrap_or_default();
        by_version.entry(version).or_default().push(&package.name);
    }
    let all = toolchains();
    let (mut passed, mut missing) = (Vec::new(), Vec::new());
    for (version, packages) in by_version {
        match toolchain(&all, version) {
            Some(toolchain) => {
                checked_by(toolchain, &packages, release)?;
                passed.push(version);
            }
            None => missing.push(version),
        }
    }
    let done = match passed.as_slice() {
        [] => String::new(),
        _ => format!("Rust {} passed; ", passed.join(", ")),
    };
    Ok(match missing.as_slice() {
        [] => Outcome::Passed(format!("Rust {}", passed.join(", "))),
        [first, ..] => Outcome::Skipped(format!(
            "{done}no toolchain of Rust {}: `rustup toolchain install {first} --profile minimal`",
            missing.join(", ")
        )),
    })
}

fn checked_by(toolchain: &str, packages: &[&str], release: &Release) -> Result<(), Box<dyn Error>> {
    let mut command = cargo_of(toolchain, release);
    command.args(["check", "--locked", "--all-features"]);
    for package in packages {
        command.args(["--package", package]);
    }
    succeed(&mut command)
}

/// The documentation of the libraries as docs.rs builds it: by a nightly compiler, which says what
/// needs a feature.
pub(super) fn documentation(release: &Release) -> Checked {
    if !release.builds {
        return Ok(Outcome::Skipped("--no-builds".to_owned()));
    }
    let all = toolchains();
    let Some(nightly) = toolchain(&all, "nightly") else {
        let install = "`rustup toolchain install nightly --profile minimal`";
        return Ok(Outcome::Skipped(format!("no nightly toolchain: {install}")));
    };
    let mut command = cargo_of(nightly, release);
    command.args(["doc", "--locked", "--no-deps", "--all-features"]);
    for library in release.workspace.libraries() {
        command.args(["--package", &library.name]);
    }
    command.env("RUSTDOCFLAGS", "--cfg docsrs -D warnings");
    succeed(&mut command)?;
    let count = release.workspace.libraries().count();
    Ok(Outcome::Passed(format!("{count} libraries by {nightly}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_is_found_by_its_version() {
        let all = [
            "stable-x86_64",
            "nightly-x86_64",
            "1.95.0-x86_64",
            "1.8-x86_64",
        ]
        .map(str::to_owned);
        assert_eq!(toolchain(&all, "1.95"), Some("1.95.0-x86_64"));
        assert_eq!(toolchain(&all, "nightly"), Some("nightly-x86_64"));
        assert_eq!(toolchain(&all, "1.89"), None);
        assert_eq!(toolchain(&all, "1.9"), None);
    }
}
