//! The scripts that no compiler sees can at least be read by their interpreters.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not recognised as tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tcloud_tests::programs::needs;

/// The files below `folder` that `is_one` picks.
fn files(folder: &Path, is_one: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, is_one, found);
        } else if is_one(&path) {
            found.push(path);
        }
    }
}

fn clients(is_one: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("clients"), &is_one, &mut found);
    assert!(!found.is_empty());
    found
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension == wanted)
}

#[track_caller]
fn assert_reads(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

#[test]
fn node_reads_its_client() {
    if !needs("node") {
        return;
    }
    for script in clients(|path| has_extension(path, "mjs")) {
        assert_reads(Command::new("node").arg("--check").arg(script));
    }
}

#[test]
fn python_reads_its_clients() {
    if !needs("python3") {
        return;
    }
    let read = "import ast, sys; [ast.parse(open(each).read(), each) for each in sys.argv[1:]]";
    let scripts = clients(|path| has_extension(path, "py"));
    assert_reads(Command::new("python3").args(["-c", read]).args(scripts));
}

#[test]
fn bash_reads_what_starts_them() {
    if !needs("bash") {
        return;
    }
    let is_script = |path: &Path| has_extension(path, "sh") || path.ends_with("run");
    let mut scripts = clients(is_script);
    scripts.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/run"));
    for script in scripts {
        assert_reads(Command::new("bash").arg("-n").arg(script));
    }
}
