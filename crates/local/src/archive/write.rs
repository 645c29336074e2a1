//! Writes an archive of files that come as a stream.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use bytes::{Buf, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{ArchiveError, name};

/// The format of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// ZIP.
    Zip,
    /// Tar.
    Tar,
    /// Tar in gzip.
    TarGz,
}

/// What an archive is made of.
#[derive(Debug)]
pub(crate) enum Part {
    /// A file begins.
    File {
        /// Its path.
        path: String,
        /// Its size in bytes. So much content follows.
        size: u64,
        /// When it was last changed, in Unix seconds.
        modified: i64,
    },
    /// A part of its content.
    Content(Bytes),
}

/// Writes the parts that `next` gives into `file`, until there is none.
///
/// # Errors
///
/// [`ArchiveError`]: a path is one that unpacking refuses, or twice there.
pub(crate) fn write(
    format: Format,
    file: File,
    next: &mut dyn FnMut() -> Option<Part>,
) -> Result<(), ArchiveError> {
    let file = BufWriter::new(file);
    match format {
        Format::Zip => zip(file, next),
        Format::Tar => tar(file, next)?.flush().map_err(ArchiveError::from),
        Format::TarGz => {
            let gzip = tar(GzEncoder::new(file, Compression::default()), next)?;
            gzip.finish()?.flush().map_err(ArchiveError::from)
        }
    }
}

fn zip(file: BufWriter<File>, next: &mut dyn FnMut() -> Option<Part>) -> Result<(), ArchiveError> {
    let of_zip = |error: zip::result::ZipError| ArchiveError::Io(io::Error::other(error));
    let mut writer = ZipWriter::new(file);
    let mut paths = HashSet::new();
    while let Some(part) = next() {
        match part {
            Part::File {
                path,
                size,
                modified,
            } => {
                check(&path, &mut paths)?;
                let options = SimpleFileOptions::default()
                    .compression_method(CompressionMethod::Deflated)
                    .large_file(size >= u64::from(u32::MAX))
                    .last_modified_time(date_time(modified));
                writer.start_file(path, options).map_err(of_zip)?;
            }
            Part::Content(bytes) => writer.write_all(&bytes)?,
        }
    }
    writer.finish().map_err(of_zip)?.flush()?;
    Ok(())
}

fn tar<W: Write>(writer: W, next: &mut dyn FnMut() -> Option<Part>) -> Result<W, ArchiveError> {
    let mut builder = tar::Builder::new(writer);
    let mut paths = HashSet::new();
    while let Some(part) = next() {
        let Part::File {
            path,
            size,
            modified,
        } = part
        else {
            continue;
        };
        check(&path, &mut paths)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(u64::try_from(modified).unwrap_or_default());
        let content = Content {
            next: &mut *next,
            chunk: Bytes::new(),
            left: size,
        };
        builder.append_data(&mut header, path, content)?;
    }
    Ok(builder.into_inner()?)
}

fn check(path: &str, paths: &mut HashSet<String>) -> Result<(), ArchiveError> {
    if name::checked(path.as_bytes())?.as_deref() != Some(path) {
        return Err(ArchiveError::Invalid(format!(
            "no archive can hold the path `{path}`"
        )));
    }
    if paths.insert(path.to_owned()) {
        return Ok(());
    }
    Err(ArchiveError::Invalid(format!(
        "two files would have the path {path} in the archive"
    )))
}

/// The content of one file.
struct Content<'a> {
    next: &'a mut dyn FnMut() -> Option<Part>,
    chunk: Bytes,
    left: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            if self.left == 0 {
                return Ok(0);
            }
            let Some(Part::Content(bytes)) = (self.next)() else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            self.left = self.left.saturating_sub(length);
            self.chunk = bytes;
        }
        let length = buffer.len().min(self.chunk.len());
        let (buffer, _) = buffer.split_at_mut(length);
        self.chunk.copy_to_slice(buffer);
        Ok(length)
    }
}

/// The time of a ZIP, which has no zone: UTC, to two seconds. What it cannot express becomes 1980.
fn date_time(unix_seconds: i64) -> DateTime {
    let text = tcloud_core::time::format_iso_utc(unix_seconds);
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map(|digits| digits.parse::<u16>().unwrap_or_default());
    let mut next = || numbers.next().unwrap_or_default();
    let year = next();
    let mut small = || u8::try_from(next()).unwrap_or_default();
    let (month, day, hour, minute, second) = (small(), small(), small(), small(), small());
    DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or_default()
}
