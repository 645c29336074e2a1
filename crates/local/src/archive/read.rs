//! Reads an archive entry by entry.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use tar::{EntryType, PaxExtensions};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{ArchiveError, name};

/// How much of a file is handed on at a time, in bytes.
const CHUNK: usize = 256 * 1024;
/// The longest path or list of attributes that a tar keeps beside an entry, in bytes.
const MAX_TAR_EXTRA: u64 = 64 * 1024;
/// The end of a ZIP: its record, the longest comment, and the locator of ZIP64 before both.
const ZIP_TAIL: u64 = 22 + 65_535 + 20;
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP64_LOCATOR: &[u8] = b"PK\x06\x07";
/// How far the locator of ZIP64 is before the record of the end.
const ZIP64_DISTANCE: usize = 20;
/// The bits of a Unix mode that say what a file is, and those of a plain one.
const KIND_OF_FILE: u32 = 0o170_000;
const PLAIN_FILE: u32 = 0o100_000;

/// What an archive may be like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many entries it has at most, folders included.
    pub(crate) entries: usize,
    /// How many bytes its files have together at most.
    pub(crate) total: u64,
    /// How many times larger than the archive its files are together at most.
    pub(crate) ratio: u64,
    /// How many bytes they may have together whatever the ratio.
    pub(crate) any_ratio: u64,
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path, which leads nowhere else.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// When it was last changed. ZIP knows no time zone; UTC is assumed.
    pub(crate) modified: Option<String>,
}

/// What an archive is taken apart into.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A file begins.
    File(Entry),
    /// A part of its content.
    Content(Bytes),
}

/// Where the pieces go.
pub(crate) type Emit<'a> = dyn FnMut(Piece) -> Result<(), ArchiveError> + 'a;

/// Takes the archive in `file` apart: ZIP, tar, or tar in gzip, as its first bytes say. Only if
/// this succeeds is the archive as a whole in order. `with_content` leaves the content out, or not.
///
/// # Errors
///
/// [`ArchiveError`]: the archive is of another kind, broken, encrypted, beyond `limits`, or has
/// something other than plain files and folders with paths of their own.
pub(crate) fn read(
    mut file: File,
    limits: Limits,
    with_content: bool,
    emit: &mut Emit<'_>,
) -> Result<(), ArchiveError> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut head = Vec::new();
    file.by_ref().take(512).read_to_end(&mut head)?;
    file.rewind()?;
    let mut reading = Reading {
        limits,
        size,
        entries: 0,
        total: 0,
        paths: HashSet::new(),
        with_content,
        emit,
    };
    match head.as_slice() {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => reading.zip(file),
        [0x1f, 0x8b, ..] => reading.tar(MultiGzDecoder::new(BufReader::new(file))),
        head if head.get(257..262) == Some(b"ustar") => reading.tar(BufReader::new(file)),
        [b'7', b'z', 0xbc, 0xaf, ..] => Err(unsupported("7z")),
        [b'R', b'a', b'r', b'!', ..] => Err(unsupported("RAR")),
        _ => Err(ArchiveError::invalid("the file is no ZIP, tar or tar.gz")),
    }
}

fn unsupported(format: &str) -> ArchiveError {
    ArchiveError::Unsupported(format!(
        "the file is a {format} archive, which the local cloud does not unpack; use ZIP, tar or \
         tar.gz"
    ))
}

struct Reading<'a, 'e> {
    limits: Limits,
    /// The size of the archive.
    size: u64,
    entries: usize,
    total: u64,
    paths: HashSet<String>,
    with_content: bool,
    emit: &'a mut Emit<'e>,
}

