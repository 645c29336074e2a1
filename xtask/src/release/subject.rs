//! What is released.

use std::path::PathBuf;

use super::limits::Limits;
use super::workspace::Workspace;

/// What checks look at.
pub(super) struct Release {
    pub(super) workspace: Workspace,
    pub(super) limits: Limits,
    /// What was released last, if anything.
    pub(super) baseline: Option<String>,
    pub(super) binary: Option<PathBuf>,
    pub(super) builds: bool,
    pub(super) allow_dirty: bool,
}
