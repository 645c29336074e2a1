//! The pages that people read.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The paths of the guide's pages, as seen from the workspace, in order.
///
/// # Panics
///
/// A folder cannot be read.
pub fn of_guide() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec!["docs/src".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of pages") {
            let name = entry.expect("a page").file_name();
            let path = format!("{folder}/{}", name.to_string_lossy());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension().is_some_and(|it| it == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// All of them, with those that are not of the guide.
///
/// # Panics
///
/// A folder cannot be read.
pub fn all() -> Vec<String> {
    let mut pages = of_guide();
    for page in [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "README.md",
    ] {
        pages.push(page.to_owned());
    }
    for entry in fs::read_dir(root().join("crates")).expect("the crates") {
        let name = entry.expect("a crate").file_name();
        pages.push(format!("crates/{}/README.md", name.to_string_lossy()));
    }
    pages.sort();
    pages
}

/// The text of a page. What it takes over from another one is in it, as mdBook does it.
///
/// # Panics
///
/// It cannot be read, or it takes over what is not there.
pub fn text(page: &str) -> String {
    let path = root().join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    let mut parts = text.split("{{#include ");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (from, rest) = part.split_once("}}").expect("the end of an include");
        let (file, name) = from.split_once(':').expect("the name of a part");
        let file = path.parent().expect("a folder").join(file);
        let file = fs::read_to_string(file).unwrap_or_else(|error| panic!("{page}: {error}"));
        let part = file
            .split_once(&format!("ANCHOR: {name} "))
            .and_then(|(_, after)| after.split_once('\n'))
            .and_then(|(_, after)| after.split_once("<!-- ANCHOR_END"))
            .unwrap_or_else(|| panic!("{page}: there is no {from}"));
        whole.push_str(part.0);
        whole.push_str(rest);
    }
    whole
}
