//! Archives and compressed streams.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::found::Extent;
use crate::read;
use crate::report::Confidence::{High, Low, Medium};
use crate::work::Work;

pub(super) fn seven_zip(bytes: &[u8], _: &Work<'_>) -> Option<Extent> {
    let stated = read::le32(bytes, 8)?;
    let actual = usize::try_from(crc32fast::hash(bytes.get(12..32)?)).ok()?;
    let end = read::le64(bytes, 12)?
        .saturating_add(read::le64(bytes, 20)?)
        .saturating_add(32);
    let cut = end > bytes.len();
    (stated == actual).then(|| Extent::new(end.min(bytes.len()), if cut { Medium } else { High }))
}

pub(super) fn rar4(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let mut at = 7;
    loop {
        work.spend(7)?;
        let Some(kind) = read::u8(bytes, at + 2).filter(|kind| (0x72..=0x7B).contains(kind)) else {
            return (at > 7).then(|| Extent::new(at.min(bytes.len()), Medium));
        };
        let flags = read::le16(bytes, at + 3)?;
        let size = read::le16(bytes, at + 5).filter(|size| *size >= 7)?;
        let has_data = flags & 0x8000 != 0;
        let data = if has_data {
            read::le32(bytes, at + 7)?
        } else {
            0
        };
        at = (at + size).saturating_add(data);
        if at > bytes.len() {
            return Some(Extent::new(bytes.len(), Medium));
        }
        if kind == 0x7B {
            return Some(Extent::new(at, High));
        }
    }
}

pub(super) fn rar5(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    const END: usize = 5;
    let mut at = 8;
    loop {
        work.spend(7)?;
        let (size, start) = variable(bytes, at + 4)?;
        let end = start.checked_add(size).filter(|end| *end <= bytes.len());
        let Some(header) = end.and_then(|end| bytes.get(at + 4..end)) else {
            return (at > 8).then(|| Extent::new(bytes.len(), Medium));
        };
        if Some(work.crc32(header)?) != read::le32(bytes, at) {
            return (at > 8).then(|| Extent::new(at, Medium));
        }
        let (kind, next) = variable(bytes, start)?;
        let (flags, mut next) = variable(bytes, next)?;
        if flags & 1 != 0 {
            (_, next) = variable(bytes, next)?;
        }
        let data = if flags & 2 != 0 {
            variable(bytes, next)?.0
        } else {
            0
        };
        at = end?.saturating_add(data);
        if at > bytes.len() {
            return Some(Extent::new(bytes.len(), Medium));
        }
        if kind == END {
            return Some(Extent::new(at, High));
        }
    }
}

/// A number of seven bits a byte, low bits first, and the position behind it.
fn variable(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for index in 0..9 {
        let byte = read::u8(bytes, at + index)?;
        value |= usize::from(byte & 0x7F).checked_shl(u32::try_from(7 * index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, at + index + 1));
        }
    }
    None
}

pub(super) fn gzip(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let flags = read::u8(bytes, 3)?;
    let system = read::u8(bytes, 9)?;
    let plausible = flags & 0xE0 == 0 && matches!(read::u8(bytes, 8)?, 0 | 2 | 4);
    if !plausible || (system > 13 && system != 255) {
        return None;
    }
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + read::le16(bytes, at)?;
    }
    for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
        at += 1 + work.find_byte(bytes.get(at..)?, 0)?;
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    let extent = match deflated(bytes.get(at..)?, work) {
        Deflate::Whole { length, checksum } => {
            let end = at + length + 8;
            let intact = read::le32(bytes, at + length) == usize::try_from(checksum).ok();
            (intact && end <= bytes.len()).then(|| Extent::new(end, High))?
        }
        Deflate::Cut => Extent::new(bytes.len(), Medium),
        Deflate::TooLong => Extent::new(bytes.len(), Low),
        Deflate::Wrong => return None,
    };
    Some(extent)
}

enum Deflate {
    Whole { length: usize, checksum: u32 },
    Cut,
    TooLong,
    Wrong,
}

