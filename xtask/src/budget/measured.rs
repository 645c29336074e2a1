//! Whose crates are measured.

use super::figure::Subject;

/// The service whose crate is measured: the largest.
pub(super) const SERVICE: &str = "mps";

/// Its crate.
pub(super) const PACKAGE: &str = "tcloud-mps";

/// Further crates, whose rows are all documented, with the packages that depend on them alone.
pub(super) const FURTHER: [(Subject, &str, &str); 2] = [
    (Subject::Ci, "tcloud-ci", "lean-ci"),
    (Subject::Cos, "tcloud-cos", "lean-cos"),
];
