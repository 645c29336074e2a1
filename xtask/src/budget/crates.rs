//! The crates that a client brings.

use std::collections::BTreeSet;
use std::error::Error;

use super::cold;
use super::figure::{Figure, Subject};
use super::measured::PACKAGE;
use super::report::Report;
use crate::command::{cargo, output};
use crate::files;

/// Counts the crates of a client, itself among them, with and without transport.
pub(crate) fn measure(report: &mut Report) -> Result<(), Box<dyn Error>> {
    let features = [
        (Figure::LeanCrates, vec!["--no-default-features".to_owned()]),
        (Figure::FullCrates, Vec::new()),
    ];
    for (figure, flags) in features {
        let count = count(PACKAGE, "normal", &flags)?;
        report.set(figure, Subject::Tcloud, f64::from(count));
    }
    Ok(())
}

/// Builds all of them from nothing, with transport.
pub(crate) fn measure_build(report: &mut Report) -> Result<(), Box<dyn Error>> {
    let flags = ["--package", PACKAGE].map(str::to_owned);
    cold::measure(report, Figure::ClientBuild, &flags)
}

/// How many crates `package` brings by these kinds of edges, with these flags for cargo.
pub(crate) fn count(package: &str, edges: &str, flags: &[String]) -> Result<u32, Box<dyn Error>> {
    let mut cargo = cargo();
    cargo.args(["tree", "--prefix", "none", "--format", "{p}"]);
    cargo.args(["--package", package, "--edges", edges]);
    cargo.args(flags);
    let tree = String::from_utf8(output(cargo.current_dir(files::workspace()))?)?;
    Ok(u32::try_from(unique(&tree))?)
}

/// How many crates a tree without branches lists. A line continues after name and version, as with
/// a mark for what was listed before.
fn unique(tree: &str) -> usize {
    let crates: BTreeSet<Vec<&str>> = tree
        .lines()
        .map(|line| line.split_whitespace().take(2).collect())
        .collect();
    crates.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_counts_once_for_each_version() {
        let tree = "\
            client v0.1.0 (/src/client)\n\
            syn v2.0.0\n\
            derive v1.0.0 (proc-macro)\n\
            syn v3.0.0\n\
            derive v1.0.0 (proc-macro) (*)\n\
            syn v2.0.0 (*)\n";
        assert_eq!(unique(tree), 4);
    }
}
