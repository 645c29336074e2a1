//! Between cargo and rustc: what the compilation of each single crate takes.
//!
//! Cargo starts this program in rustc's place (`RUSTC_WRAPPER`), so the figures hold one crate and
//! nothing else: neither its dependencies nor cargo.

use std::error::Error;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use super::usage::{self, Usage};

/// Names the file that the compilations are written to, and so makes this program act as rustc.
const LOG: &str = "TCLOUD_BUDGET_LOG";

/// The compilations of one run of cargo.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
}

impl Log {
    /// A log that is kept at `path`.
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Forgets all compilations.
    pub(crate) fn clear(&self) -> io::Result<()> {
        File::create(&self.path).map(drop)
    }

    /// Makes cargo write down what it compiles.
    pub(crate) fn watch(&self, cargo: &mut Command) -> io::Result<()> {
        cargo.env("RUSTC_WRAPPER", std::env::current_exe()?);
        cargo.env(LOG, &self.path);
        Ok(())
    }

    /// What compiling the crate called `name` took. None if it was not compiled.
    pub(crate) fn usage(&self, name: &str) -> Result<Option<Usage>, Box<dyn Error>> {
        for line in BufReader::new(File::open(&self.path)?).lines() {
            let line = line?;
            if let [known, user, memory] = *line.split(' ').collect::<Vec<_>>()
                && known == name
            {
                return Ok(Some(Usage {
                    user: Duration::from_micros(user.parse()?),
                    memory: memory.parse()?,
                }));
            }
        }
        Ok(None)
    }
}

/// Runs rustc if cargo started this program in its place.
pub(crate) fn stand_in() -> Option<ExitCode> {
    let log = std::env::var_os(LOG)?;
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next()?;
    Some(
        run(Path::new(&log), &rustc, &arguments.collect::<Vec<_>>()).unwrap_or_else(|problem| {
            eprintln!("{}: {problem}", rustc.display());
            ExitCode::FAILURE
        }),
    )
}

fn run(log: &Path, rustc: &OsString, arguments: &[OsString]) -> io::Result<ExitCode> {
    let mut command = Command::new(rustc);
    command.args(arguments).env_remove(LOG);
    if !arguments.iter().any(|it| it == "--cap-lints") {
        // So does cargo with crates of the registry, where users have ours from.
        command.args(["--cap-lints", "allow"]);
    }
    let (status, usage) = usage::of(&mut command)?;
    let mut words = arguments.iter().skip_while(|it| *it != "--crate-name");
    if let Some(name) = words.nth(1) {
        let line = format!(
            "{} {} {}\n",
            name.display(),
            usage.user.as_micros(),
            usage.memory
        );
        // One write for each line: several compilations end at once.
        let mut log = OpenOptions::new().append(true).open(log)?;
        log.write_all(line.as_bytes())?;
    }
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compilation_is_found_by_the_name_of_its_crate() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path().join("log"));
        log.clear().unwrap();
        let arguments = ["--edition=2024", "--crate-name", "some_crate"].map(OsString::from);
        // Any program will do for rustc, as long as it ends well.
        run(&log.path, &"true".into(), &arguments).unwrap();
        assert!(log.usage("some_crate").unwrap().is_some());
        assert!(log.usage("some").unwrap().is_none());
        log.clear().unwrap();
        assert!(log.usage("some_crate").unwrap().is_none());
    }
}
