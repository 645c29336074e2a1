//! The files a job command works on.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The files that some paths name.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The files, in the order of the paths.
    pub(crate) paths: Vec<PathBuf>,
    /// Why other paths cannot be taken.
    pub(crate) refused: Vec<Error>,
}

/// The files that `paths` name, those in directories included if `recursive`.
pub(crate) fn gather(paths: &[PathBuf], recursive: bool) -> Gathered {
    let mut found = Gathered::default();
    for path in paths {
        match fs::metadata(path) {
            Err(error) => found.refused.push(unreadable(path, &error)),
            Ok(metadata) if !metadata.is_dir() => found.paths.push(path.clone()),
            Ok(_) if recursive => walk(path, &mut found),
            Ok(_) => found.refused.push(Error::Failed(format!(
                "{} is a directory; name the files in it, or give --recursive",
                path.display()
            ))),
        }
    }
    found
}

/// All files below `folder`, by name. Links to directories are not followed: they may lead back.
fn walk(folder: &Path, found: &mut Gathered) {
    let entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map(|mut entries| {
            entries.sort_by_key(fs::DirEntry::file_name);
            entries
        });
    match entries {
        Err(error) => found.refused.push(unreadable(folder, &error)),
        Ok(entries) => {
            for entry in entries {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => walk(&entry.path(), found),
                    Ok(_) if entry.path().is_file() => found.paths.push(entry.path()),
                    Ok(_) => {}
                    Err(error) => found.refused.push(unreadable(&entry.path(), &error)),
                }
            }
        }
    }
}

/// Why a file cannot be taken.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Failed(format!(
        "cannot read {}: {error}; check its name and your rights",
        path.display()
    ))
}

/// The name of a file as a part of an object's key. What a key or an XML document cannot carry
/// becomes `_`.
pub(crate) fn key_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars()
        .map(|c| {
            if c.is_control() || c == '\u{FFFD}' {
                '_'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{gather, key_name};

    #[test]
    fn directories_are_taken_only_if_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        for name in ["b.png", "a.png"] {
            fs::write(inner.join(name), "").unwrap();
        }
        let root = [folder.path().to_path_buf()];

        let without = gather(&root, false);
        assert!(without.paths.is_empty());
        assert!(without.refused[0].to_string().contains("--recursive"));

        let with = gather(&root, true);
        assert_eq!(with.paths, [inner.join("a.png"), inner.join("b.png")]);
        assert!(with.refused.is_empty());
    }

    #[test]
    fn a_missing_file_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        fs::write(&file, "").unwrap();
        let found = gather(&[folder.path().join("none.png"), file.clone()], false);
        assert_eq!(found.paths, [file]);
        assert_eq!(found.refused.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_still_makes_a_key() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"dir/a\xFF\n.png");
        assert_eq!(key_name(Path::new(name)), "a__.png");
    }
}
