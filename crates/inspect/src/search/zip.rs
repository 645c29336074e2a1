//! ZIP archives, found from their end: the end record leads to the central directory and that to
//! the first entry.

use std::ops::Range;

use memchr::memmem;

use super::found::{Extent, FINDING, Found};
use crate::read;
use crate::report::{Confidence, PayloadType};
use crate::work::Work;

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const DIRECTORY: &[u8] = b"PK\x01\x02";
const ENTRY: &[u8] = b"PK\x03\x04";
/// The field value that refers to the 64-bit record.
const IN_END_64: usize = 0xFFFF_FFFF;

/// Finds whole archives in `range`. One whose check is refused has a signature for the searches
/// after this one, which say so.
pub(super) fn find(bytes: &[u8], range: Range<usize>, work: &Work<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut open = range;
    while let Some(content) = bytes.get(open.clone()) {
        let at = memmem::rfind(content, END);
        if work.pass(content.len() - at.unwrap_or(0)).is_none() {
            break;
        }
        let Some(at) = at else {
            break;
        };
        let end = open.start + at;
        open.end = end;
        if let Some(archive) = archive(content, at, work) {
            let range = open.start + archive.start..open.start + archive.end;
            if work.spend(FINDING).is_none() {
                found.push(Found::unsearched(open.start..range.end));
                break;
            }
            open.end = range.start;
            let (payload, confidence) = (PayloadType::Zip, Confidence::High);
            found.push(Found {
                range,
                payload,
                confidence,
            });
        }
    }
    found.reverse();
    found
}

/// The range of the archive whose end record is at `end`.
fn archive(bytes: &[u8], end: usize, work: &Work<'_>) -> Option<Range<usize>> {
    let comment = read::le16(bytes, end + 20)?;
    let behind = (end + 22).checked_add(comment)?;
    let mut entries = read::le16(bytes, end + 10)?;
    let mut size = read::le32(bytes, end + 12)?;
    let mut offset = read::le32(bytes, end + 16)?;
    let mut directory_end = end;
    if size == IN_END_64 || offset == IN_END_64 || entries == 0xFFFF {
        // The record and a locator of 20 bytes are before the end record.
        let record = end
            .checked_sub(76)
            .filter(|at| read::is_at(bytes, *at, END_64));
        if let Some(record) = record {
            entries = read::le64(bytes, record + 32)?;
            size = read::le64(bytes, record + 40)?;
            offset = read::le64(bytes, record + 48)?;
            directory_end = record;
        }
    }
    let directory = directory_end.checked_sub(size)?;
    if behind > bytes.len() {
        return None;
    }
    if entries == 0 {
        return (size == 0 && comment == 0).then_some(end..behind);
    }
    let mut at = directory;
    let mut first = None;
    for _ in 0..entries {
        work.spend(46)?;
        if !read::is_at(bytes, at, DIRECTORY) || at >= directory_end {
            return None;
        }
        let local = read::le32(bytes, at + 42)?;
        first = Some(first.map_or(local, |first: usize| first.min(local)));
        let name = read::le16(bytes, at + 28)?;
        let extra = read::le16(bytes, at + 30)?;
        at += 46 + name + extra + read::le16(bytes, at + 32)?;
    }
    // Entry positions count from the archive's own start or, if adjusted, from the file's; the
    // distance between directory and entry is the same.
    let start = directory.checked_sub(offset.checked_sub(first?)?)?;
    read::is_at(bytes, start, ENTRY).then_some(start..behind)
}

/// Measures an archive without an end record, entry by entry.
pub(super) fn entries(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let (version, method) = (read::le16(bytes, 4)?, read::le16(bytes, 8)?);
    let name = read::le16(bytes, 26)?;
    work.spend(name.min(1024))?;
    let text = bytes.get(30..30 + name)?;
    let plausible = version & 0xFF <= 63 && method <= 99 && (1..1024).contains(&name);
    if !plausible || text.iter().any(|byte| *byte < b' ') {
        return None;
    }
    let mut at = 0;
    while read::is_at(bytes, at, ENTRY) {
        work.spend(30)?;
        let streamed = read::le16(bytes, at + 6)? & 8 != 0;
        let size = read::le32(bytes, at + 18)?;
        let head = 30 + read::le16(bytes, at + 26)? + read::le16(bytes, at + 28)?;
        if streamed && size == 0 {
            return Some(Extent::new(bytes.len(), Confidence::Medium));
        }
        at = (at + head).saturating_add(size);
    }
    Some(Extent::new(at.min(bytes.len()), Confidence::Medium))
}
