//! The files a job command works on.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The largest picture that the service takes, in bytes.
pub(crate) const LARGEST: u64 = 32 * 1024 * 1024;

/// A file that is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it is called below the folder that was named; its own name if it was named itself.
    pub(crate) name: PathBuf,
    /// How the user has named it.
    pub(crate) label: String,
}

impl Source {
    /// The file at `path`.
    fn local(path: PathBuf, name: PathBuf) -> Self {
        let label = path.display().to_string();
        Self { path, name, label }
    }
}

/// The files that some paths name.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The files, in the order of the paths.
    pub(crate) files: Vec<Source>,
    /// Why other paths cannot be taken.
    pub(crate) refused: Vec<Error>,
}

impl Gathered {
    /// Takes a file, unless the service would refuse it for its size.
    pub(crate) fn take(&mut self, file: Source, size: std::io::Result<u64>) {
        match size {
            Err(error) => self.refused.push(unreadable(&file.path, &error)),
            Ok(0) => self.refused.push(Error::Failed(format!(
                "{} is empty; there is no picture in it",
                file.label
            ))),
            Ok(size) if size > LARGEST => self.refused.push(too_large(&file.label, size)),
            Ok(_) => self.files.push(file),
        }
    }
}

/// That the service takes no picture of this size.
pub(crate) fn too_large(label: &str, size: u64) -> Error {
    Error::Failed(format!(
        "{label} has {size} bytes, more than the {LARGEST} that the service takes; make the \
         picture smaller"
    ))
}

/// Adds the files that `path` names, those in a directory included if `recursive`.
pub(crate) fn gather(path: &Path, recursive: bool, found: &mut Gathered) {
    match fs::metadata(path) {
        Err(error) => found.refused.push(unreadable(path, &error)),
        Ok(metadata) if !metadata.is_dir() => {
            let name = path.file_name().map(PathBuf::from).unwrap_or_default();
            found.take(Source::local(path.to_owned(), name), Ok(metadata.len()));
        }
        Ok(_) if recursive => walk(path, path, found),
        Ok(_) => found.refused.push(Error::Failed(format!(
            "{} is a directory; name the files in it, or give --recursive",
            path.display()
        ))),
    }
}

/// All files below `folder`, which is in `root`, by name. Links to directories are not followed:
/// they may lead back.
fn walk(root: &Path, folder: &Path, found: &mut Gathered) {
    let entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map(|mut entries| {
            entries.sort_by_key(fs::DirEntry::file_name);
            entries
        });
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => return found.refused.push(unreadable(folder, &error)),
    };
    for entry in entries {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(root, &path, found),
            Ok(_) if path.is_file() => {
                let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
                let size = fs::metadata(&path).map(|it| it.len());
                found.take(Source::local(path, name), size);
            }
            Ok(_) => {}
            Err(error) => found.refused.push(unreadable(&path, &error)),
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

    use super::{Gathered, LARGEST, Source, key_name};

    fn gather(paths: &[std::path::PathBuf], recursive: bool) -> Gathered {
        let mut found = Gathered::default();
        for path in paths {
            super::gather(path, recursive, &mut found);
        }
        found
    }

    #[test]
    fn directories_are_taken_only_if_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        for name in ["b.png", "a.png"] {
            fs::write(inner.join(name), "x").unwrap();
        }
        let root = [folder.path().to_path_buf()];

        let without = gather(&root, false);
        assert!(without.files.is_empty());
        assert!(without.refused[0].to_string().contains("--recursive"));

        let with = gather(&root, true);
        let file = |name: &str| Source::local(inner.join(name), Path::new("inner").join(name));
        assert_eq!(with.files, [file("a.png"), file("b.png")]);
        assert!(with.refused.is_empty());
    }

    #[test]
    fn a_missing_file_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        fs::write(&file, "x").unwrap();
        let found = gather(&[folder.path().join("none.png"), file.clone()], false);
        assert_eq!(found.files[0].path, file);
        assert_eq!((found.files.len(), found.refused.len()), (1, 1));
    }

    #[test]
    fn what_the_service_would_refuse_for_its_size_is_refused_before() {
        let folder = tempfile::tempdir().unwrap();
        let [empty, large] = ["empty.png", "large.png"].map(|name| folder.path().join(name));
        fs::write(&empty, "").unwrap();
        fs::File::create(&large)
            .unwrap()
            .set_len(LARGEST + 1)
            .unwrap();
        let found = gather(&[empty, large], false);
        assert!(found.files.is_empty());
        assert!(found.refused[0].to_string().contains("empty.png is empty"));
        assert!(
            found.refused[1]
                .to_string()
                .contains("more than the 33554432")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_still_makes_a_key() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"dir/a\xFF\n.png");
        assert_eq!(key_name(Path::new(name)), "a__.png");
    }
}
