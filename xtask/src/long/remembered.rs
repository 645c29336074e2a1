//! What has passed, kept under the target folder.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};

use crate::files;

/// A section that has passed.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Passed {
    /// What was counted.
    pub(super) figure: String,
    /// How long it took.
    pub(super) seconds: u64,
}

/// What has passed with the files as they are: of one commit, or of a work tree beyond it.
pub(super) struct Remembered {
    folder: PathBuf,
    commit: String,
    is_changed: bool,
}

impl Remembered {
    pub(super) fn of_the_files_as_they_are() -> Result<Self, Box<dyn Error>> {
        let folder = files::target().join("long");
        fs::create_dir_all(&folder)?;
        // An index of its own, so that whatever is staged stays as it is.
        let index = folder.join("index");
        git(&index, &["add", "--all"])?;
        let tree = git(&index, &["write-tree"])?;
        let commit = git(&index, &["rev-parse", "HEAD"])?;
        let is_changed = tree != git(&index, &["rev-parse", "HEAD^{tree}"])?;
        Self::in_folder(folder.join(tree), commit, is_changed)
    }

    fn in_folder(
        folder: PathBuf,
        commit: String,
        is_changed: bool,
    ) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            commit,
            is_changed,
        })
    }

    /// What came of a section. What cannot be read has not passed.
    pub(super) fn read(&self, section: &str) -> Option<Passed> {
        let text = fs::read(self.file(section)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    pub(super) fn write(&self, section: &str, passed: &Passed) -> Result<(), Box<dyn Error>> {
        fs::write(self.file(section), serde_json::to_vec(passed)?)?;
        Ok(())
    }

    pub(super) fn forget(&self, section: &str) -> io::Result<()> {
        match fs::remove_file(self.file(section)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self, section: &str) -> PathBuf {
        self.folder.join(format!("{section}.json"))
    }
}

impl fmt::Display for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = if self.is_changed { ", changed" } else { "" };
        write!(f, "commit {}{changed}", self.commit)
    }
}

fn git(index: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let mut command = Command::new("git");
    command.args(arguments).env("GIT_INDEX_FILE", index);
    let output = command.current_dir(files::workspace()).output()?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("git {}: {}", arguments.join(" "), said.trim()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Passed, Remembered};

    #[test]
    fn what_passed_is_remembered_until_it_fails() {
        let folder = tempfile::tempdir().unwrap();
        let remembered =
            || Remembered::in_folder(folder.path().join("tree"), "c".to_owned(), false).unwrap();
        assert_eq!(remembered().read("load"), None);
        let passed = Passed {
            figure: "10,000 objects".to_owned(),
            seconds: 61,
        };
        remembered().write("load", &passed).unwrap();
        assert_eq!(remembered().read("load"), Some(passed));
        assert_eq!(remembered().read("kills-jobs"), None);
        remembered().forget("load").unwrap();
        remembered().forget("load").unwrap();
        assert_eq!(remembered().read("load"), None);
    }

    #[test]
    fn half_a_file_is_no_pass() {
        let folder = tempfile::tempdir().unwrap();
        let remembered =
            Remembered::in_folder(folder.path().to_owned(), "c".to_owned(), true).unwrap();
        std::fs::write(folder.path().join("load.json"), "{\"figure\": \"10").unwrap();
        assert_eq!(remembered.read("load"), None);
        assert_eq!(remembered.to_string(), "commit c, changed");
    }
}
