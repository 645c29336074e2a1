//! The changelog: it has the version that is released, and what the tables changed.

use std::error::Error;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use super::outcome::{Checked, none_of};
use super::subject::Release;
use crate::{diff, files};

const FILE: &str = "CHANGELOG.md";

/// What is written under before a version is chosen.
const NEXT: &str = "Unreleased";

/// The version has a section, with everything that the tables changed since the last release.
pub(super) fn check(release: &Release) -> Checked {
    let text = fs::read_to_string(release.workspace.root.join(FILE))?;
    let version = &release.workspace.version;
    let Some(section) = section(&text, version) else {
        return Err(format!(
            "{FILE}: no section of {version}; `cargo xtask release --prepare {version}` makes it \
             of \"{NEXT}\""
        )
        .into());
    };
    if section.trim().is_empty() {
        return Err(format!("{FILE}: the section of {version} is empty").into());
    }
    let Some(baseline) = &release.baseline else {
        return none_of(&[], || {
            "nothing was released before that tables could be compared with".to_owned()
        });
    };
    let entries = entries(&diff::since(baseline)?.changelog());
    let missing: Vec<_> = missing(section, &entries)
        .into_iter()
        .map(|entry| format!("{FILE}: not in the section of {version}: {entry}"))
        .collect();
    none_of(&missing, || {
        format!("{} entries of the tables since {baseline}", entries.len())
    })
}

/// The text under the heading of `version`, with or without a date.
fn section<'a>(text: &'a str, version: &str) -> Option<&'a str> {
    let mut sections = text.split("\n## ").skip(1);
    sections.find_map(|section| {
        let (heading, body) = section.split_once('\n')?;
        (heading.split(' ').next() == Some(version)).then_some(body)
    })
}

/// The entries of a section, each in one line.
fn entries(section: &str) -> Vec<String> {
    let items = section.split("\n- ").skip(1);
    let one_line = items.map(|item| {
        let item = item.split("\n\n").next().unwrap_or_default();
        item.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    one_line.collect()
}

fn missing(section: &str, entries: &[String]) -> Vec<String> {
    let words = section.split_whitespace().collect::<Vec<_>>().join(" ");
    let missing = entries
        .iter()
        .filter(|entry| !words.contains(entry.as_str()));
    missing.cloned().collect()
}

/// Gives what is unreleased the heading of `version`, and adds what the tables changed since
/// `baseline` and nobody wrote down.
pub(super) fn prepare(version: &str, baseline: Option<&str>) -> Result<(), Box<dyn Error>> {
    let path = files::workspace().join(FILE);
    let text = fs::read_to_string(&path)?;
    if section(&text, version).is_some() {
        return Ok(());
    }
    let changed = match baseline {
        Some(revision) => entries(&diff::since(revision)?.changelog()),
        None => Vec::new(),
    };
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let date = tcloud_core::time::utc_date(i64::try_from(seconds)?);
    fs::write(&path, released(&text, version, &date, &changed)?)?;
    Ok(())
}

fn released(text: &str, version: &str, date: &str, changed: &[String]) -> Result<String, String> {
    let body = section(text, NEXT).ok_or_else(|| format!("{FILE}: no section \"{NEXT}\""))?;
    let mut added = String::new();
    for entry in missing(body, changed) {
        added = added + "- " + &entry + "\n";
    }
    if !added.is_empty() {
        added = format!("\n\n### Operations and types\n\n{}", added.trim_end());
    }
    let new = format!("## {version} — {date}\n{}{added}\n", body.trim_end());
    Ok(text.replacen(&format!("## {NEXT}\n{body}"), &new, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\nWords.\n\n## Unreleased\n\n### Clients\n\n- A is faster, as it\n  was.\n\n## 0.1.0 — 2026-01-02\n\n- All.\n";

    #[test]
    fn a_section_ends_where_the_next_begins() {
        assert_eq!(section(TEXT, "0.1.0").unwrap().trim(), "- All.");
        assert!(section(TEXT, NEXT).unwrap().trim().ends_with("was."));
        assert_eq!(section(TEXT, "0.1"), None);
        assert_eq!(section(TEXT, "Clients"), None);
    }

    #[test]
    fn what_is_unreleased_becomes_the_version() {
        let text = released(TEXT, "0.2.0", "2026-03-04", &[]).unwrap();
        assert!(section(&text, NEXT).is_none());
        assert_eq!(
            section(&text, "0.2.0").unwrap().trim(),
            section(TEXT, NEXT).unwrap().trim()
        );
        assert_eq!(section(&text, "0.1.0"), section(TEXT, "0.1.0"));
        assert!(text.contains("\n## 0.2.0 — 2026-03-04\n\n### Clients\n"));
        assert!(released(&text, "0.3.0", "", &[]).is_err());
    }

    #[test]
    fn what_tables_changed_is_added_once() {
        let of_tables =
            "## Unreleased\n\n### Added\n\n- A is faster, as it was.\n- `b` is new\n  here.\n";
        let entries = entries(of_tables);
        assert_eq!(entries, ["A is faster, as it was.", "`b` is new here."]);
        let text = released(TEXT, "0.2.0", "2026-03-04", &entries).unwrap();
        let written = section(&text, "0.2.0").unwrap();
        assert!(missing(written, &entries).is_empty());
        assert_eq!(written.matches("faster").count(), 1);
        assert!(section(&text, "0.1.0").is_some());
    }
}
