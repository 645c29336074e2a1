//! The licences of all crates that are in a program: most of them ask that their text goes with it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command::{cargo, output};
use crate::files;

/// How the names of files with licences begin.
const NAMES: [&str; 6] = [
    "LICENSE",
    "LICENCE",
    "COPYING",
    "NOTICE",
    "UNLICENSE",
    "OFL",
];

/// How many folders below that of a crate are looked at: what it brings of others stands there.
const DEPTH: u8 = 2;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

/// What a crate depends on.
#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

/// As what: there is no kind where the code itself becomes part of the program.
#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// The licences of all that is in `package` as it is built for `target`: a list of crates, then each
/// text once with the crates it is of.
pub(super) fn of(package: &str, target: &str) -> Result<String, Box<dyn Error>> {
    let mut command = cargo();
    command.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        target,
    ]);
    let text = output(command.current_dir(files::workspace()))?;
    let metadata: Metadata = serde_json::from_slice(&text)?;
    let mut found = Vec::new();
    for package in used(&metadata, package) {
        let folder = package.manifest_path.parent().unwrap_or(Path::new(""));
        let mut texts = Vec::new();
        read(folder, DEPTH, &mut texts)?;
        found.push((package, texts));
    }
    Ok(written(&found))
}

/// The crates whose code is in `name`, itself among them.
fn used<'a>(metadata: &'a Metadata, name: &str) -> Vec<&'a Package> {
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let first = metadata
        .packages
        .iter()
        .filter(|package| package.name == name);
    let mut next: Vec<&str> = first.map(|package| package.id.as_str()).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            let edges = nodes.get(id).map_or(&[][..], |node| node.deps.as_slice());
            let linked = edges
                .iter()
                .filter(|it| it.dep_kinds.iter().any(|it| it.kind.is_none()));
            next.extend(linked.map(|edge| edge.pkg.as_str()));
        }
    }
    let packages = metadata.packages.iter();
    packages
        .filter(|package| reached.contains(package.id.as_str()))
        .collect()
}

/// Reads the licences below `folder`.
fn read(folder: &Path, depth: u8, texts: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        if path.is_dir() {
            if depth > 0 {
                read(&path, depth - 1, texts)?;
            }
        } else if NAMES.iter().any(|begin| name.starts_with(begin)) && !is_code(&path) {
            texts.push(String::from_utf8_lossy(&fs::read(&path)?).trim().to_owned());
        }
    }
    Ok(())
}

/// Code may be named after a licence, too.
fn is_code(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

fn written(found: &[(&Package, Vec<String>)]) -> String {
    let mut list = String::from("This program contains the following crates.\n\n");
    let mut texts = BTreeMap::<&str, BTreeSet<String>>::new();
    for (package, of_package) in found {
        let title = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("see its text below");
        // Writing to a `String` cannot fail.
        let _ = writeln!(list, "{title}: {licence}");
        for text in of_package {
            texts.entry(text).or_default().insert(title.clone());
        }
    }
    let line = "-".repeat(80);
    for (text, crates) in texts {
        let crates = crates.into_iter().collect::<Vec<_>>().join(", ");
        let _ = write!(list, "\n{line}\n{crates}\n{line}\n\n{text}\n");
    }
    list
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_builds_or_tests_is_not_in_the_program() {
        let package = |name: &str| {
            json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT",
                   "manifest_path": format!("/r/{name}/Cargo.toml")})
        };
        let edge = |name: &str, kinds: serde_json::Value| json!({"pkg": name, "dep_kinds": kinds});
        let metadata: Metadata = serde_json::from_value(json!({
            "packages": [package("tool"), package("used"), package("below"), package("build"),
                         package("both")],
            "resolve": {"nodes": [
                {"id": "tool", "deps": [
                    edge("used", json!([{"kind": null}])),
                    edge("build", json!([{"kind": "build"}])),
                    edge("both", json!([{"kind": "dev"}, {"kind": null}])),
                ]},
                {"id": "used", "deps": [edge("below", json!([{"kind": null}]))]},
                {"id": "below", "deps": [edge("tool", json!([{"kind": null}]))]},
            ]},
        }))
        .unwrap();
        let names: Vec<_> = used(&metadata, "tool")
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(names, ["tool", "used", "below", "both"]);
    }

    #[test]
    fn a_text_stands_once() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("LICENSE-MIT", "mit\n"),
            ("src/license.rs", "code"),
            ("c/COPYING", "bsd"),
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut texts = Vec::new();
        read(folder.path(), DEPTH, &mut texts).unwrap();
        texts.sort();
        assert_eq!(texts, ["bsd", "mit"]);

        let package = |name: &str| Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: Some("MIT".to_owned()),
            manifest_path: PathBuf::new(),
        };
        let (one, other) = (package("one"), package("other"));
        let written = written(&[(&one, texts.clone()), (&other, vec!["mit".to_owned()])]);
        assert_eq!(written.matches("\nmit\n").count(), 1);
        assert!(written.contains("\none 1.0.0, other 1.0.0\n"), "{written}");
        assert!(written.contains("\nother 1.0.0: MIT\n"), "{written}");
    }
}
