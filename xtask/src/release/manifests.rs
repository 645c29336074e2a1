//! What registries and docs.rs show of each crate.

use std::{fs, io};

use super::outcome::{Checked, none_of};
use super::subject::Release;
use super::workspace::Package;

/// Longest description that crates.io shows without cutting it in lists.
const DESCRIPTION: usize = 200;

/// Each crate is described, licensed, and set up for docs.rs.
pub(super) fn check(release: &Release) -> Checked {
    let packages = &release.workspace.packages;
    none_of(&of_packages(packages)?, || {
        format!("{} crates", packages.len())
    })
}

fn of_packages(packages: &[Package]) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for package in packages {
        let library = package.library().map(fs::read_to_string).transpose()?;
        let has = |file: &str| package.folder().join(file).is_file();
        let of_package = of_package(package, library.as_deref(), &has);
        found.extend(
            of_package
                .into_iter()
                .map(|it| format!("{}: {it}", package.name)),
        );
    }
    Ok(found)
}

fn of_package(package: &Package, library: Option<&str>, has: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |holds: bool, otherwise: &str| {
        if !holds {
            found.push(otherwise.to_owned());
        }
    };
    let described = package.description.as_deref().unwrap_or_default();
    must(!described.is_empty(), "no description");
    must(
        described.chars().count() <= DESCRIPTION,
        "the description is too long for a list",
    );
    must(
        package.license.is_some(),
        "no licence: `license.workspace = true`",
    );
    must(package.rust_version.is_some(), "no rust-version");
    must(
        has("LICENSE"),
        "no file LICENSE: a link to the one of the workspace",
    );
    must(has("README.md") && package.readme.is_some(), "no README.md");
    if let Some(library) = library {
        let all = package.metadata.pointer("/docs/rs/all-features");
        must(
            all == Some(&true.into()),
            "docs.rs would leave features out: `all-features = true` in `[package.metadata.docs.rs]`",
        );
        let tells = library.contains("#![cfg_attr(docsrs, feature(doc_cfg))]");
        must(
            tells || package.features.is_empty(),
            "docs.rs would not say what needs a feature: `#![cfg_attr(docsrs, feature(doc_cfg))]`",
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package() -> Package {
        serde_json::from_value(json!({
            "name": "tcloud-ci", "version": "0.1.0", "manifest_path": "/w/Cargo.toml",
            "description": "A client.", "license": "Apache-2.0", "readme": "README.md",
            "rust_version": "1.89", "features": {"testing": []},
            "metadata": {"docs": {"rs": {"all-features": true}}},
        }))
        .unwrap()
    }

    #[test]
    fn what_is_missing_is_named() {
        let library = "#![cfg_attr(docsrs, feature(doc_cfg))]\n";
        let all = |_: &str| true;
        assert!(of_package(&package(), Some(library), &all).is_empty());
        assert!(of_package(&package(), None, &all).is_empty());
        let without = Package {
            description: None,
            metadata: json!(null),
            ..package()
        };
        let found = of_package(&without, Some(""), &|file| file == "README.md");
        let told = ["no description", "LICENSE", "all-features", "doc_cfg"];
        assert_eq!(found.len(), told.len(), "{found:?}");
        for (found, told) in found.iter().zip(told) {
            assert!(found.contains(told), "{found} {told}");
        }
    }
}
