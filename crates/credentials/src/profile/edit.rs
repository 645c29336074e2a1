//! Changes a profile in its file, and nothing else in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ini::Ini;
use crate::files;

/// A file of profiles that is to be changed: `~/.tencentcloud/credentials`.
#[derive(Debug)]
pub struct ProfileFile {
    path: PathBuf,
    ini: Ini,
}

impl ProfileFile {
    /// Reads the file at `path`; one that does not exist is empty.
    ///
    /// # Errors
    /// It cannot be read, and why; never a word of it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, String> {
        let path = path.into();
        let text = files::read(&path)?.unwrap_or_default();
        let ini = Ini::parse(&text).map_err(|error| {
            format!("{}, line {}: {}", path.display(), error.line, error.reason)
        })?;
        Ok(Self { path, ini })
    }

    /// The value of `key` in `profile`.
    pub fn get(&self, profile: &str, key: &str) -> Option<&str> {
        self.ini.get(profile, key)
    }

    /// Sets `key` in `profile` to `value`.
    ///
    /// # Errors
    /// The name or the value would not be read again as it is: it has a line break, or a space at
    /// an end, or is empty.
    pub fn set(&mut self, profile: &str, key: &str, value: &str) -> Result<(), &'static str> {
        let is_plain = |text: &str| {
            !text.is_empty() && text.trim() == text && !text.contains(|c: char| c.is_control())
        };
        if !is_plain(profile) || profile.contains(['[', ']']) {
            return Err("the name of a profile is one line without square brackets");
        }
        if !is_plain(value) {
            return Err("a value is one line that is not empty, without space around it");
        }
        self.ini.set(profile, key, value);
        Ok(())
    }

    /// Takes `key` out of `profile`.
    pub fn remove(&mut self, profile: &str, key: &str) {
        self.ini.remove(profile, key);
    }

    /// Writes the file anew, for its owner alone (mode 0600), in one step: whoever reads it
    /// meanwhile finds the old one or the new one. Its folder is made if needed (0700).
    ///
    /// # Errors
    /// It cannot be written, and why.
    pub fn save(&self) -> Result<(), String> {
        self.write()
            .map_err(|error| format!("{} cannot be written: {error}", self.path.display()))
    }

    fn write(&self) -> io::Result<()> {
        // A link is to stay a link.
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        make_folder(folder)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let draft = folder.join(format!(".{name}.{}", std::process::id()));
        let written = (|| {
            let mut file = create(&draft)?;
            file.write_all(self.ini.text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        })();
        if written.is_err() {
            // It may not even be there.
            let _ = fs::remove_file(&draft);
        }
        written
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
