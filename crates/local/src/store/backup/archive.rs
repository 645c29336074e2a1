//! A backup as one file.

use std::fs::File;
use std::io;
use std::path::{Component, Path};

use tempfile::{NamedTempFile, TempDir};
use tokio::task::spawn_blocking;

use crate::store::error::{Result, StoreError, io_error};
use crate::store::{blobs, private};

/// Writes the files in `folder` into the archive `to`.
pub(in crate::store) async fn write(folder: &Path, to: &Path) -> Result<()> {
    let (folder, to) = (folder.to_owned(), to.to_owned());
    let written = spawn_blocking(move || {
        let write = || {
            let parent = match to.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            // Only its owner may read it.
            let mut archive = tar::Builder::new(NamedTempFile::new_in(parent)?);
            archive.append_dir_all("", &folder)?;
            let file = archive.into_inner()?;
            file.as_file().sync_all()?;
            file.persist_noclobber(&to)?;
            Ok(())
        };
        write().map_err(io_error("write", &to))
    });
    written.await.unwrap_or(Err(StoreError::ShutDown))
}

/// The files of the archive `from` in a folder, which is deleted when it is dropped.
///
/// # Errors
///
/// [`StoreError::Io`], also if it holds anything but a backup.
pub(in crate::store) async fn read(from: &Path) -> Result<TempDir> {
    let from = from.to_owned();
    let read = spawn_blocking(move || {
        let read = || {
            let folder = tempfile::tempdir()?;
            let mut archive = tar::Archive::new(File::open(&from)?);
            for entry in archive.entries()? {
                let mut entry = entry?;
                let name = entry.path()?.into_owned();
                if entry.header().entry_type().is_dir() {
                    continue;
                }
                if !entry.header().entry_type().is_file() || !is_own(&name) {
                    let message = format!("{} is no part of a backup", name.display());
                    return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                }
                let path = folder.path().join(&name);
                if let Some(parent) = path.parent() {
                    private::create_folder(parent)?;
                }
                let mut file = private::open_file(&path)?;
                io::copy(&mut entry, &mut file)?;
            }
            Ok(folder)
        };
        read().map_err(io_error("read", &from))
    });
    read.await.unwrap_or(Err(StoreError::ShutDown))
}

/// Whether `name` is that of a file of a backup: nothing else is ever written.
fn is_own(name: &Path) -> bool {
    let parts: Option<Vec<&str>> = name
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    match parts.as_deref() {
        Some(["tcloud.db"]) => true,
        Some(["blobs", name]) => *name == "store-id" || blobs::Found::named(name, 0).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_own;

    #[test]
    fn only_files_of_a_backup_are_unpacked() {
        let blob = format!("blobs/{}", "0".repeat(32));
        for name in ["tcloud.db", "./tcloud.db", "blobs/store-id", &blob] {
            assert!(is_own(Path::new(name)), "{name}");
        }
        for name in [
            "",
            "../tcloud.db",
            "/tcloud.db",
            "blobs",
            "blobs/../lock",
            "blobs/a/b",
            "in-use",
            "elsewhere/tcloud.db",
        ] {
            assert!(!is_own(Path::new(name)), "{name}");
        }
    }
}
