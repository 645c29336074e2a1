//! The folders and files of a seed.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::error::{FILE, SeedError};

/// The files of a bucket by their keys.
pub(super) type Files = BTreeMap<String, PathBuf>;

/// The folders in `folder` by their names, with the files in each.
pub(super) fn buckets(folder: &Path) -> Result<BTreeMap<String, Files>, SeedError> {
    let mut buckets = BTreeMap::new();
    for (name, entry) in entries(folder)? {
        let path = entry.path();
        if !is_folder(&path)? {
            let extension = path.extension().and_then(|it| it.to_str());
            if name != FILE && matches!(extension, Some("yaml" | "yml")) {
                let why = format!("only {FILE} is read; rename the file, or delete it");
                return Err(SeedError::at(&path, why));
            }
        } else if !name.starts_with('.') {
            let mut files = Files::new();
            collect(&path, "", &mut files)?;
            buckets.insert(name, files);
        }
    }
    Ok(buckets)
}

/// Adds the files in `folder`, whose keys begin with `prefix`.
fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<(), SeedError> {
    for (name, entry) in entries(folder)? {
        let path = entry.path();
        let key = format!("{prefix}{name}");
        if !is_folder(&path)? {
            files.insert(key, path);
        } else if path.is_symlink() {
            // It may lead to where it is itself.
            let why = "a link to a folder is not followed; copy the folder";
            return Err(SeedError::at(&path, why));
        } else {
            collect(&path, &format!("{key}/"), files)?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<(String, DirEntry)>, SeedError> {
    let unreadable = |error| SeedError::unreadable(folder, error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string().map_err(|_| {
            let why = "the name is no text in UTF-8, which a key has to be; rename it";
            SeedError::at(&entry.path(), why)
        })?;
        entries.push((name, entry));
    }
    Ok(entries)
}

fn is_folder(path: &Path) -> Result<bool, SeedError> {
    let metadata = fs::metadata(path);
    let metadata = metadata.map_err(|error| SeedError::unreadable(path, error))?;
    Ok(metadata.is_dir())
}
