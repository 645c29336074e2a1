//! HEIF and AVIF: ISO media boxes; item locations state which media bytes are picture.

use std::iter::Peekable;
use std::ops::Range;

use super::structure::Picture;
use crate::layout::{Layout, Search};
use crate::read;
use crate::report::{BenignKind, PictureType};
use crate::work::Work;

const HEIF_BRANDS: &[&[u8; 4]] = &[
    b"mif1", b"mif2", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"miaf",
];
/// More item extents than any real picture lists.
const MAX_EXTENTS: usize = 65_536;

/// A box: its type, its whole range and where its content begins.
#[derive(Clone, Debug)]
pub(crate) struct MediaBox {
    pub(crate) kind: [u8; 4],
    pub(crate) range: Range<usize>,
    pub(crate) content: usize,
}

/// The boxes that follow one another in `range`, up to the first thing that is no whole box.
pub(crate) fn boxes<'a>(
    bytes: &'a [u8],
    range: Range<usize>,
    work: &'a Work<'_>,
) -> impl Iterator<Item = MediaBox> + 'a {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let mut at = range.start;
    std::iter::from_fn(move || {
        let named = |kind: &[u8; 4]| kind.iter().all(|b| matches!(b, b' '..=b'~' | 0xA9));
        let kind = read::code(bytes, at + 4).filter(named)?;
        work.spend(8)?;
        let (content, length) = match read::be32(bytes, at)? {
            0 => (at + 8, bytes.len() - at),
            1 => (at + 16, read::be64(bytes, at + 8)?),
            length => (at + 8, length),
        };
        let end = at
            .checked_add(length)
            .filter(|end| (content..=bytes.len()).contains(end))?;
        let found = MediaBox {
            kind,
            range: at..end,
            content,
        };
        at = end;
        Some(found)
    })
}

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !read::is_at(bytes, 4, b"ftyp") {
        return None;
    }
    let first = boxes(bytes, 0..bytes.len(), work).next()?;
    let brands = bytes.get(first.content..first.range.end.min(first.content + 256))?;
    let brands: Vec<_> = brands.as_chunks::<4>().0.iter().collect();
    let kind = if brands
        .iter()
        .any(|brand| matches!(*brand, b"avif" | b"avis"))
    {
        PictureType::Avif
    } else if brands.iter().any(|brand| HEIF_BRANDS.contains(brand)) {
        PictureType::Heif
    } else {
        return None;
    };
    let mut picture = Picture::new(kind);
    let mut extents = Vec::new();
    let mut has_film = false;
    for found in own_boxes(bytes, work) {
        match &found.kind {
            b"meta" => extents = item_extents(bytes, &found, work).unwrap_or_default(),
            b"moov" => has_film = true,
            _ => {}
        }
    }
    extents.sort_by_key(|extent| extent.start);
    let located = !extents.is_empty() && !has_film;
    let mut extents = extents.into_iter().peekable();
    for found in own_boxes(bytes, work) {
        if picture.layout.is_full() {
            break;
        }
        if &found.kind == b"mdat" && located {
            media_data(&mut picture.layout, &found, &mut extents);
        } else {
            account(&mut picture.layout, &found, has_film);
        }
        picture.complete |= matches!(&found.kind, b"meta" | b"moov");
    }
    if picture.layout.end() < bytes.len() && !picture.complete {
        picture
            .layout
            .damaged(picture.layout.end()..bytes.len(), "box cut short");
    }
    picture.dimensions = dimensions(bytes, work);
    Some(picture)
}

/// The boxes of the picture: another file type box begins another file.
fn own_boxes<'a>(bytes: &'a [u8], work: &'a Work<'_>) -> impl Iterator<Item = MediaBox> + 'a {
    let all = boxes(bytes, 0..bytes.len(), work).enumerate();
    all.take_while(|(index, found)| *index == 0 || &found.kind != b"ftyp")
        .map(|(_, found)| found)
}

