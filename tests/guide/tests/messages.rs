//! The messages that "Troubleshooting" explains are those of the sources.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs;
use std::path::{Path, PathBuf};

use tcloud_guide::{markdown, pages};

/// The sources of programs and libraries, without their tests and what is generated.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" && name != "generated" {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The text of a source, in which a literal that goes on in the next line is in one piece.
fn joined(text: &str) -> String {
    let mut parts = text.split("\\\n");
    let mut joined = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        joined.push_str(part.trim_start());
    }
    joined
}

#[test]
fn each_message_is_in_one_of_the_sources() {
    let mut paths = Vec::new();
    for entry in fs::read_dir(pages::root().join("crates")).unwrap() {
        sources(&entry.unwrap().path().join("src"), &mut paths);
    }
    let texts: Vec<String> = paths
        .iter()
        .map(|path| joined(&fs::read_to_string(path).unwrap()))
        .collect();
    let text = pages::text("docs/src/troubleshooting.md");
    let messages: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    let headings = markdown::read(&text).headings;
    let third = headings.iter().filter(|(level, _)| *level == 3).count();
    assert_eq!(messages.len(), third, "a heading is no message");
    assert!(messages.len() >= 30, "{}", messages.len());
    for message in messages {
        let parts: Vec<&str> = message
            .split('…')
            .filter(|it| !it.trim().is_empty())
            .collect();
        let known = texts.iter().any(|text| {
            let mut rest = text.as_str();
            parts.iter().all(|part| match rest.split_once(part) {
                Some((_, after)) => {
                    rest = after;
                    true
                }
                None => false,
            })
        });
        assert!(known, "no source says `{message}`");
        let said: usize = parts.iter().map(|it| it.trim().len()).sum();
        assert!(said >= 10, "`{message}` says too little");
    }
}
