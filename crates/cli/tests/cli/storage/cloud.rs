//! A local cloud with a bucket, and a folder that commands run in.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::served::Served;
use crate::support::{Finished, finish, tcloud};

/// The bucket that is there.
pub(crate) const BUCKET: &str = "cos://demo-1250000000";

/// A local cloud with a bucket, and a folder that commands run in.
pub(crate) struct Cloud {
    served: Served,
    folder: TempDir,
}

impl Cloud {
    pub(crate) fn start() -> Self {
        let cloud = Self {
            served: Served::start(&["--ephemeral"]),
            folder: tempfile::tempdir().unwrap(),
        };
        cloud.done(&["mb", BUCKET]);
        cloud
    }

    /// Its URL.
    pub(crate) fn address(&self) -> &str {
        &self.served.address
    }

    /// The command in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tcloud();
        command
            .current_dir(self.folder.path())
            .env("TCLOUD_ENDPOINT", &self.served.address)
            .env("TENCENTCLOUD_SECRET_ID", tcloud_local::DEFAULT_SECRET_ID)
            .env("TENCENTCLOUD_SECRET_KEY", tcloud_local::DEFAULT_SECRET_KEY)
            .env("TENCENTCLOUD_REGION", "ap-guangzhou")
            .env("XDG_STATE_HOME", self.folder.path().join(".state"))
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        finish(&mut self.command(arguments))
    }

    /// What a command prints that succeeds.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}{}", done.out, done.err);
        done.out
    }

    /// The errors of a command that ends with `code`.
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let failed = self.run(arguments);
        assert_eq!(
            failed.code, code,
            "{arguments:?}: {}{}",
            failed.out, failed.err
        );
        failed.err
    }

    /// What a command prints as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.done(arguments)).unwrap()
    }

    /// Stores `content` as the object `key`.
    pub(crate) fn put(&self, key: &str, content: &str) {
        let place = format!("{BUCKET}/{key}");
        let mut command = self.command(&["cp", "-", &place, "--quiet"]);
        let done = finish(command.write_stdin(content));
        assert_eq!(done.code, 0, "{}", done.err);
    }

    /// All keys, in their order.
    pub(crate) fn keys(&self) -> Vec<String> {
        let list = self.json(&["ls", "-r", BUCKET, "--json"]);
        let keys = list.as_array().unwrap().iter();
        keys.map(|entry| entry["key"].as_str().unwrap().to_owned())
            .collect()
    }

    /// A path in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file in the folder.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// All files in a folder, by path from there.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        fn walk(root: &std::path::Path, folder: &std::path::Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().display().to_string());
                }
            }
        }
        let root = self.path(folder);
        let mut found = Vec::new();
        walk(&root, &root, &mut found);
        found.sort();
        found
    }
}
