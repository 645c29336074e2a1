//! The files of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::batch::filter_of::Names;
use crate::batch::item::Skipped;
use crate::error::Error;
use crate::paths::key_of;
use crate::times;

/// What is done with symbolic links in a folder that is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Links {
    /// They are left out, and the report names them: a link may lead anywhere.
    #[default]
    Skip,
    /// What they lead to is uploaded under the link's name. A link to a folder that it lies in is
    /// left out.
    Follow,
}

/// A file of a folder.
#[derive(Debug, Clone)]
pub(super) struct LocalFile {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// Unix seconds.
    pub(super) modified: i64,
}

/// What is in a folder, by path from there with `/` between parts.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: BTreeMap<String, LocalFile>,
    /// Folders without anything in them.
    pub(super) empty: Vec<String>,
    pub(super) skipped: Vec<Skipped>,
    /// What could not be read, or has a name that no key can have.
    pub(super) failed: Vec<(PathBuf, Error)>,
}

/// Walks through the folder at `root`.
pub(super) fn walk(root: &Path, names: &Names, links: Links) -> Result<Tree, Error> {
    let mut walk = Walk {
        root,
        names,
        links,
        tree: Tree::default(),
    };
    let real = root
        .canonicalize()
        .map_err(|error| Error::file("read the folder", root, error))?;
    walk.folder(root, &mut vec![real])?;
    Ok(walk.tree)
}

struct Walk<'a> {
    root: &'a Path,
    names: &'a Names,
    links: Links,
    tree: Tree,
}

impl Walk<'_> {
    /// Walks through a folder below those of `above`, and says whether there was anything in it.
    fn folder(&mut self, folder: &Path, above: &mut Vec<PathBuf>) -> Result<bool, Error> {
        let unreadable = |error| Error::file("read the folder", folder, error);
        let mut has_any = false;
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            has_any = true;
            // One that cannot be read is no reason to stop.
            if let Err(error) = self.entry(&entry.path(), above) {
                self.tree.failed.push((entry.path(), error));
            }
        }
        Ok(has_any)
    }

    fn entry(&mut self, path: &Path, above: &mut Vec<PathBuf>) -> Result<(), Error> {
        let key = key_of(path.strip_prefix(self.root).unwrap_or(path))?;
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() && self.links == Links::Skip => {
                if self.names.takes(&key) {
                    self.skip(path, "it is a symbolic link");
                }
                return Ok(());
            }
            Ok(metadata) if metadata.is_symlink() => fs::metadata(path),
            outcome => outcome,
        };
        let metadata = match metadata {
            Ok(metadata) => metadata,
            // It went away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
                return Ok(());
            }
            Err(_) if !self.names.takes(&key) => return Ok(()),
            Err(error) => return Err(Error::file("read", path, error)),
        };
        if metadata.is_dir() {
            return self.sub_folder(path, key, above);
        }
        if !self.names.takes(&key) {
            return Ok(());
        }
        if !metadata.is_file() {
            self.skip(path, "it is no regular file");
            return Ok(());
        }
        self.tree.files.insert(
            key,
            LocalFile {
                path: path.to_owned(),
                size: metadata.len(),
                modified: metadata.modified().map_or(0, times::seconds),
            },
        );
        Ok(())
    }

    fn sub_folder(
        &mut self,
        path: &Path,
        key: String,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), Error> {
        let real = path
            .canonicalize()
            .map_err(|error| Error::file("read the folder", path, error))?;
        if above.contains(&real) {
            self.skip(path, "it is a symbolic link to a folder that it lies in");
            return Ok(());
        }
        above.push(real);
        let has_any = self.folder(path, above)?;
        above.pop();
        if !has_any && self.names.takes(&format!("{key}/")) {
            self.tree.empty.push(key);
        }
        Ok(())
    }

    fn skip(&mut self, path: &Path, why: &str) {
        self.tree.skipped.push(Skipped {
            name: path.display().to_string(),
            why: why.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Links, walk};
    use crate::batch::filter_of::Names;
    use crate::filter::Filter;

    #[cfg(unix)]
    #[test]
    fn links_are_skipped_or_followed_and_never_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/empty")).unwrap();
        fs::write(root.join("a/file"), "abc").unwrap();
        fs::write(root.join("a/.file.0.tcloud-part"), "abc").unwrap();
        std::os::unix::fs::symlink(root, root.join("a/up")).unwrap();
        std::os::unix::fs::symlink(root.join("a/file"), root.join("link")).unwrap();
        std::os::unix::fs::symlink(root.join("none"), root.join("broken")).unwrap();
        let names = Names::new(Filter::new());
        let tree = walk(root, &names, Links::Skip).unwrap();
        assert_eq!(tree.files.keys().collect::<Vec<_>>(), ["a/file"]);
        assert_eq!(tree.files["a/file"].size, 3);
        assert_eq!(tree.empty, ["a/empty"]);
        assert_eq!(tree.skipped.len(), 3);
        let tree = walk(root, &names, Links::Follow).unwrap();
        assert_eq!(tree.files.keys().collect::<Vec<_>>(), ["a/file", "link"]);
        assert_eq!(tree.skipped.len(), 1);
        // A link that leads nowhere was asked for, and is not there.
        assert_eq!(tree.failed.len(), 1);
        let only = Names::new(Filter::new().include("none").unwrap());
        assert!(walk(root, &only, Links::Skip).unwrap().skipped.is_empty());
        assert!(walk(&root.join("none"), &names, Links::Skip).is_err());
    }
}
