//! Films and sound in containers.

use super::found::Extent;
use crate::picture::boxes;
use crate::read;
use crate::report::Confidence::{High, Medium};
use crate::work::Work;

pub(super) fn mp4(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    const KNOWN: &[&[u8; 4]] = &[
        b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx", b"styp",
        b"uuid", b"meta", b"pdin", b"emsg", b"ssix", b"prft", b"udta", b"pnot",
    ];
    read::be32(bytes, 0).filter(|length| (16..=4096).contains(length))?;
    let (mut end, mut count, mut has_index) = (0, 0, false);
    for found in boxes(bytes, 0..bytes.len(), work).take_while(|found| KNOWN.contains(&&found.kind))
    {
        has_index |= matches!(&found.kind, b"moov" | b"moof");
        end = found.range.end;
        count += 1;
    }
    // A known box that reaches beyond the bytes is a film cut short.
    if read::code(bytes, end + 4).is_some_and(|kind| KNOWN.contains(&&kind)) {
        return Some(Extent::new(bytes.len(), Medium)).filter(|_| count > 0);
    }
    (count > 1).then(|| Extent::new(end, if has_index { High } else { Medium }))
}

pub(super) fn flv(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    if read::u8(bytes, 4)? & 0xFA != 0 || read::be32(bytes, 5)? != 9 || read::be32(bytes, 9)? != 0 {
        return None;
    }
    let mut at = 13;
    while let Some(length) = read::be24(bytes, at + 1) {
        work.spend(15)?;
        let end = at + 11 + length;
        let known = read::u8(bytes, at).is_some_and(|kind| matches!(kind & 0x1F, 8 | 9 | 18));
        if !known || read::be32(bytes, end) != Some(11 + length) {
            break;
        }
        at = end + 4;
    }
    Some(Extent::new(at, if at > 13 { High } else { Medium }))
}

pub(super) fn matroska(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let (size, start) = element_size(bytes, 4)?;
    let segment = start.checked_add(size?)?;
    if !read::is_at(bytes, segment, b"\x18\x53\x80\x67") {
        return None;
    }
    work.find(bytes.get(start..segment.min(start + 256))?, b"\x42\x82")?;
    let (size, start) = element_size(bytes, segment + 4)?;
    // A live recording leaves the size open.
    let end = size
        .and_then(|size| start.checked_add(size))
        .filter(|end| *end <= bytes.len());
    Some(end.map_or(Extent::new(bytes.len(), Medium), |end| {
        Extent::new(end, High)
    }))
}

/// The size of an element (`None` if unknown) and where its content begins.
fn element_size(bytes: &[u8], at: usize) -> Option<(Option<usize>, usize)> {
    let first = read::u8(bytes, at)?;
    let width = usize::try_from(first.leading_zeros()).ok()? + 1;
    let rest = bytes.get(at + 1..at + width).filter(|_| width <= 8)?;
    let mask = u8::try_from(0xFF_u32 >> width).ok()?;
    let is_open = first | !mask == 0xFF && rest.iter().all(|byte| *byte == 0xFF);
    let value = rest.iter().fold(usize::from(first & mask), |v, byte| {
        v << 8 | usize::from(*byte)
    });
    Some(((!is_open).then_some(value), at + width))
}

pub(super) fn ogg(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let mut at = 0;
    let mut pages = 0;
    while read::is_at(bytes, at, b"OggS\0") {
        let segments = usize::from(read::u8(bytes, at + 26)?);
        work.spend(27 + segments)?;
        let table = bytes.get(at + 27..at + 27 + segments)?;
        at += 27 + segments + table.iter().map(|size| usize::from(*size)).sum::<usize>();
        pages += 1;
    }
    let confidence = if pages > 1 && at <= bytes.len() {
        High
    } else {
        Medium
    };
    (pages > 0).then(|| Extent::new(at.min(bytes.len()), confidence))
}

pub(super) fn riff(bytes: &[u8], _: &Work<'_>) -> Option<Extent> {
    if !bytes.starts_with(b"RIFF") {
        return None;
    }
    let size = read::le32(bytes, 4).filter(|size| *size >= 12)?;
    let end = size.saturating_add(8 + (size & 1));
    let confidence = if end > bytes.len() { Medium } else { High };
    Some(Extent::new(end.min(bytes.len()), confidence))
}
