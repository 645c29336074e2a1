//! Crates made as `cargo xtask new` makes them, and what the compiler says of them.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::arguments::New;
use crate::print::say;
use crate::{files, metadata, new};

/// Makes the crates of `services` in a folder of their own, checks them, and returns how many do
/// not compile.
pub(super) fn run(from: &Path, services: &[String]) -> Result<usize, Box<dyn Error>> {
    let folder = files::target().join("conformance");
    let mut broken = 0;
    for service in services {
        let version = metadata::find(from, service)?;
        let own = folder.join(version.to_string());
        make(from, &version.to_string(), &own)?;
        let started = Instant::now();
        let passed = check(&own, &folder.join("target"))?;
        let took = started.elapsed().as_secs_f64();
        let sources = files::read(&own.join("src"), "rs")?;
        let lines: usize = sources.values().map(|text| text.lines().count()).sum();
        let verdict = if passed {
            "compiles"
        } else {
            "DOES NOT COMPILE"
        };
        say!("{version}: {lines} lines, {verdict} ({took:.1} s)");
        broken += usize::from(!passed);
    }
    Ok(broken)
}

fn make(from: &Path, service: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    new::run(New {
        service: service.to_owned(),
        from: Some(from.to_owned()),
        out: Some(folder.to_owned()),
    })?;
    // It lies below this workspace and is none of its members.
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, text + "\n[workspace]\n")?;
    // The versions that are here already.
    fs::copy(
        files::workspace().join("Cargo.lock"),
        folder.join("Cargo.lock"),
    )?;
    Ok(())
}

fn check(folder: &Path, target: &Path) -> Result<bool, Box<dyn Error>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["check", "--quiet", "--no-default-features"]);
    cargo.args(["--features", "documentation"]);
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", target);
    Ok(cargo.status()?.success())
}
