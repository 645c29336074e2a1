//! The committed limits: `xtask/budget.toml`.

use std::collections::BTreeMap;
use std::error::Error;

use serde::Deserialize;

use super::figure::{Figure, Subject};

const TEXT: &str = include_str!("../../budget.toml");

/// The limits, and what the peers are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Limits {
    /// The peer from the registry.
    pub(crate) aws: Aws,
    limits: BTreeMap<Figure, Limit>,
}

/// The peer from the registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Aws {
    /// The crate.
    pub(crate) package: String,
    /// The one version of it.
    pub(crate) version: String,
}

/// What a figure may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Limit {
    most: Option<f64>,
    ci: Option<f64>,
    cos: Option<f64>,
    of_serde: Option<Share>,
    of_aws: Option<Share>,
}

/// A share of a peer's figure, such as `1/6`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Share {
    /// As it is written.
    pub(crate) text: String,
    /// As a number.
    pub(crate) value: f64,
}

impl TryFrom<String> for Share {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let value = text.split_once('/').and_then(|(part, whole)| {
            let (part, whole): (u16, u16) = (part.parse().ok()?, whole.parse().ok()?);
            (whole > 0).then(|| f64::from(part) / f64::from(whole))
        });
        match value {
            Some(value) => Ok(Self { text, value }),
            None => Err(format!("`{text}` is not a share such as `1/6`")),
        }
    }
}

impl Limits {
    /// The limits as committed.
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        toml::from_str(TEXT).map_err(|problem| format!("xtask/budget.toml: {problem}").into())
    }

    /// The most that `figure` of our own crate `subject` may be, in its unit.
    pub(crate) fn most(&self, figure: Figure, subject: Subject) -> Option<f64> {
        let limit = self.limits.get(&figure)?;
        match subject {
            Subject::Tcloud => limit.most,
            Subject::Ci => limit.ci,
            Subject::Cos => limit.cos,
            Subject::Serde | Subject::Aws => None,
        }
    }

    /// The most that `figure` may be of `peer`'s.
    pub(crate) fn share(&self, figure: Figure, peer: Subject) -> Option<&Share> {
        let limit = self.limits.get(&figure)?;
        match peer {
            Subject::Tcloud | Subject::Ci | Subject::Cos => None,
            Subject::Serde => limit.of_serde.as_ref(),
            Subject::Aws => limit.of_aws.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_limits_are_read() {
        let limits = Limits::read().unwrap();
        let share = limits.share(Figure::DevBuild, Subject::Serde).unwrap();
        assert!(share.value < 1.0, "{share:?}");
        assert!(
            limits
                .most(Figure::UnusedOperations, Subject::Tcloud)
                .is_some()
        );
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "1", "1/0", "1/-2", "a/b", "1/2/3"] {
            assert!(Share::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
