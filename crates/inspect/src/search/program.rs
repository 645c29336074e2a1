//! Programs and libraries.

use super::found::Extent;
use crate::read;
use crate::report::Confidence::{High, Medium};
use crate::work::Work;

/// An extent up to `end`, or up to the end of the bytes if the program is cut short.
fn up_to(bytes: &[u8], end: usize) -> Extent {
    let confidence = if end > bytes.len() { Medium } else { High };
    Extent::new(end.min(bytes.len()), confidence)
}

pub(super) fn elf(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let wide = match read::u8(bytes, 4)? {
        1 => false,
        2 => true,
        _ => return None,
    };
    let big = match read::u8(bytes, 5)? {
        1 => false,
        2 => true,
        _ => return None,
    };
    let half = |at| {
        if big {
            read::be16(bytes, at)
        } else {
            read::le16(bytes, at)
        }
    };
    let int = |at| {
        if big {
            read::be32(bytes, at)
        } else {
            read::le32(bytes, at)
        }
    };
    let long = |at| match (wide, big) {
        (false, _) => int(at),
        (true, false) => read::le64(bytes, at),
        (true, true) => read::be64(bytes, at),
    };
    if read::u8(bytes, 6)? != 1 || int(20)? != 1 || !(1..=4).contains(&half(16)?) {
        return None;
    }
    // Field positions differ with the width: table positions, then their sizes and counts.
    let (tables, counts) = if wide { (32, 54) } else { (28, 42) };
    let step = if wide { 8 } else { 4 };
    let (programs, sections) = (long(tables)?, long(tables + step)?);
    let (program_size, program_count) = (half(counts)?, half(counts + 2)?);
    let (section_size, section_count) = (half(counts + 4)?, half(counts + 6)?);
    let mut end = if wide { 64 } else { 52 };
    end = end.max(sections.checked_add(section_size * section_count)?);
    for index in 0..program_count {
        work.spend(16)?;
        let at = programs.checked_add(index * program_size)?;
        let (offset, size) = if wide { (8, 32) } else { (4, 16) };
        let Some((offset, size)) = long(at + offset).zip(long(at + size)) else {
            break;
        };
        end = end.max(offset.checked_add(size)?);
    }
    for index in 0..section_count {
        work.spend(16)?;
        let at = sections.checked_add(index * section_size)?;
        let (offset, size) = if wide { (24, 32) } else { (16, 20) };
        let occupies = int(at + 4).is_some_and(|kind| kind != 8);
        let Some((offset, size)) = long(at + offset).zip(long(at + size)) else {
            break;
        };
        if occupies {
            end = end.max(offset.checked_add(size)?);
        }
    }
    Some(up_to(bytes, end))
}

pub(super) fn pe(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let header = read::le32(bytes, 0x3C).filter(|at| *at >= 0x40)?;
    if !read::is_at(bytes, header, b"PE\0\0") {
        return None;
    }
    let count = read::le16(bytes, header + 6).filter(|count| *count <= 96)?;
    let optional = header + 24;
    let table = optional + read::le16(bytes, header + 20)?;
    work.spend(40 * count)?;
    let mut end = table + 40 * count;
    for section in (0..count).map(|index| table + 40 * index) {
        let Some((size, offset)) =
            read::le32(bytes, section + 16).zip(read::le32(bytes, section + 20))
        else {
            break;
        };
        if size > 0 {
            end = end.max(offset.saturating_add(size));
        }
    }
    // A signature follows the sections; its directory entry is the only one with a file position.
    let directories = if read::le16(bytes, optional)? == 0x20B {
        112
    } else {
        96
    };
    let certificate = optional + directories + 4 * 8;
    if certificate + 8 <= table {
        let (offset, size) = (
            read::le32(bytes, certificate)?,
            read::le32(bytes, certificate + 4)?,
        );
        if offset >= end && size > 0 {
            end = offset.saturating_add(size);
        }
    }
    Some(up_to(bytes, end))
}

pub(super) fn mach_o(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let (wide, kind) = (bytes.starts_with(b"\xCF"), read::le32(bytes, 12)?);
    let (count, size) = (read::le32(bytes, 16)?, read::le32(bytes, 20)?);
    if !(1..=12).contains(&kind) || count == 0 || count > 4096 || size / 8 < count {
        return None;
    }
    work.spend(8 * count)?;
    let mut at = if wide { 32 } else { 28 };
    let mut end = at + size;
    for _ in 0..count {
        let (command, length) = (read::le32(bytes, at)?, read::le32(bytes, at + 4)?);
        if length < 8 {
            return None;
        }
        let segment = match command {
            0x01 => read::le32(bytes, at + 32).zip(read::le32(bytes, at + 36)),
            0x19 => read::le64(bytes, at + 40).zip(read::le64(bytes, at + 48)),
            _ => None,
        };
        if let Some((offset, size)) = segment {
            end = end.max(offset.saturating_add(size));
        }
        at = at.checked_add(length)?;
    }
    Some(up_to(bytes, end))
}
