//! The crates of the workspace that are published, as cargo sees them.

use std::error::Error;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command::{cargo, output};
use crate::files;

/// What of the workspace a release is about.
pub(super) struct Workspace {
    /// The version that all crates share.
    pub(super) version: String,
    /// Its folder.
    pub(super) root: PathBuf,
    /// What is published, by name.
    pub(super) packages: Vec<Package>,
    /// The members that are not published.
    pub(super) private: Vec<String>,
    /// Whether the address of the repository is none yet.
    pub(super) placeholder: bool,
}

/// A crate.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) readme: Option<String>,
    pub(super) rust_version: Option<String>,
    #[serde(default)]
    pub(super) features: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    pub(super) metadata: serde_json::Value,
    pub(super) manifest_path: PathBuf,
    #[serde(default)]
    pub(super) dependencies: Vec<Dependency>,
    #[serde(default)]
    pub(super) targets: Vec<Target>,
    /// Registries that it may be published to; any if this is absent.
    pub(super) publish: Option<Vec<String>>,
}

/// What a crate depends on.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// The versions that will do, `*` if none was named.
    pub(super) req: String,
    /// `dev` and `build`; none for what the crate itself uses.
    pub(super) kind: Option<String>,
    /// Where it is, unless it comes from a registry.
    pub(super) path: Option<PathBuf>,
}

/// What a crate builds.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Target {
    pub(super) kind: Vec<String>,
    pub(super) src_path: PathBuf,
}

impl Package {
    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// The first file of its library, if it has one.
    pub(super) fn library(&self) -> Option<&Path> {
        let is_library = |target: &&Target| target.kind.iter().any(|kind| kind == "lib");
        let library = self.targets.iter().find(is_library)?;
        Some(&library.src_path)
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    #[serde(default)]
    metadata: serde_json::Value,
}

impl Workspace {
    /// The workspace as it is on the disk.
    pub(super) fn read() -> Result<Self, Box<dyn Error>> {
        let root = files::workspace();
        let mut command = cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata = output(command.current_dir(&root))?;
        Self::of(&metadata, root)
    }

    fn of(metadata: &[u8], root: PathBuf) -> Result<Self, Box<dyn Error>> {
        let metadata: Metadata = serde_json::from_slice(metadata)?;
        let mark = "/release/repository-is-placeholder";
        let placeholder = metadata.metadata.pointer(mark) == Some(&true.into());
        let is_private = |package: &Package| package.publish.as_ref().is_some_and(Vec::is_empty);
        let (private, mut packages): (Vec<_>, Vec<_>) =
            metadata.packages.into_iter().partition(is_private);
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        // Members of which nothing is published have the version of the workspace, too.
        let first = packages.first().ok_or("the workspace publishes nothing")?;
        Ok(Self {
            version: first.version.clone(),
            root,
            placeholder,
            private: private.into_iter().map(|package| package.name).collect(),
            packages,
        })
    }

    /// What is published and has a library.
    pub(super) fn libraries(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|it| it.library().is_some())
    }

    /// Flags of cargo that choose what is published.
    pub(super) fn published(&self) -> Vec<&str> {
        let mut flags = vec!["--workspace"];
        for name in &self.private {
            flags.extend(["--exclude", name]);
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_published_is_told_apart() {
        let text = br#"{
            "packages": [
                {"name": "b", "version": "1.2.3", "manifest_path": "/w/b/Cargo.toml", "publish": null},
                {"name": "tests", "version": "0.0.0", "manifest_path": "/w/t/Cargo.toml", "publish": []},
                {"name": "a", "version": "1.2.3", "manifest_path": "/w/a/Cargo.toml", "publish": null,
                 "targets": [{"kind": ["lib"], "src_path": "/w/a/src/lib.rs"}]}
            ],
            "metadata": {"release": {"repository-is-placeholder": true}}
        }"#;
        let workspace = Workspace::of(text, "/w".into()).unwrap();
        assert_eq!(workspace.version, "1.2.3");
        assert!(workspace.placeholder);
        assert_eq!(workspace.published(), ["--workspace", "--exclude", "tests"]);
        let names: Vec<_> = workspace.packages.iter().map(|it| &it.name).collect();
        assert_eq!(names, ["a", "b"]);
        let libraries: Vec<_> = workspace.libraries().map(|it| &it.name).collect();
        assert_eq!(libraries, ["a"]);
    }
}
