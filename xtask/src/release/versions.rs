//! One version for all crates, and what names it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use super::outcome::{Checked, none_of};
use super::subject::Release;
use super::workspace::Package;

/// A version that was typed in: three numbers, and what comes before a release if it is none yet.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let (numbers, label) = text
        .split_once('-')
        .map_or((text, None), |(n, l)| (n, Some(l)));
    let is_number = |part: &str| {
        part.parse::<u64>()
            .is_ok_and(|number| number.to_string() == part)
    };
    let labelled = label.is_none_or(|label| {
        !label.is_empty()
            && label
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '.')
    });
    let parts: Vec<&str> = numbers.split('.').collect();
    if parts.len() == 3 && parts.into_iter().all(is_number) && labelled {
        Ok(text.to_owned())
    } else {
        Err("a version such as 0.2.0 or 1.0.0-rc.1 is needed".to_owned())
    }
}

/// What README files tell people to write: the part of a version that compatible ones share.
pub(super) fn compatible(version: &str) -> String {
    if version.contains('-') {
        return version.to_owned();
    }
    let parts: Vec<&str> = version.splitn(3, '.').collect();
    match parts.as_slice() {
        ["0", "0", _] => version.to_owned(),
        ["0", minor, _] => format!("0.{minor}"),
        [major, ..] => (*major).to_owned(),
        [] => String::new(),
    }
}

/// Crates, their dependencies and README files name one version.
pub(super) fn check(release: &Release) -> Checked {
    let workspace = &release.workspace;
    let mut found = Vec::new();
    for package in &workspace.packages {
        found.extend(of_package(package, &workspace.version));
    }
    let mut lines = 0;
    for readme in readmes(&workspace.root, &workspace.packages) {
        let text = fs::read_to_string(workspace.root.join(&readme))?;
        let (count, wrong) = of_readme(&text, &workspace.version);
        lines += count;
        found.extend(wrong.into_iter().map(|wrong| format!("{readme}: {wrong}")));
    }
    none_of(&found, || {
        let crates = workspace.packages.len();
        format!(
            "{} in {crates} crates and {lines} lines of README files",
            workspace.version
        )
    })
}

