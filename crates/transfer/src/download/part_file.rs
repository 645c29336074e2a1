//! The file that a download is written to until it is whole.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use tcloud_core::body::{Crc64, crc64};

use super::fetch::Sink;
use crate::blocking::blocking;
use crate::error::Error;
use crate::times;

/// As much is gathered before it is written.
const WRITE: usize = 512 * 1024;
/// As much is read at a time to see whether it is still what was written.
const READ: u64 = 1024 * 1024;

/// The file that a download is written to until it is whole, beside its target.
#[derive(Debug, Clone)]
pub(super) struct PartFile(Arc<Open>);

#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    /// Whether a later download goes on with it, or it has become the target.
    is_kept: AtomicBool,
}

impl Open {
    /// The file at `path`: what is there, if it goes on, or a new one.
    fn at(path: PathBuf, size: u64, goes_on: bool) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(!goes_on)
            .open(&path)?;
        let open = Self {
            file,
            path,
            is_kept: AtomicBool::new(goes_on),
        };
        open.file.set_len(size)?;
        Ok(open)
    }

    /// Writes pieces one behind the other.
    fn write(&self, pieces: Vec<Bytes>, mut at: u64) -> io::Result<()> {
        for piece in pieces {
            write_all(&self.file, &piece, at)?;
            at = at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    /// Makes the file the target: whole, with its time, in place of what is there.
    fn become_target(
        &self,
        target: &Path,
        modified: Option<SystemTime>,
        is_large: bool,
    ) -> Result<(), Error> {
        let renamed = || {
            if let Some(time) = modified {
                times::set(&self.file, time)?;
            }
            // What took long to fetch should survive a loss of power, too.
            if is_large {
                self.file.sync_all()?;
            }
            fs::rename(&self.path, target)?;
            self.is_kept.store(true, Ordering::Relaxed);
            Ok(())
        };
        renamed().map_err(|error| {
            let error = Error::file("write", target, error);
            if target.is_dir() {
                error.advise("a folder has this name; choose another one")
            } else {
                error
            }
        })
    }
}

/// Makes bytes that are all there the target. It waits for the disk.
pub(super) fn write_whole(
    part: &Path,
    pieces: Vec<Bytes>,
    target: &Path,
    modified: Option<SystemTime>,
) -> Result<(), Error> {
    let begun = Open::at(part.to_owned(), 0, false);
    let written = begun.and_then(|open| open.write(pieces, 0).map(|()| open));
    let open = written.map_err(|error| unwritten(part, error))?;
    open.become_target(target, modified, false)
}

/// What nobody goes on with is gone with the download, also if that is dropped.
impl Drop for Open {
    fn drop(&mut self) {
        if !self.is_kept.load(Ordering::Relaxed) {
            // If it cannot be removed, the next download of the same object replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The names of a download's files until it is whole. They depend on what is downloaded, so that a
/// later process finds them and two downloads to one target do not meet.
pub(super) struct Names {
    pub(super) part: PathBuf,
    pub(super) checkpoint: PathBuf,
}

impl Names {
    pub(super) fn of(target: &Path, source: &str) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        // Names have at most 255 bytes.
        let start: String = name.chars().take(40).collect();
        let sum = crc64(format!("{source}\n{name}").as_bytes());
        let part = target.with_file_name(format!(".{start}.{sum:016x}.tcloud-part"));
        let checkpoint = target.with_file_name(format!(".{start}.{sum:016x}.tcloud-checkpoint"));
        Self { part, checkpoint }
    }
}

impl PartFile {
    /// The file at `path`: what is there, if it goes on, or a new one.
    pub(super) async fn open(path: &Path, size: u64, goes_on: bool) -> Result<Self, Error> {
        let at = path.to_owned();
        let opened = blocking(move || Open::at(at, size, goes_on));
        let open = opened.await.map_err(|error| unwritten(path, error))?;
        Ok(Self(Arc::new(open)))
    }

    /// Whether the bytes of `range` are those with the checksum `expected`.
    pub(super) async fn holds(&self, range: Range<u64>, expected: u64) -> bool {
        let open = Arc::clone(&self.0);
        let sum = blocking(move || {
            let mut crc64 = Crc64::new();
            let mut at = range.start;
            while at < range.end {
                let wanted = range.end.saturating_sub(at).min(READ);
                let mut piece = vec![0; usize::try_from(wanted).unwrap_or(0)];
                read_exact(&open.file, &mut piece, at)?;
                crc64.update(&piece);
                at = at.saturating_add(wanted);
            }
            Ok(crc64.value())
        });
        sum.await.is_ok_and(|sum| sum == expected)
    }

    /// Makes the file the target: whole, with its time, in place of what is there.
    pub(super) async fn become_target(
        self,
        target: &Path,
        modified: Option<SystemTime>,
        is_large: bool,
    ) -> Result<(), Error> {
        let (open, to) = (self.0, target.to_owned());
        let renamed = blocking(move || Ok(open.become_target(&to, modified, is_large)));
        renamed
            .await
            .map_err(|error| Error::file("write", target, error))?
    }

    /// Leaves the file for a later download, or not.
    pub(super) fn keep(&self, keeps: bool) {
        self.0.is_kept.store(keeps, Ordering::Relaxed);
    }

    /// A sink that writes from `at` on.
    pub(super) fn writer(&self, at: u64) -> Writer {
        Writer {
            file: self.clone(),
            at,
            gathered: Vec::new(),
            length: 0,
        }
    }
}

/// Writes bytes in their order to a place in the file.
pub(super) struct Writer {
    file: PartFile,
    at: u64,
    gathered: Vec<Bytes>,
    length: usize,
}

impl Writer {
    /// Writes what is gathered.
    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        let pieces = std::mem::take(&mut self.gathered);
        let length = std::mem::take(&mut self.length);
        if pieces.is_empty() {
            return Ok(());
        }
        let (open, at) = (Arc::clone(&self.file.0), self.at);
        self.at = at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        let written = blocking(move || open.write(pieces, at));
        written
            .await
            .map_err(|error| unwritten(&self.file.0.path, error))
    }
}

impl Sink for Writer {
    async fn take(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.length = self.length.saturating_add(bytes.len());
        self.gathered.push(bytes);
        if self.length >= WRITE {
            self.flush().await?;
        }
        Ok(())
    }
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    Error::file("write", path, error).advise("check the folder, its rights and the free space")
}

#[cfg(unix)]
fn write_all(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_exact(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn write_all(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
        at = at.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact(file: &File, mut into: &mut [u8], mut at: u64) -> io::Result<()> {
    while !into.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, into, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into = into.get_mut(read..).unwrap_or_default();
        at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok(())
}
