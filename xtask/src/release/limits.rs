//! How large things may be: `xtask/release.toml`.

use std::collections::BTreeMap;
use std::error::Error;

use serde::Deserialize;

const TEXT: &str = include_str!("../../release.toml");

/// The limits as committed, in bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    package: Packages,
    pub(super) binary: Binary,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packages {
    /// Of every crate,
    most: u64,
    /// but these.
    #[serde(default)]
    but: BTreeMap<String, u64>,
}

/// The command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Binary {
    /// With its default features.
    pub(super) default: u64,
    /// With all of them.
    pub(super) everything: u64,
}

impl Limits {
    pub(super) fn read() -> Result<Self, Box<dyn Error>> {
        toml::from_str(TEXT).map_err(|problem| format!("xtask/release.toml: {problem}").into())
    }

    /// The most bytes that the packed crate `name` may have.
    pub(super) fn of(&self, name: &str) -> u64 {
        self.package
            .but
            .get(name)
            .copied()
            .unwrap_or(self.package.most)
    }
}

/// Bytes as people read them.
pub(super) fn megabytes(bytes: u64) -> String {
    let hundredths = bytes / 10_000;
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_may_have_a_limit_of_its_own() {
        let limits = Limits::read().unwrap();
        assert!(limits.of("tcloud-networks") > limits.of("tcloud-core"));
        assert_eq!(megabytes(1_214_204), "1.21 MB");
        assert_eq!(megabytes(26_448), "0.02 MB");
    }
}
