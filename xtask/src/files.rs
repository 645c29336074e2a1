//! Files of the workspace: what exists, and what should.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// A file that could not be read or written.
#[derive(Debug)]
pub(crate) struct FileError {
    path: PathBuf,
    action: &'static str,
    cause: io::Error,
}

impl FileError {
    fn new(path: &Path, action: &'static str, cause: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            action,
            cause,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot {} {}: {}",
            self.action,
            self.path.display(),
            self.cause
        )
    }
}

impl std::error::Error for FileError {}

/// The workspace's root: that of the workspace cargo runs the task in, which need not be the one
/// the task was built in.
pub(crate) fn workspace() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or_else(|| own.clone(), Path::to_owned)
}

/// Where builds leave their files.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// The texts of all files below `folder` that end in `.extension`, by their path from there, with
/// `/`. A folder that is not there has none.
pub(crate) fn read(folder: &Path, extension: &str) -> Result<BTreeMap<String, String>, FileError> {
    let mut texts = BTreeMap::new();
    read_into(&mut texts, folder, "", extension)?;
    Ok(texts)
}

fn read_into(
    texts: &mut BTreeMap<String, String>,
    folder: &Path,
    prefix: &str,
    extension: &str,
) -> Result<(), FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(FileError::new(folder, "list", cause)),
    };
    for entry in entries {
        let entry = entry.map_err(|cause| FileError::new(folder, "list", cause))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            read_into(texts, &path, &format!("{name}/"), extension)?;
        } else if path.extension().is_some_and(|it| it == extension) {
            let text =
                fs::read_to_string(&path).map_err(|cause| FileError::new(&path, "read", cause))?;
            texts.insert(name, text);
        }
    }
    Ok(())
}

/// Makes the files below `folder` that end in `.extension` those of `wanted`, and returns the paths
/// of the ones that were not. With `check` it changes nothing.
pub(crate) fn replace(
    folder: &Path,
    extension: &str,
    wanted: &BTreeMap<String, String>,
    check: bool,
) -> Result<Vec<PathBuf>, FileError> {
    let present = read(folder, extension)?;
    let mut changed = Vec::new();
    for (name, text) in wanted {
        if present.get(name) != Some(text) {
            changed.push(folder.join(name));
            if !check {
                write(&folder.join(name), text)?;
            }
        }
    }
    for stale in present.keys().filter(|name| !wanted.contains_key(*name)) {
        let path = folder.join(stale);
        if !check {
            fs::remove_file(&path).map_err(|cause| FileError::new(&path, "remove", cause))?;
        }
        changed.push(path);
    }
    Ok(changed)
}

fn write(path: &Path, text: &str) -> Result<(), FileError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| FileError::new(folder, "make", cause))?;
    }
    fs::write(path, text).map_err(|cause| FileError::new(path, "write", cause))
}
