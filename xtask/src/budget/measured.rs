//! Whose crates are measured.

/// The service whose crate is measured: the largest.
pub(super) const SERVICE: &str = "mps";

/// Its crate.
pub(super) const PACKAGE: &str = "tcloud-mps";

/// The crate of Cloud Infinite, whose rows are all documented.
pub(super) const CI_PACKAGE: &str = "tcloud-ci";
