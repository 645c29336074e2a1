//! The data folder: what lies in it, whether it belongs together, who may read it.
//!
//! ```text
//! lock              held while a process uses the folder
//! in-use            exists while it is used, and after a crash
//! tcloud.db         the database, with -wal and -shm beside it
//! blobs/store-id    the id of the database whose objects lie here
//! blobs/<32 hex>    the content of an object
//! blobs/<32 hex>#1  content that is still being received
//! ```
//!
//! A database that lost its rows would make all content look like garbage. So the folder is opened
//! only if database and content prove that they belong together, and nothing is deleted before.

use std::fs::{self, File, ReadDir, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{Result, StoreError};
use super::private;

const LOCK: &str = "lock";
const IN_USE: &str = "in-use";
const DATABASE: &str = "tcloud.db";
const WAL: &str = "tcloud.db-wal";
/// Further files that SQLite keeps beside the database.
const DATABASE_FILES: [&str; 2] = ["tcloud.db-shm", "tcloud.db-journal"];
const BLOBS: &str = "blobs";
const STORE_ID: &str = "store-id";
/// The id of a store while it is being written. It takes the place of an older one by a rename.
const NEW_STORE_ID: &str = "store-id.new";

/// A data folder that this process alone uses.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The system releases it when the process dies.
    _lock: File,
}

/// Files of the content folder that may be garbage by their names and ages.
#[derive(Debug)]
pub(super) struct Leftovers {
    entries: ReadDir,
    before: SystemTime,
}

/// A file that garbage collection may delete.
#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) path: PathBuf,
    /// The id of the content, or of what was to become it.
    pub(super) id: String,
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
            _lock: lock(path)?,
        };
        folder.check_blobs()?;
        folder.check_database()?;
        folder.tighten();
        let blobs = folder.blobs();
        private::create_folder(&blobs).map_err(io_error("create", &blobs))?;
        // SQLite gives the files beside the database the mode of the database.
        let database = folder.database();
        private::open_file(&database).map_err(io_error("create", &database))?;
        Ok(folder)
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.path.join(BLOBS)
    }

    /// Content that is moved to another disk by a symbolic link is refused: what is written and
    /// deleted through a link may belong to anybody. Whoever needs another disk links or mounts the
    /// whole data folder.
    fn check_blobs(&self) -> Result<()> {
        let path = self.blobs();
        match path.symlink_metadata() {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(StoreError::NotAFolder { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_error("look at", &path)(error)),
        }
    }

    /// Refuses what SQLite would consider a new or an older database. It would also delete the log
    /// beside an empty one, so this comes first.
    fn check_database(&self) -> Result<()> {
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

    /// Refuses anything in the content folder, the id of a store included: whoever has one has had
    /// a database.
    pub(super) fn require_no_content(&self) -> Result<()> {
        let blobs = self.blobs();
        let mut entries = match fs::read_dir(&blobs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_error("list", &blobs)(error)),
        };
        match entries.next() {
            None => Ok(()),
            Some(Ok(entry)) => Err(StoreError::LostDatabase {
                database: self.database(),
                evidence: entry.path(),
            }),
            Some(Err(error)) => Err(io_error("list", &blobs)(error)),
        }
    }

    /// The id of the store whose content this is, unless there is none.
    pub(super) fn store_id(&self) -> Result<Option<String>> {
        let path = self.blobs().join(STORE_ID);
        match fs::read_to_string(&path) {
            Ok(id) => Ok(Some(id.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("read", &path)(error)),
        }
    }

    /// Makes this the content of the store `id`, durably.
    pub(super) fn set_store_id(&self, id: &str) -> Result<()> {
        let blobs = self.blobs();
        let new = blobs.join(NEW_STORE_ID);
        let write = || {
            let mut file = private::open_file(&new)?;
            file.set_len(0)?;
            writeln!(file, "{id}")?;
            file.sync_all()?;
            fs::rename(&new, blobs.join(STORE_ID))?;
            sync_folder(&blobs)
        };
        write().map_err(io_error("write", &new))
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
        let path = self.path.join(IN_USE);
        match fs::remove_file(&path).and_then(|()| sync_folder(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %path.display(), "cannot delete the file");
            }
            _ => {}
        }
    }

    /// Takes from others what they may do here. The folder itself is left as it is if there is
    /// something else in it: it was made for that, and others may have to get through it.
    fn tighten(&self) {
        let mut own = vec![self.blobs()];
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

    /// Lets only the owner use the content `id`.
    pub(super) fn tighten_blob(&self, id: &str) {
        let path = self.blobs().join(id);
        if let Err(error) = private::tighten(&path) {
            tracing::debug!(path = %path.display(), %error, "others may be able to use this");
        }
    }

    /// Files that have been as they are since `before`.
    pub(super) fn leftovers(&self, before: SystemTime) -> Result<Leftovers> {
        let blobs = self.blobs();
        let entries = fs::read_dir(&blobs).map_err(io_error("list", &blobs))?;
        Ok(Leftovers { entries, before })
    }
}

impl Leftovers {
    /// The next files, `most` at most; none if there are no more.
    pub(super) fn next(&mut self, most: usize) -> Vec<Leftover> {
        let before = self.before;
        let old = self.entries.by_ref().filter_map(|entry| {
            let entry = entry.ok()?;
            let id = own_name(entry.file_name().to_str()?)?.to_owned();
            // Of the entry itself: what a symbolic link leads to is none of this store's.
            let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let path = entry.path();
            // Content of releases that left it open to others.
            if let Err(error) = private::tighten_as(&path, &metadata) {
                tracing::debug!(path = %path.display(), %error, "others may be able to use this");
            }
            let is_old = metadata.modified().is_ok_and(|modified| modified < before);
            is_old.then_some(Leftover { path, id })
        });
        old.take(most).collect()
    }
}

/// The id in the name of a file this store has written: 32 hexadecimal digits, and a `#` with a
/// number while the content is being received.
fn own_name(name: &str) -> Option<&str> {
    let (id, number) = name.split_once('#').unwrap_or((name, "1"));
    let is_id = id.len() == 32
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_id && is_number).then_some(id)
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

/// Makes the names in the folder durable, where folders are files.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

pub(super) fn io_error(
    operation: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io {
        operation,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::own_name;

    #[test]
    fn only_names_this_store_gives_are_its_own() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(own_name(id), Some(id));
        assert_eq!(own_name(&format!("{id}#12")), Some(id));
        for foreign in [
            "",
            "store-id",
            "notes#1.txt",
            "0123456789abcdef",
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef#",
            "0123456789abcdef0123456789abcdef#1#2",
            "0123456789abcdef0123456789abcdef.txt",
        ] {
            assert_eq!(own_name(foreign), None, "{foreign}");
        }
    }
}
