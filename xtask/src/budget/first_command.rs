//! What the first command of the README builds.

use std::error::Error;
use std::fs;

use super::cold;
use super::crates::count;
use super::figure::{Figure, Subject};
use super::report::Report;
use crate::files;

/// The package that it builds: the workspace's only default member.
const PACKAGE: &str = "tcloud-cli";

/// The README's words before the command.
const MARK: &str = "<!-- the first command";

/// Counts the crates that are built, those that only build others among them.
pub(crate) fn measure_crates(report: &mut Report) -> Result<(), Box<dyn Error>> {
    let count = count(PACKAGE, "normal,build", &flags()?)?;
    report.set(Figure::FirstCrates, Subject::Tcloud, f64::from(count));
    Ok(())
}

/// Builds all of it from nothing.
pub(crate) fn measure_build(report: &mut Report) -> Result<(), Box<dyn Error>> {
    cold::measure(report, Figure::FirstBuild, &flags()?)
}

/// The flags that the README gives cargo.
fn flags() -> Result<Vec<String>, Box<dyn Error>> {
    let readme = fs::read_to_string(files::workspace().join("README.md"))?;
    flags_in(&readme).ok_or_else(|| format!("README.md: no `cargo run` behind `{MARK}`").into())
}

fn flags_in(readme: &str) -> Option<Vec<String>> {
    let (_, rest) = readme.split_once(MARK)?;
    let mut lines = rest.lines();
    let arguments = lines.find_map(|line| line.strip_prefix("cargo run "))?;
    let flags = arguments
        .split_whitespace()
        .take_while(|word| *word != "--");
    Some(flags.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_those_of_the_readme() {
        let text =
            "cargo run a\n<!-- the first command -->\n```sh\ncargo run --b c -- d --e\n```\n";
        assert_eq!(flags_in(text).unwrap(), ["--b", "c"]);
        assert_eq!(flags_in("cargo run a"), None);
        assert!(flags().is_ok());
    }
}
