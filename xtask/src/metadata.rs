//! The package with the official metadata, wherever it comes from.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

pub(crate) use tcloud_codegen::import::tc3::package::{PACKAGE, find, versions};

use crate::files;

/// The package: `from`, or the one that pip brings, kept in the target folder.
pub(crate) fn package(from: Option<PathBuf>) -> Result<PathBuf, Box<dyn Error>> {
    if let Some(from) = from {
        return Ok(from);
    }
    let folder = files::target().join("metadata");
    if folder.join(PACKAGE).is_dir() {
        return Ok(folder);
    }
    eprintln!(
        "fetching the metadata (PyPI package `{PACKAGE}`) to {}",
        folder.display()
    );
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
    ]);
    pip.arg("--target").arg(&folder).arg(PACKAGE);
    match pip.status() {
        Ok(status) if status.success() => Ok(folder),
        outcome => {
            let why = outcome.map_or_else(|cause| cause.to_string(), |status| status.to_string());
            Err(format!(
                "python3 -m pip did not bring `{PACKAGE}` ({why}): unpack it yourself and name \
                 the folder with `--from`"
            )
            .into())
        }
    }
}