fn account(layout: &mut Layout, found: &MediaBox, has_film: bool) {
    match &found.kind {
        // A film among the metadata would begin with such a box.
        b"ftyp" => layout.picture(found.range.clone(), "file type"),
        b"meta" | b"moov" | b"moof" | b"sidx" | b"mfra" | b"styp" | b"pdin" => {
            layout.metadata(found.range.clone(), "structure boxes");
        }
        b"mdat" if has_film => layout.picture(found.range.clone(), "media data"),
        b"mdat" => layout.damaged(found.range.clone(), "media data without a directory"),
        b"mpvd" => layout.benign(found.range.clone(), BenignKind::MotionPhoto, "film"),
        b"sefd" => {
            layout.benign(
                found.range.clone(),
                BenignKind::SamsungTrailer,
                "Samsung blocks",
            );
        }
        _ => {
            layout.metadata(found.range.start..found.content, "box frame");
            layout.gap(
                found.content..found.range.end,
                "content of a free box",
                Search::Full,
            );
        }
    }
}

/// Accounts for what the items refer to in a media box; the rest of it stays a gap.
fn media_data(
    layout: &mut Layout,
    found: &MediaBox,
    extents: &mut Peekable<impl Iterator<Item = Range<usize>>>,
) {
    let mut at = found.content;
    layout.picture(found.range.start..at, "media data");
    while let Some(extent) = extents.next_if(|extent| extent.start < found.range.end) {
        let start = extent.start.max(at);
        let end = extent.end.min(found.range.end);
        layout.picture(start..end, "media data");
        at = at.max(end);
    }
}

/// Where the items of a `meta` box lie in the file.
fn item_extents(bytes: &[u8], meta: &MediaBox, work: &Work<'_>) -> Option<Vec<Range<usize>>> {
    let inside = meta.content + 4..meta.range.end;
    let iloc = boxes(bytes, inside, work).find(|found| &found.kind == b"iloc")?;
    let bytes = bytes.get(..iloc.range.end)?;
    let mut at = iloc.content;
    let mut take = |width: usize| {
        let value = match width {
            0 => Some(0),
            1 => read::u8(bytes, at).map(usize::from),
            2 => read::be16(bytes, at),
            4 => read::be32(bytes, at),
            8 => read::be64(bytes, at),
            _ => None,
        };
        at += width;
        value
    };
    let version = take(1)?;
    take(1)?;
    take(2)?;
    let sizes = take(2)?;
    let (offset_width, length_width) = (sizes >> 12, sizes >> 8 & 15);
    let base_width = sizes >> 4 & 15;
    let index_width = if version == 0 { 0 } else { sizes & 15 };
    let id_width = if version < 2 { 2 } else { 4 };
    let mut extents = Vec::new();
    for _ in 0..take(id_width)? {
        work.spend(8)?;
        take(id_width)?;
        let construction = if version == 0 { 0 } else { take(2)? & 15 };
        take(2)?;
        let base = take(base_width)?;
        for _ in 0..take(2)? {
            // All its fields may have a width of 0, so the bytes do not bound their number.
            work.spend(8)?;
            take(index_width)?;
            let start = base.saturating_add(take(offset_width)?);
            let length = take(length_width)?;
            // Other constructions refer to the `idat` box inside `meta`.
            if construction == 0 {
                extents.push(start..start.saturating_add(length));
            }
            if extents.len() >= MAX_EXTENTS {
                return None;
            }
        }
    }
    Some(extents)
}

/// The largest item size, since grids list their tiles too.
fn dimensions(bytes: &[u8], work: &Work<'_>) -> Option<(u32, u32)> {
    let inside = |outer: MediaBox, skip: usize, kind: &[u8; 4]| {
        boxes(bytes, outer.content + skip..outer.range.end, work).find(|found| found.kind == *kind)
    };
    let meta = own_boxes(bytes, work).find(|found| &found.kind == b"meta")?;
    let ipco = inside(inside(meta, 4, b"iprp")?, 0, b"ipco")?;
    boxes(bytes, ipco.content..ipco.range.end, work)
        .filter(|found| &found.kind == b"ispe")
        .filter_map(|ispe| {
            let width = read::be32(bytes, ispe.content + 4)?;
            read::dimensions(width, read::be32(bytes, ispe.content + 8)?)
        })
        .max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}
