//! The data folder: what lies in it, whether it belongs together, who may read it.
//!
//! ```text
//! lock       held while a process uses the folder
//! in-use     exists while it is used, and after a crash
//! tcloud.db  the database, with -wal and -shm beside it
//! blobs      the content of objects, unless that is elsewhere
//! ```
//!
//! A database that lost its rows would make all content look like garbage. So the folder is opened
//! only if database and content prove that they belong together, and nothing is deleted before.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::blobs::{ContentFolder, sync_folder};
use super::error::{Result, StoreError, io_error};
use super::private;

const LOCK: &str = "lock";
const IN_USE: &str = "in-use";
const DATABASE: &str = "tcloud.db";
const WAL: &str = "tcloud.db-wal";
/// Further files that SQLite keeps beside the database.
const DATABASE_FILES: [&str; 2] = ["tcloud.db-shm", "tcloud.db-journal"];
const BLOBS: &str = "blobs";

/// The database of the data folder `folder`.
pub(super) fn database_in(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// What the database of the data folder `folder` is named once its rows have been moved away.
pub(super) fn moved_database_in(folder: &Path) -> PathBuf {
    folder.join("tcloud.db.moved")
}

/// Refuses the data folder `folder` if its rows have been moved away.
pub(super) fn refuse_moved(folder: &Path) -> Result<()> {
    let moved = moved_database_in(folder);
    if moved.exists() && length(&database_in(folder))? == 0 {
        return Err(StoreError::Moved { moved });
    }
    Ok(())
}

/// Where the content of the data folder `folder` lies, unless that is elsewhere.
pub(super) fn blobs_in(folder: &Path) -> PathBuf {
    folder.join(BLOBS)
}

/// A data folder that this process alone uses.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held until [`Folder::release`]; the system releases it when the process dies.
    lock: File,
    /// Whether the folder may be another process's by now.
    is_released: AtomicBool,
}

impl Folder {
    /// Takes possession of the folder `path`, which is made if needed.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`], or that the folder has lost a part of what it held. Nothing was
    /// changed then.
    pub(super) fn take(path: &Path) -> Result<Self> {
        private::create_folder(path).map_err(io_error("create", path))?;
        let folder = Self {
            path: path.to_owned(),
            lock: lock(path)?,
            is_released: AtomicBool::new(false),
        };
        folder.blobs().check()?;
        folder.check_database()?;
        folder.tighten();
        folder.blobs().create()?;
        // SQLite gives the files beside the database the mode of the database.
        let database = folder.database();
        private::open_file(&database).map_err(io_error("create", &database))?;
        Ok(folder)
    }

    pub(super) fn database(&self) -> PathBuf {
        database_in(&self.path)
    }

    pub(super) fn blobs(&self) -> ContentFolder {
        ContentFolder::new(blobs_in(&self.path))
    }

    /// Refuses what SQLite would consider a new or an older database. It would also delete the log
    /// beside an empty one, so this comes first.
    fn check_database(&self) -> Result<()> {
        refuse_moved(&self.path)?;
        let wal = self.path.join(WAL);
        if length(&self.database())? == 0 {
            if length(&wal)? > 0 {
                return Err(StoreError::LostDatabase {
                    database: self.database(),
                    evidence: wal,
                });
            }
            return self.require_no_content();
        }
        let in_use = self.path.join(IN_USE);
        if in_use.exists() && !wal.exists() {
            return Err(StoreError::LostLog { wal, in_use });
        }
        Ok(())
    }

    /// Refuses content of which the database beside it knows nothing.
    fn require_no_content(&self) -> Result<()> {
        match self.blobs().anything()? {
            None => Ok(()),
            Some(evidence) => Err(StoreError::LostDatabase {
                database: self.database(),
                evidence,
            }),
        }
    }

    /// Notes that the database has a log from now on, which a later start must find.
    pub(super) fn mark_in_use(&self) -> Result<()> {
        let path = self.path.join(IN_USE);
        let write = || {
            private::open_file(&path)?.sync_all()?;
            sync_folder(&self.path)
        };
        write().map_err(io_error("write", &path))
    }

    /// Takes the note back. This comes before the database is closed, which deletes the log.
    pub(super) fn unmark_in_use(&self) {
        if self.is_released.load(Ordering::Relaxed) {
            return;
        }
        let path = self.path.join(IN_USE);
        match fs::remove_file(&path).and_then(|()| sync_folder(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %path.display(), "cannot delete the file");
            }
            _ => {}
        }
    }

    /// Lets another process, or another store of this one, use the folder from now on, whoever may
    /// still have a handle to this one.
    ///
    /// Closing the file would leave the lock to a child that was forked meanwhile and has not begun
    /// its own program yet.
    pub(super) fn release(&self) {
        if self.is_released.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.lock.unlock() {
            let path = self.path.join(LOCK);
            tracing::warn!(%error, path = %path.display(), "the folder stays locked");
        }
    }

    /// Takes from others what they may do here. The folder itself is left as it is if there is
    /// something else in it: it was made for that, and others may have to get through it.
    fn tighten(&self) {
        let mut own = vec![self.path.join(BLOBS)];
        let names = [LOCK, IN_USE, DATABASE, WAL].into_iter();
        own.extend(names.chain(DATABASE_FILES).map(|name| self.path.join(name)));
        if self.holds_only(&own) {
            own.push(self.path.clone());
        }
        for path in own {
            let path_shown = path.display();
            match private::tighten(&path) {
                Ok(false) => {}
                Ok(true) => {
                    tracing::warn!(path = %path_shown, "others could use this; now its owner can");
                }
                // On a volume of somebody else, for one.
                Err(error) => {
                    tracing::warn!(path = %path_shown, %error, "others may be able to use this");
                }
            }
        }
    }

    fn holds_only(&self, own: &[PathBuf]) -> bool {
        fs::read_dir(&self.path).is_ok_and(|mut entries| {
            entries.all(|entry| entry.is_ok_and(|entry| own.contains(&entry.path())))
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.release();
    }
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let file = private::open_file(&path).map_err(io_error("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(io_error("lock", &path)(source)),
    }
}

/// How many bytes the file `path` has, 0 if it does not exist.
fn length(path: &Path) -> Result<u64> {
    match path.metadata() {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(io_error("look at", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_that_has_the_lock_as_well_keeps_nobody_out() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::take(place.path()).unwrap();
        let forked = folder.lock.try_clone().unwrap();
        assert!(matches!(
            Folder::take(place.path()),
            Err(StoreError::InUse { .. })
        ));
        drop(folder);
        Folder::take(place.path()).unwrap();
        drop(forked);
    }
}
