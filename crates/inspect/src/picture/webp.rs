//! WebP: one RIFF container, whose size field gives the end.

use super::structure::Picture;
use crate::layout::Search;
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const PICTURE_CHUNKS: &[&[u8; 4]] = &[b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"];
const METADATA_CHUNKS: &[&[u8; 4]] = &[b"ICCP", b"EXIF", b"XMP ", b"C2PA"];

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !bytes.starts_with(b"RIFF") || !read::is_at(bytes, 8, b"WEBP") {
        return None;
    }
    let mut picture = Picture::new(PictureType::WebP);
    let layout = &mut picture.layout;
    layout.picture(0..12, "header");
    let size = read::le32(bytes, 4)?;
    let stated = size.saturating_add(8 + (size & 1));
    let limit = stated.min(bytes.len());
    let mut at = 12;
    while let Some((kind, length)) = read::code(bytes, at).zip(read::le32(bytes, at + 4)) {
        if at >= limit || layout.is_full() || work.spend(8).is_none() {
            break;
        }
        let data = at + 8;
        // The last chunk of a hand-made file may lack its padding byte.
        let end = data.saturating_add(length).saturating_add(length & 1);
        if end > limit.saturating_add(1) {
            let bounded = at..limit;
            layout.damaged(bounded, "chunk cut short");
            at = limit;
            break;
        }
        let end = end.min(limit);
        if PICTURE_CHUNKS.contains(&&kind) {
            layout.picture(at..end, "picture chunks");
            if picture.dimensions.is_none() {
                picture.dimensions = dimensions(bytes, kind, data);
            }
        } else if METADATA_CHUNKS.contains(&&kind) {
            layout.metadata(at..end, "metadata chunks");
        } else {
            layout.metadata(at..data, "chunk frame");
            layout.gap(data..end, "data of an unknown chunk", Search::Full);
        }
        at = end;
    }
    picture.complete = at == limit && stated <= bytes.len().saturating_add(1);
    Some(picture)
}

fn dimensions(bytes: &[u8], kind: [u8; 4], data: usize) -> Option<(u32, u32)> {
    match &kind {
        b"VP8X" => read::dimensions(
            read::le24(bytes, data + 4)? + 1,
            read::le24(bytes, data + 7)? + 1,
        ),
        b"VP8L" => {
            let packed = read::le32(bytes, data + 1)?;
            read::dimensions((packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1)
        }
        b"VP8 " => {
            let mask = 0x3FFF;
            let (width, height) = (read::le16(bytes, data + 6)?, read::le16(bytes, data + 8)?);
            read::dimensions(width & mask, height & mask)
        }
        _ => None,
    }
}
