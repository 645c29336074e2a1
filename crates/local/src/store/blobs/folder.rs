//! Content in a folder: which of its files are content, who may read them, whose they are.
//!
//! ```text
//! store-id    the id of the database whose objects lie here
//! <32 hex>    the content of an object
//! <32 hex>#1  content that is still being received
//! ```

use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

use super::found::{Found, own_name};
use crate::store::error::{Result, StoreError, io_error};
use crate::store::private;

const STORE_ID: &str = "store-id";
/// The id of a store while it is being written. It takes the place of an older one by a rename.
const NEW_STORE_ID: &str = "store-id.new";
/// How many bytes are read at once.
const CHUNK: usize = 128 * 1024;
/// How many files are looked at before others have their turn.
const BATCH: usize = 500;

/// A folder that holds nothing but content.
#[derive(Debug, Clone)]
pub(in crate::store) struct ContentFolder(PathBuf);

impl ContentFolder {
    pub(in crate::store) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.0
    }

    /// Content that is moved to another disk by a symbolic link is refused: what is written and
    /// deleted through a link may belong to anybody. Whoever needs another disk links or mounts the
    /// whole data folder.
    pub(in crate::store) fn check(&self) -> Result<()> {
        let path = &self.0;
        match path.symlink_metadata() {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(StoreError::NotAFolder { path: path.clone() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_error("look at", path)(error)),
        }
    }

    /// Makes the folder, unless it exists.
    pub(in crate::store) fn create(&self) -> Result<()> {
        private::create_folder(&self.0).map_err(io_error("create", &self.0))
    }

    /// Its files, as a place where content is written durably.
    pub(super) fn files(&self) -> Result<LocalFileSystem> {
        Ok(LocalFileSystem::new_with_prefix(&self.0)?.with_fsync(true))
    }

    /// Anything in the folder, the id of a store included: whoever has one has had a database.
    pub(in crate::store) fn anything(&self) -> Result<Option<PathBuf>> {
        let mut entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("list", &self.0)(error)),
        };
        match entries.next() {
            None => Ok(None),
            Some(Ok(entry)) => Ok(Some(entry.path())),
            Some(Err(error)) => Err(io_error("list", &self.0)(error)),
        }
    }

    /// The id of the store whose content this is, unless there is none.
    pub(super) fn store_id(&self) -> Result<Option<String>> {
        let path = self.0.join(STORE_ID);
        match fs::read_to_string(&path) {
            Ok(id) => Ok(Some(id.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("read", &path)(error)),
        }
    }

    /// Makes this the content of the store `id`, durably.
    pub(super) fn set_store_id(&self, id: &str) -> Result<()> {
        let new = self.0.join(NEW_STORE_ID);
        let write = || {
            let mut file = private::open_file(&new)?;
            file.set_len(0)?;
            writeln!(file, "{id}")?;
            file.sync_all()?;
            fs::rename(&new, self.0.join(STORE_ID))?;
            sync_folder(&self.0)
        };
        write().map_err(io_error("write", &new))
    }

    /// Lets only the owner use the content `id`.
    pub(super) fn tighten(&self, id: &str) {
        let path = self.0.join(id);
        if let Err(error) = private::tighten(&path) {
            tracing::debug!(path = %path.display(), %error, "others may be able to use this");
        }
    }

    /// Its regular files with names that this program gives, in the folder itself.
    pub(super) fn list(&self) -> BoxStream<'static, Result<Found>> {
        let batches = stream::try_unfold((self.clone(), None), |(folder, entries)| async move {
            let next = spawn_blocking(move || {
                let mut entries = match entries {
                    Some(entries) => entries,
                    None => fs::read_dir(&folder.0).map_err(io_error("list", &folder.0))?,
                };
                let files = entries.by_ref().filter_map(|entry| found(&entry.ok()?));
                let batch: Vec<Result<Found>> = files.take(BATCH).map(Ok).collect();
                let next = (!batch.is_empty()).then(|| {
                    let rest = (folder, Some(entries));
                    (stream::iter(batch), rest)
                });
                Ok::<_, StoreError>(next)
            });
            next.await.unwrap_or(Err(StoreError::ShutDown))
        });
        batches.try_flatten().boxed()
    }

    /// Deletes `found` and returns whether it was there.
    pub(super) async fn delete(&self, found: &Found) -> Result<bool> {
        let path = self.0.join(&found.name);
        match tokio::fs::remove_file(&path).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(io_error("delete", &path)(error)),
        }
    }
}

/// The bytes `range` of `file`, which is at `path`.
///
/// `object_store` reads 8 KiB at a time, each on a thread that it has to wait for.
pub(super) fn stream(
    mut file: File,
    path: PathBuf,
    range: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    file.seek(SeekFrom::Start(range.start))
        .map_err(io_error("read", &path))?;
    let length = range.end.saturating_sub(range.start);
    let content = tokio::fs::File::from_std(file).take(length);
    let content = ReaderStream::with_capacity(content, CHUNK);
    Ok(content
        .map_err(move |error| io_error("read", &path)(error))
        .boxed())
}

/// What `entry` is, if it is content.
fn found(entry: &fs::DirEntry) -> Option<Found> {
    let name = entry.file_name().into_string().ok()?;
    let id = own_name(&name)?.to_owned();
    // Of the entry itself: what a symbolic link leads to is none of this store's.
    let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
    let path = entry.path();
    // Content of releases that left it open to others.
    if let Err(error) = private::tighten_as(&path, &metadata) {
        tracing::debug!(path = %path.display(), %error, "others may be able to use this");
    }
    Some(Found {
        name,
        id,
        size: metadata.len(),
        modified: metadata.modified().map_or(i64::MAX, unix_millis),
    })
}

fn unix_millis(time: SystemTime) -> i64 {
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Makes the names in the folder durable, where folders are files.
pub(in crate::store) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