/// Follows deflated data to its end, which nothing states beforehand.
fn deflated(bytes: &[u8], work: &Work<'_>) -> Deflate {
    // Preparing to inflate costs as much as looking at some thousand bytes.
    if work.spend(4096).is_none() {
        return Deflate::TooLong;
    }
    let mut state = Box::<DecompressorOxide>::default();
    let mut window = vec![0; 32 * 1024];
    let mut checksum = crc32fast::Hasher::new();
    let (mut read, mut out) = (0, 0);
    loop {
        let rest = bytes.get(read..).unwrap_or_default();
        let (status, taken, given) = decompress(
            &mut state,
            rest,
            &mut window,
            out,
            inflate_flags::TINFL_FLAG_HAS_MORE_INPUT,
        );
        checksum.update(window.get(out..out + given).unwrap_or_default());
        read += taken;
        out = (out + given) % window.len();
        // Output costs a fraction of what looking at a byte costs elsewhere.
        if work.spend(64 + taken + given / 16).is_none() {
            return Deflate::TooLong;
        }
        match status {
            TINFLStatus::Done => {
                return Deflate::Whole {
                    length: read,
                    checksum: checksum.finalize(),
                };
            }
            TINFLStatus::HasMoreOutput => {}
            TINFLStatus::NeedsMoreInput if read > 64 => return Deflate::Cut,
            _ => return Deflate::Wrong,
        }
    }
}

pub(super) fn bzip2(bytes: &[u8], _: &Work<'_>) -> Option<Extent> {
    let level = read::u8(bytes, 3)?;
    // The end mark lies at no byte boundary; the rest of the searched bytes is taken.
    let valid = matches!(level, b'1'..=b'9') && read::is_at(bytes, 4, b"1AY&SY");
    valid.then(|| Extent::new(bytes.len(), Medium))
}

pub(super) fn xz(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let flags = bytes.get(6..8)?;
    let is_sum = |part: &[u8], at| work.crc32(part) == read::le32(bytes, at);
    if !is_sum(flags, 8) {
        return None;
    }
    // The footer: its checksum, a size, the flags again and two letters.
    let mut at = 8;
    while let Some(found) = work.find(bytes.get(at..)?, b"YZ") {
        let letters = at + found;
        at = letters + 2;
        let Some(sum) = letters.checked_sub(10) else {
            continue;
        };
        let repeated = bytes.get(letters - 2..letters) == Some(flags);
        if repeated && is_sum(bytes.get(sum + 4..letters)?, sum) {
            return Some(Extent::new(at, High));
        }
    }
    Some(Extent::new(bytes.len(), Medium))
}

pub(super) fn zstd(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let descriptor = read::u8(bytes, 4)?;
    if descriptor & 8 != 0 {
        return None;
    }
    let single = descriptor & 0x20 != 0;
    let size = match (descriptor >> 6, single) {
        (0, false) => 0,
        (0, true) => 1,
        (width, _) => 1 << width,
    };
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3))?;
    let mut at = 5 + usize::from(!single) + dictionary + size;
    loop {
        work.spend(3)?;
        let Some(block) = read::le24(bytes, at) else {
            return Some(Extent::new(bytes.len(), Medium)).filter(|_| at > 1024);
        };
        let (last, kind, length) = (block & 1 == 1, block >> 1 & 3, block >> 3);
        if kind == 3 || length > 128 * 1024 {
            return None;
        }
        at += 3 + if kind == 1 { 1 } else { length };
        if last {
            let end = at + if descriptor & 4 != 0 { 4 } else { 0 };
            return (end <= bytes.len()).then(|| Extent::new(end, High));
        }
    }
}

pub(super) fn tar(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    const BLOCK: usize = 512;
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + BLOCK) {
        // Most false starts are recognised by the field of the checksum alone.
        let stated = octal(header.get(148..156)?);
        let is_promising = stated.is_some() || header.starts_with(&[0]);
        work.spend(if is_promising { BLOCK } else { 8 })?;
        if header.iter().all(|byte| *byte == 0) {
            // Two empty blocks end an archive.
            let end = (at + 2 * BLOCK).min(bytes.len());
            return Some(Extent::new(end, High)).filter(|_| at > 0);
        }
        let sum: usize = header.iter().map(|byte| usize::from(*byte)).sum();
        let field: usize = header
            .iter()
            .skip(148)
            .take(8)
            .map(|byte| usize::from(*byte))
            .sum();
        if stated != Some(sum - field + 8 * usize::from(b' ')) {
            break;
        }
        let size = octal(header.get(124..136)?)?.checked_next_multiple_of(BLOCK)?;
        at = at.checked_add(BLOCK + size)?;
    }
    (at > 0).then(|| Extent::new(at.min(bytes.len()), Medium))
}

fn octal(field: &[u8]) -> Option<usize> {
    let digits = field
        .iter()
        .skip_while(|byte| **byte == b' ')
        .take_while(|b| b.is_ascii_digit());
    let text: Vec<u8> = digits.copied().collect();
    usize::from_str_radix(std::str::from_utf8(&text).ok()?, 8).ok()
}
