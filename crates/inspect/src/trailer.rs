//! Harmless extras behind the end of a JPEG. Each has to be understood completely; whatever is
//! not stays a gap and is searched like one.

use std::ops::Range;

use crate::layout::{Layout, Search};
use crate::picture::{self, MotionPhoto, Picture, boxes};
use crate::read;
use crate::report::{BenignKind, PictureType};
use crate::work::Work;

/// Accounts for extras between the end of the picture and the end of the file.
pub(crate) fn account(bytes: &[u8], picture: &mut Picture, work: &Work<'_>) {
    let mut open = picture.layout.end()..bytes.len();
    // Blocks that are recognised by their end lie outside of those recognised by their start.
    while let Some(start) = from_end(bytes, &open, &mut picture.layout, work) {
        open.end = start;
    }
    while let Some(end) = from_start(bytes, &open, picture, work) {
        open.start = end;
    }
}

/// `range` without the padding at its start and at its end.
pub(crate) fn without_padding(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let is_padding = |byte: &u8| matches!(byte, 0 | 0xFF | b' ' | b'\t' | b'\r' | b'\n');
    let content = bytes.get(range.clone()).unwrap_or_default();
    let Some(last) = content.iter().rposition(|byte| !is_padding(byte)) else {
        return range.end..range.end;
    };
    let first = content
        .iter()
        .position(|byte| !is_padding(byte))
        .unwrap_or(0);
    range.start + first..range.start + last + 1
}

/// Recognises what begins the open bytes, behind padding, and returns where it ends.
fn from_start(
    bytes: &[u8],
    open: &Range<usize>,
    picture: &mut Picture,
    work: &Work<'_>,
) -> Option<usize> {
    let content = bytes.get(open.clone())?;
    let padding = content
        .iter()
        .take_while(|byte| matches!(byte, 0 | b' ' | b'\r' | b'\n'));
    let start = open.start + padding.count();
    // Zeros before the first box length belong to it.
    let film = (open.start..=start).rev().take(4).find_map(|start| {
        let announced = picture.motion_photo?;
        film(bytes, start..open.end, announced, &mut picture.layout, work)
    });
    let end = film.or_else(|| second_picture(bytes, start..open.end, &mut picture.layout, work))?;
    picture
        .layout
        .benign(open.start..start.min(end), BenignKind::Padding, "padding");
    Some(end)
}

fn second_picture(
    bytes: &[u8],
    open: Range<usize>,
    layout: &mut Layout,
    work: &Work<'_>,
) -> Option<usize> {
    let second = picture::parse(bytes.get(open.clone())?, work)?;
    if second.kind != PictureType::Jpeg || !second.complete || layout.is_full() {
        return None;
    }
    let end = open.start + second.layout.end();
    layout.absorb(second.layout, open.start, BenignKind::MultiPicture);
    Some(end)
}

/// A film at the very place where the picture's metadata announces one.
fn film(
    bytes: &[u8],
    open: Range<usize>,
    announced: MotionPhoto,
    layout: &mut Layout,
    work: &Work<'_>,
) -> Option<usize> {
    let stated = announced
        .from_end
        .and_then(|length| bytes.len().checked_sub(length));
    if stated.is_some_and(|stated| stated != open.start)
        || !read::is_at(bytes, open.start + 4, b"ftyp")
    {
        return None;
    }
    film_boxes(bytes, open, BenignKind::MotionPhoto, layout, work)
}

/// Accounts for the media boxes at the start of `open`; boxes of no use to a player are gaps.
fn film_boxes(
    bytes: &[u8],
    open: Range<usize>,
    kind: BenignKind,
    layout: &mut Layout,
    work: &Work<'_>,
) -> Option<usize> {
    let known = |kind: &[u8; 4]| {
        matches!(
            kind,
            b"ftyp" | b"moov" | b"mdat" | b"moof" | b"mfra" | b"sidx" | b"meta" | b"wide"
        )
    };
    let free = |kind: &[u8; 4]| matches!(kind, b"free" | b"skip" | b"uuid" | b"udta");
    let found: Vec<_> = boxes(bytes, open, work)
        .take_while(|found| known(&found.kind) || free(&found.kind))
        .take(1024)
        .collect();
    let has_index = found.iter().any(|found| &found.kind == b"moov");
    let end = found
        .last()
        .filter(|_| has_index && !layout.is_full())?
        .range
        .end;
    for found in found {
        if &found.kind == b"ftyp" {
            // On its own, lest the search takes the film for a payload.
            layout.benign(found.range, kind, "film type");
        } else if known(&found.kind) {
            layout.benign(found.range, kind, "film");
        } else {
            layout.benign(found.range.start..found.content, kind, "film");
            layout.gap(
                found.content..found.range.end,
                "content of a free box",
                Search::Full,
            );
        }
    }
    Some(end)
}

