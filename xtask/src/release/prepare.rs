//! Writes a version to everything that names it.

use std::error::Error;
use std::fs;

use super::workspace::Workspace;
use super::{changelog, versions};
use crate::command::{cargo, succeed};

/// Makes `version` that of all crates, README files, the changelog and Cargo.lock.
pub(super) fn run(version: &str, baseline: Option<&str>) -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::read()?;
    let old = workspace.version.as_str();
    if old != version {
        let path = workspace.root.join("Cargo.toml");
        let text = fs::read_to_string(&path)?;
        fs::write(&path, versions::manifest(&text, old, version)?)?;
        for readme in versions::readmes(&workspace.root, &workspace.packages) {
            let path = workspace.root.join(readme);
            let text = fs::read_to_string(&path)?;
            let new = versions::renamed(&text, old, version);
            if new != text {
                fs::write(&path, new)?;
            }
        }
        let mut command = cargo();
        command.args(["update", "--workspace", "--offline"]);
        succeed(command.current_dir(&workspace.root))?;
    }
    changelog::prepare(version, baseline)
}