impl Reading<'_, '_> {
    fn zip(&mut self, mut file: File) -> Result<(), ArchiveError> {
        refuse_zip64(&mut file, self.size)?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(of_zip)?;
        // Names twice, entries that share bytes, and entries that only some programs see.
        archive.validate_header_consistency().map_err(of_zip)?;
        for index in 0..archive.len() {
            self.count_entry()?;
            let (path, is_folder, size, modified) = {
                let entry = archive.by_index_raw(index).map_err(of_zip)?;
                let path = name::checked(entry.name_raw())?;
                if entry.encrypted() {
                    return Err(ArchiveError::Unsupported(
                        "the archive is encrypted, which the local cloud does not unpack"
                            .to_owned(),
                    ));
                }
                let kind = entry.unix_mode().unwrap_or_default() & KIND_OF_FILE;
                if !entry.is_dir() && kind != 0 && kind != PLAIN_FILE {
                    return Err(special(path.as_deref()));
                }
                let modified = entry.last_modified().map(zip_time);
                (path, entry.is_dir(), entry.size(), modified)
            };
            let Some(path) = path.filter(|_| !is_folder) else {
                continue;
            };
            self.begin(Entry {
                path,
                size,
                modified,
            })?;
            if self.with_content {
                let content = archive.by_index(index).map_err(of_zip)?;
                self.content(content, size)?;
            } else {
                self.count_bytes(size)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, reader: impl Read) -> Result<(), ArchiveError> {
        let mut archive = tar::Archive::new(reader);
        let mut long_path: Option<Vec<u8>> = None;
        // Raw: the extra data beside an entry is otherwise read into memory, however much it is.
        for entry in archive.entries().map_err(broken)?.raw(true) {
            let mut entry = entry.map_err(broken)?;
            self.count_entry()?;
            let size = entry.header().entry_size().map_err(broken)?;
            match entry.header().entry_type() {
                EntryType::GNULongName => {
                    let mut text = extra(&mut entry, size)?;
                    while text.last() == Some(&0) {
                        text.pop();
                    }
                    long_path = Some(text);
                }
                EntryType::XHeader => {
                    if let Some(path) = pax_path(&extra(&mut entry, size)?)? {
                        long_path = Some(path);
                    }
                }
                EntryType::XGlobalHeader => drop(extra(&mut entry, size)?),
                EntryType::Directory => {
                    let raw = long_path.take();
                    name::checked(&raw.unwrap_or_else(|| entry.path_bytes().into_owned()))?;
                }
                EntryType::Regular | EntryType::Continuous => {
                    let raw = long_path.take();
                    let raw = raw.unwrap_or_else(|| entry.path_bytes().into_owned());
                    let Some(path) = name::checked(&raw)? else {
                        return Err(ArchiveError::invalid(
                            "the archive has a file without a name",
                        ));
                    };
                    // Old programs mark a folder by nothing but a slash.
                    if raw.ends_with(b"/") && size == 0 {
                        continue;
                    }
                    let modified = entry.header().mtime().ok();
                    self.begin(Entry {
                        path,
                        size,
                        modified: modified.map(|seconds| {
                            let seconds = i64::try_from(seconds).unwrap_or_default();
                            tcloud_core::time::format_iso_utc(seconds).replace('Z', "+0000")
                        }),
                    })?;
                    if self.with_content {
                        self.content(entry, size)?;
                    } else {
                        self.count_bytes(size)?;
                    }
                }
                _ => {
                    let raw = long_path.take();
                    let raw = raw.unwrap_or_else(|| entry.path_bytes().into_owned());
                    return Err(special(Some(&String::from_utf8_lossy(&raw))));
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, entry: Entry) -> Result<(), ArchiveError> {
        if !self.paths.insert(entry.path.clone()) {
            return Err(ArchiveError::Invalid(format!(
                "the archive has the file {} twice",
                entry.path
            )));
        }
        (self.emit)(Piece::File(entry))
    }

    /// Passes the content on, and compares its size with the stated one.
    fn content(&mut self, mut reader: impl Read, size: u64) -> Result<(), ArchiveError> {
        let mut read: u64 = 0;
        loop {
            let mut chunk = Vec::new();
            let limit = u64::try_from(CHUNK).unwrap_or(u64::MAX);
            reader
                .by_ref()
                .take(limit)
                .read_to_end(&mut chunk)
                .map_err(broken)?;
            if chunk.is_empty() {
                break;
            }
            let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            read = read.saturating_add(length);
            if read > size {
                break;
            }
            self.count_bytes(length)?;
            (self.emit)(Piece::Content(chunk.into()))?;
        }
        if read == size {
            return Ok(());
        }
        Err(ArchiveError::Invalid(format!(
            "the archive says that a file has {size} bytes, which is not so"
        )))
    }

    fn count_entry(&mut self) -> Result<(), ArchiveError> {
        self.entries = self.entries.saturating_add(1);
        if self.entries <= self.limits.entries {
            return Ok(());
        }
        Err(ArchiveError::Invalid(format!(
            "the archive has more than {} entries",
            self.limits.entries
        )))
    }

    fn count_bytes(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        let Limits {
            total,
            ratio,
            any_ratio,
            ..
        } = self.limits;
        self.total = self.total.saturating_add(bytes);
        if self.total > total {
            return Err(ArchiveError::Invalid(format!(
                "the files of the archive have more than {total} bytes together"
            )));
        }
        if self.total > any_ratio && self.total > self.size.saturating_mul(ratio) {
            return Err(ArchiveError::Invalid(format!(
                "the files of the archive are more than {ratio} times as large as the archive"
            )));
        }
        Ok(())
    }
}

/// Refuses a ZIP whose directory is described by ZIP64: it could claim any number of entries.
fn refuse_zip64(file: &mut File, size: u64) -> Result<(), ArchiveError> {
    file.seek(SeekFrom::Start(size.saturating_sub(ZIP_TAIL)))?;
    let mut tail = Vec::new();
    file.take(ZIP_TAIL).read_to_end(&mut tail)?;
    file.rewind()?;
    let ends = tail
        .windows(ZIP_END.len())
        .enumerate()
        .filter(|(_, window)| *window == ZIP_END);
    for (position, _) in ends {
        let before = position
            .checked_sub(ZIP64_DISTANCE)
            .and_then(|start| tail.get(start..));
        if before.is_some_and(|before| before.starts_with(ZIP64_LOCATOR)) {
            return Err(ArchiveError::Unsupported(
                "the archive has a ZIP64 directory, for more than 65,535 entries or 4 GiB, which \
                 the local cloud does not read; use tar.gz or several archives"
                    .to_owned(),
            ));
        }
    }
    Ok(())
}

/// What a tar keeps beside the next entry.
fn extra(reader: &mut impl Read, size: u64) -> Result<Vec<u8>, ArchiveError> {
    if size > MAX_TAR_EXTRA {
        return Err(ArchiveError::Invalid(format!(
            "the archive has attributes or a path of more than {MAX_TAR_EXTRA} bytes"
        )));
    }
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(broken)?;
    Ok(bytes)
}

fn pax_path(bytes: &[u8]) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut path = None;
    for extension in PaxExtensions::new(bytes) {
        let extension = extension.map_err(broken)?;
        match extension.key_bytes() {
            b"path" => path = Some(extension.value_bytes().to_vec()),
            b"size" => {
                return Err(ArchiveError::Unsupported(
                    "the tar has a file of 8 GiB or more, which the local cloud does not unpack"
                        .to_owned(),
                ));
            }
            key if key.starts_with(b"GNU.sparse") => return Err(special(None)),
            _ => {}
        }
    }
    Ok(path)
}

fn zip_time(time: zip::DateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+0000",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn special(path: Option<&str>) -> ArchiveError {
    ArchiveError::Invalid(format!(
        "{} is neither a plain file nor a folder; links, devices and files with holes are not \
         unpacked",
        path.unwrap_or("an entry of the archive")
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn broken(error: io::Error) -> ArchiveError {
    ArchiveError::Invalid(format!("the archive is broken: {error}"))
}

fn of_zip(error: ZipError) -> ArchiveError {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            ArchiveError::Unsupported(format!("the local cloud does not unpack this ZIP: {error}"))
        }
        error => ArchiveError::Invalid(format!("the archive is broken: {error}")),
    }
}