/// Recognises what ends the open bytes and returns where it begins.
fn from_end(
    bytes: &[u8],
    open: &Range<usize>,
    layout: &mut Layout,
    work: &Work<'_>,
) -> Option<usize> {
    if layout.is_full() {
        return None;
    }
    work.spend(64)?;
    if let Some(start) = samsung(bytes, open, layout, work) {
        return Some(start);
    }
    let start = metadata_block(bytes, open)?;
    layout.benign(
        start..open.end,
        BenignKind::MetadataTrailer,
        "metadata of an editing program",
    );
    Some(start)
}

/// Metadata blocks whose last bytes give their kind and their length.
fn metadata_block(bytes: &[u8], open: &Range<usize>) -> Option<usize> {
    let content = bytes.get(open.clone())?;
    let end = content.len();
    let back = |offset: usize| end.checked_sub(offset);
    let length = if content.ends_with(b"\xA1\xB2\xC3\xD4") {
        // FotoStation: the length covers the footer.
        read::be32(content, back(8)?).filter(|length| *length >= 10)
    } else if content.ends_with(b"cbipcbbl") {
        // Photo Mechanic.
        read::be32(content, back(12)?).and_then(|length| length.checked_add(12))
    } else if read::is_at(content, back(64)?, b"CANON OPTIONAL DATA\0") {
        let length = read::be32(content, back(44)?)?.checked_add(0x5C)?;
        let header = back(length).map(|at| read::is_at(content, at, b"CANON OPTIONAL DATA\0"));
        header.filter(|is_header| *is_header).map(|_| length)
    } else if content.ends_with(b"\x10\x04") && read::is_at(content, back(10)?, b"~\0\0\x06") {
        // MIE states its length in one of two byte orders before its last two bytes.
        read::be32(content, back(6)?)
    } else if content.ends_with(b"\x18\x04") && read::is_at(content, back(10)?, b"~\0\0\x06") {
        read::le32(content, back(6)?)
    } else if read::is_at(content, back(12)?, b"AXS!") {
        // AFCP points to its header with a position in the file.
        let start = read::be32(content, back(8)?)?;
        let is_header = start >= open.start && read::is_at(bytes, start, b"AXS!");
        open.end.checked_sub(start).filter(|_| is_header)
    } else if read::is_at(content, back(12)?, b"AXS*") {
        let start = read::le32(content, back(8)?)?;
        let is_header = start >= open.start && read::is_at(bytes, start, b"AXS*");
        open.end.checked_sub(start).filter(|_| is_header)
    } else {
        None
    };
    Some(open.start + back(length.filter(|length| *length > 0)?)?)
}

/// Samsung's blocks: a directory at the end points back to each of them.
fn samsung(
    bytes: &[u8],
    open: &Range<usize>,
    layout: &mut Layout,
    work: &Work<'_>,
) -> Option<usize> {
    const KIND: BenignKind = BenignKind::SamsungTrailer;
    let content = bytes.get(open.clone())?;
    if !content.ends_with(b"SEFT") {
        return None;
    }
    let length = read::le32(bytes, open.end.checked_sub(8)?)?;
    let directory = open.end.checked_sub(length.checked_add(8)?)?;
    let count = read::le32(bytes, directory.checked_add(8)?)?;
    let sized = count.checked_mul(12).and_then(|size| size.checked_add(12)) == Some(length);
    if directory < open.start || !read::is_at(bytes, directory, b"SEFH") || !sized || count > 1024 {
        return None;
    }
    work.spend(length)?;
    let mut blocks = Vec::with_capacity(count);
    for index in 0..count {
        let entry = directory + 12 + index * 12;
        let start = directory.checked_sub(read::le32(bytes, entry + 4)?)?;
        let end = start.checked_add(read::le32(bytes, entry + 8)?)?;
        let named = read::le32(bytes, start.checked_add(4)?)?;
        let data = start.checked_add(8)?.checked_add(named)?;
        // A block repeats its kind, so a directory cannot point to just anything.
        let same = read::le16(bytes, start + 2) == read::le16(bytes, entry + 2);
        if start < open.start || data > end || end > directory || !same {
            return None;
        }
        blocks.push((start, data, end));
    }
    blocks.sort_unstable();
    let first = blocks.first()?.0;
    for (start, data, end) in blocks {
        layout.benign(start..data, KIND, "Samsung block");
        let film = read::is_at(bytes, data + 4, b"ftyp")
            .then(|| film_boxes(bytes, data..end, BenignKind::MotionPhoto, layout, work))
            .flatten();
        layout.benign(film.unwrap_or(data)..end, KIND, "Samsung block");
    }
    layout.benign(directory..open.end, KIND, "Samsung directory");
    Some(first)
}