/// README files, as seen from the workspace.
pub(super) fn readmes(root: &Path, packages: &[Package]) -> BTreeSet<String> {
    let of_crates = packages
        .iter()
        .map(|package| package.folder().join("README.md"));
    let all = of_crates.chain([root.join("README.md")]);
    all.filter(|path| path.is_file())
        .filter_map(|path| Some(path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/")))
        .collect()
}

fn of_package(package: &Package, version: &str) -> Vec<String> {
    let mut found = Vec::new();
    if package.version != version {
        found.push(format!(
            "{}: {} instead of {version}",
            package.name, package.version
        ));
    }
    for dependency in &package.dependencies {
        // What only tests need is not looked for by whoever uses the crate.
        let is_used = dependency.kind.as_deref() != Some("dev");
        let is_own = dependency.path.is_some();
        if is_own && is_used && dependency.req != format!("^{version}") {
            let Package { name, .. } = package;
            let (own, req) = (&dependency.name, &dependency.req);
            found.push(format!(
                "{name}: {own} = \"{req}\" instead of \"{version}\""
            ));
        }
    }
    found
}

/// How many lines of a README name a version of ours, and those that name another than `version`.
fn of_readme(text: &str, version: &str) -> (usize, Vec<String>) {
    let named: Vec<_> = text.lines().filter_map(named).collect();
    let right = compatible(version);
    let wrong = named.iter().filter(|(_, named)| *named != right);
    let wrong = wrong.map(|(line, _)| format!("`{}` instead of \"{right}\"", line.trim()));
    (named.len(), wrong.collect())
}

/// A line that depends on a crate of ours by its version, and the version.
fn named(line: &str) -> Option<(&str, &str)> {
    let entry = line.trim_start_matches(['#', ' ']);
    let (name, value) = entry.split_once(" = ")?;
    if !name.starts_with("tcloud-") {
        return None;
    }
    let value = match value.strip_prefix('"') {
        Some(version) => version,
        None => value.split_once("version = \"")?.1,
    };
    Some((line, value.split_once('"')?.0))
}

/// `text` of a README that names `old`, with `new` in its place.
pub(super) fn renamed(text: &str, old: &str, new: &str) -> String {
    let (old, new) = (compatible(old), compatible(new));
    let lines = text.split_inclusive('\n').map(|line| match named(line) {
        Some((_, version)) if version == old => {
            line.replacen(&format!("\"{old}\""), &format!("\"{new}\""), 1)
        }
        _ => line.to_owned(),
    });
    lines.collect()
}

/// The workspace's manifest with another version of all crates.
pub(super) fn manifest(text: &str, old: &str, new: &str) -> Result<String, Box<dyn Error>> {
    let (of, to) = (
        format!("version = \"{old}\""),
        format!("version = \"{new}\""),
    );
    let mut changed = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let is_own = line.starts_with("tcloud-") && line.contains("path = ");
        if (is_own || line.trim_end() == of) && line.contains(&of) {
            changed += 1;
            line.replacen(&of, &to, 1)
        } else {
            line.to_owned()
        }
    });
    let text = lines.collect();
    if changed == 0 {
        return Err(format!("Cargo.toml does not name {old}").into());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::workspace::Dependency;

    #[test]
    fn versions_are_three_numbers() {
        for version in ["0.1.0", "10.0.0", "1.0.0-rc.1"] {
            assert_eq!(parse(version).unwrap(), version);
        }
        for text in [
            "", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.-1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn people_write_what_compatible_versions_share() {
        let written = ["0.0.3", "0.1.7", "2.3.4", "1.0.0-rc.1"].map(compatible);
        assert_eq!(written, ["0.0.3", "0.1", "2", "1.0.0-rc.1"]);
    }

    #[test]
    fn a_crate_names_the_version_of_those_it_uses() {
        let dependency = |req: &str, kind: Option<&str>| Dependency {
            name: "tcloud-core".to_owned(),
            req: req.to_owned(),
            kind: kind.map(str::to_owned),
            path: Some("/w/core".into()),
        };
        let package = |dependency| Package {
            name: "tcloud-ci".to_owned(),
            version: "0.2.0".to_owned(),
            dependencies: vec![dependency],
            ..Package::default()
        };
        let used = package(dependency("^0.2.0", None));
        assert!(of_package(&used, "0.2.0").is_empty());
        assert_eq!(of_package(&used, "0.3.0").len(), 2);
        assert_eq!(
            of_package(&package(dependency("*", None)), "0.2.0").len(),
            1
        );
        assert!(of_package(&package(dependency("*", Some("dev"))), "0.2.0").is_empty());
    }

    #[test]
    fn readme_files_follow_the_version() {
        let text = "# tcloud-ci = \"0.1\"  # published\ntcloud-cos = { version = \"0.1\", features = [] }\n\
            tcloud-ci = { path = \"../tcloud/crates/ci\" }\ntokio = \"0.1\"\n";
        assert_eq!(of_readme(text, "0.1.9"), (2, Vec::new()));
        assert_eq!(of_readme(text, "0.2.0").1.len(), 2);
        let renamed = renamed(text, "0.1.0", "0.2.0");
        assert_eq!(of_readme(&renamed, "0.2.0"), (2, Vec::new()));
        assert!(renamed.ends_with("tokio = \"0.1\"\n"));
    }

    #[test]
    fn the_manifest_of_the_workspace_has_the_version_once_for_each_crate() {
        let text = include_str!("../../../Cargo.toml");
        let old = env!("CARGO_PKG_VERSION");
        let new = manifest(text, old, "7.8.9").unwrap();
        assert!(!new.contains(&format!("version = \"{old}\"")));
        let own = new.lines().filter(|line| line.starts_with("tcloud-"));
        assert!(own.clone().count() > 10);
        assert!(own.clone().all(|line| line.contains("version = \"7.8.9\"")));
        assert!(manifest("", old, "7.8.9").is_err());
    }
}
