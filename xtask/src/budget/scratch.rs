//! Cargo workspaces below the target folder, where what is measured is built.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::rustc::Log;
use super::usage::{self, Usage};
use crate::command::{cargo, succeed};

/// The profiles are cargo's own, as users have them; programs are stripped.
const MANIFEST: &str = "\
[workspace]
resolver = \"3\"
members = [\"packages/*\"]

[profile.release]
strip = true
";

/// What cargo is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// `cargo check`.
    Check,
    /// `cargo build`.
    Dev,
    /// `cargo build --release`.
    Release,
}

/// A workspace that is written again in each run, with a target folder that stays.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// A workspace without packages. With `lock`, its dependencies are of the same versions as that
    /// file's.
    pub(crate) fn new(folder: PathBuf, lock: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let packages = folder.join("packages");
        if packages.exists() {
            fs::remove_dir_all(&packages)?;
        }
        fs::create_dir_all(&packages)?;
        fs::write(folder.join("Cargo.toml"), MANIFEST)?;
        if let Some(lock) = lock {
            fs::copy(lock, folder.join("Cargo.lock"))?;
        }
        Ok(Self { folder })
    }

    /// Writes a package with `dependencies`, as a manifest lists them, and `files` below `src`.
    pub(crate) fn package<'f>(
        &self,
        name: &str,
        dependencies: &str,
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
    ) -> Result<(), Box<dyn Error>> {
        let folder = self.folder.join("packages").join(name);
        for (path, text) in files {
            let path = folder.join("src").join(path);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(path, text)?;
        }
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
        );
        Ok(fs::write(folder.join("Cargo.toml"), manifest)?)
    }

    /// Builds `package` so that the crate of `dependency`, which may be `package` itself, is built
    /// from nothing, and returns what that crate took.
    pub(crate) fn measure(
        &self,
        build: Build,
        package: &str,
        dependency: &str,
    ) -> Result<Usage, Box<dyn Error>> {
        let name = dependency.replace('-', "_");
        let log = Log::new(self.folder.join("compilations"));
        usage::steady(&format!("{} of {dependency}", build.title()), || {
            self.clean(build, dependency)?;
            log.clear()?;
            let mut cargo = self.cargo(build, package);
            log.watch(&mut cargo)?;
            succeed(&mut cargo)?;
            log.usage(&name)?
                .ok_or_else(|| format!("cargo has built {package} without {name}").into())
        })
    }

    /// Builds `package`.
    pub(crate) fn build(&self, build: Build, package: &str) -> Result<(), Box<dyn Error>> {
        succeed(&mut self.cargo(build, package))
    }

    /// Where the program of `package` is.
    pub(crate) fn program(&self, build: Build, package: &str) -> PathBuf {
        let name = format!("{package}{}", std::env::consts::EXE_SUFFIX);
        self.target().join(build.folder()).join(name)
    }

    /// Bytes of the library that `dependency` became when it was measured last.
    pub(crate) fn library(&self, build: Build, dependency: &str) -> Result<u64, Box<dyn Error>> {
        let start = format!("lib{}-", dependency.replace('-', "_"));
        let mut size = None;
        for entry in fs::read_dir(self.target().join(build.folder()).join("deps"))? {
            let path = entry?.path();
            let name = path.file_name().map(OsStr::to_string_lossy);
            if name.is_some_and(|name| name.starts_with(&start))
                && path.extension().is_some_and(|it| it == "rlib")
            {
                size = Some(path.metadata()?.len());
            }
        }
        size.ok_or_else(|| format!("there is no library {start}*.rlib").into())
    }

    fn clean(&self, build: Build, package: &str) -> Result<(), Box<dyn Error>> {
        let mut cargo = self.command("clean");
        cargo.args(["--package", package]);
        if build == Build::Release {
            cargo.arg("--release");
        }
        succeed(&mut cargo)
    }

    fn cargo(&self, build: Build, package: &str) -> Command {
        let mut cargo = self.command(match build {
            Build::Check => "check",
            Build::Dev | Build::Release => "build",
        });
        cargo.args(["--package", package]);
        if build == Build::Release {
            cargo.arg("--release");
        }
        cargo
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut cargo = cargo();
        cargo.args([subcommand, "--quiet", "--target-dir"]);
        cargo.arg(self.target()).current_dir(&self.folder);
        // Neither of them would show what a clean build takes.
        cargo.env("CARGO_INCREMENTAL", "0").env("RUSTC_WRAPPER", "");
        cargo
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }
}

impl Build {
    /// What it is, in words.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Dev => "dev build",
            Self::Release => "release build",
        }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::Check | Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}
