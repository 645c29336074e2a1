//! The checks of a release, in the order in which they are made: cheap ones first.

use super::outcome::{Checked, Outcome};
use super::subject::Release;
use super::{changelog, manifests, packages, program, repository, toolchains, tools, versions};
use crate::regenerate;

/// Something that must hold.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: fn(&Release) -> Checked,
}

pub(super) const CHECKS: [Check; 11] = [
    Check {
        name: "repository",
        about: "the address of the repository is a real one",
        run: repository::check,
    },
    Check {
        name: "versions",
        about: "crates, their dependencies on one another and README files name one version",
        run: versions::check,
    },
    Check {
        name: "changelog",
        about: "the changelog has the version, and all that the tables change since the last one",
        run: changelog::check,
    },
    Check {
        name: "manifests",
        about: "each crate has a description, README, licence and the settings of docs.rs",
        run: manifests::check,
    },
    Check {
        name: "generated",
        about: "generated files are those of the tables",
        run: generated,
    },
    Check {
        name: "licences",
        about: "dependencies are what deny.toml allows",
        run: tools::licences,
    },
    Check {
        name: "packages",
        about: "each crate can be packed, is small, and builds from its package",
        run: packages::check,
    },
    Check {
        name: "semver",
        about: "interfaces changed as the version says",
        run: tools::semver,
    },
    Check {
        name: "msrv",
        about: "each crate builds with the oldest Rust that it promises",
        run: toolchains::oldest,
    },
    Check {
        name: "docs",
        about: "docs.rs can build the documentation of each library",
        run: toolchains::documentation,
    },
    Check {
        name: "binary",
        about: "the command is small",
        run: program::check,
    },
];

/// The check of this name.
pub(super) fn named(name: &str) -> Result<&'static Check, String> {
    let names = || CHECKS.map(|check| check.name).join(", ");
    let found = CHECKS.iter().find(|check| check.name == name);
    found.ok_or_else(|| format!("there are {}", names()))
}

fn generated(_: &Release) -> Checked {
    regenerate::run(&regenerate::Arguments { check: true })?;
    Ok(Outcome::Passed("in step with the tables".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_found_by_their_names_and_others_are_told() {
        for check in &CHECKS {
            assert_eq!(named(check.name).unwrap().about, check.about);
        }
        assert!(named("licenses").unwrap_err().contains("licences"));
    }
}
