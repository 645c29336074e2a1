//! What pages tell people to type is there: tasks of ours, packages, tests.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not recognised as tests"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;
use serde_json::Value;
use tcloud_guide::{markdown, pages};

use crate::arguments::Arguments;
use crate::command::{cargo, output};
use crate::files;
use crate::workflows::commands;

/// Folders of packages by name.
type Packages = BTreeMap<String, PathBuf>;

fn packages() -> Packages {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = output(command.current_dir(files::workspace())).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let name = package["name"].as_str().unwrap().to_owned();
            (name, manifest.parent().unwrap().to_owned())
        })
        .collect()
}

/// Why cargo would not take `words`, the command that begins with its name.
fn refused(words: &[String], packages: &Packages) -> Option<String> {
    if words.get(1)? == "xtask" {
        return match Arguments::try_parse_from(&words[1..]) {
            Err(error) if error.kind() != ErrorKind::DisplayHelp => Some(error.to_string()),
            _ => None,
        };
    }
    let after = |flags: &[&str]| {
        let mut words = words.iter().take_while(|it| *it != "--");
        words.find(|it| flags.contains(&it.as_str()))?;
        words.next()
    };
    let package = after(&["-p", "--package"])?;
    let Some(folder) = packages.get(package) else {
        return Some(format!("there is no package {package}"));
    };
    for (flag, below) in [
        ("--test", "tests"),
        ("--example", "examples"),
        ("--bench", "benches"),
    ] {
        let Some(name) = after(&[flag]) else { continue };
        let file = folder.join(below).join(format!("{name}.rs"));
        if !file.is_file() && !folder.join(below).join(name).join("main.rs").is_file() {
            return Some(format!("{package} has no {flag} {name}"));
        }
    }
    None
}

#[test]
fn cargo_takes_what_pages_say() {
    let packages = packages();
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for page in pages::all() {
        for block in markdown::read(&pages::text(&page)).blocks {
            if !matches!(block.language(), "sh" | "console") {
                continue;
            }
            let lines = block.text.lines().map(|line| {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                line.split(" #").next().unwrap_or_default()
            });
            let script = lines
                .filter(|it| !it.starts_with('#'))
                .collect::<Vec<_>>()
                .join("\n");
            for words in commands(&script) {
                if words[0] != "cargo" {
                    continue;
                }
                looked_at += 1;
                if let Some(why) = refused(&words, &packages) {
                    wrong.push(format!("{page}:{}: {}: {why}", block.line, words.join(" ")));
                }
            }
        }
    }
    assert!(looked_at >= 30, "{looked_at}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_there_is_seen() {
    let packages = packages();
    let refused = |line: &str| refused(&commands(line)[0], &packages);
    assert_eq!(
        refused("cargo test -p tcloud-local --test cos_http -- buckets"),
        None
    );
    assert_eq!(refused("cargo xtask lint"), None);
    assert!(refused("cargo test -p tcloud-local --test nothing").is_some());
    assert!(refused("cargo test -p tcloud-nothing").is_some());
    assert!(refused("cargo xtask nothing").is_some());
}
