//! PNG and APNG: a signature and checksummed chunks up to IEND.

use std::ops::Range;

use super::structure::Picture;
use crate::layout::{Layout, Search};
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length and type before the data of a chunk, checksum behind it.
const HEAD: usize = 8;
const TAIL: usize = 4;

const PICTURE_CHUNKS: &[&[u8; 4]] = &[b"IHDR", b"PLTE", b"IDAT", b"IEND", b"fdAT", b"fcTL"];
const METADATA_CHUNKS: &[&[u8; 4]] = &[
    // Standard.
    b"acTL", b"bKGD", b"cHRM", b"cICP", b"cLLI", b"eXIf", b"gAMA", b"hIST", b"iCCP", b"iTXt",
    b"mDCV", b"pHYs", b"sBIT", b"sPLT", b"sRGB", b"tEXt", b"tIME", b"tRNS", b"zTXt",
    // Registered extensions.
    b"dSIG", b"fRAc", b"gIFg", b"gIFt", b"gIFx", b"oFFs", b"pCAL", b"sCAL", b"sTER", b"caBX",
    // Apple, ImageMagick, Photoshop, Fireworks, Android.
    b"CgBI", b"iDOT", b"caNv", b"orNT", b"vpAg", b"mkBF", b"mkBS", b"mkBT", b"mkTS", b"prVW",
    b"npTc", b"npOl", b"npLb", b"cmOD", b"cmPP", b"cpIp",
];

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !bytes.starts_with(SIGNATURE) {
        return None;
    }
    let mut picture = Picture::new(PictureType::Png);
    picture.layout.picture(0..SIGNATURE.len(), "signature");
    let mut at = SIGNATURE.len();
    while let Some((kind, data)) = chunk(bytes, at) {
        if picture.layout.is_full() || work.spend(HEAD + TAIL).is_none() {
            break;
        }
        let end = data.end.saturating_add(TAIL);
        let known = PICTURE_CHUNKS.contains(&&kind) || METADATA_CHUNKS.contains(&&kind);
        // Only its checksum makes a chunk of something that merely looks like an unknown one.
        let intact = is_intact(bytes, at, &data, work);
        if !known && !intact {
            break;
        }
        if end > bytes.len() {
            picture.layout.damaged(at..bytes.len(), "chunk cut short");
            break;
        }
        if kind == *b"IHDR" {
            picture.dimensions = read::be32(bytes, data.start)
                .zip(read::be32(bytes, data.start + 4))
                .and_then(|(width, height)| read::dimensions(width, height));
        }
        account(&mut picture.layout, at, kind, data, intact);
        at = end;
        if kind == *b"IEND" {
            picture.complete = true;
            break;
        }
    }
    Some(picture)
}

/// The type and the data range of the chunk at `at`, if there can be one.
fn chunk(bytes: &[u8], at: usize) -> Option<([u8; 4], Range<usize>)> {
    let length = read::be32(bytes, at)?;
    let kind = read::code(bytes, at + 4)?;
    // Other lengths and types are no chunk at all: what follows is a gap.
    let valid = length <= 0x7FFF_FFFF && kind.iter().all(u8::is_ascii_alphabetic);
    let start = at + HEAD;
    valid.then(|| (kind, start..start.saturating_add(length)))
}

/// Whether the checksum of the chunk at `at` is right.
fn is_intact(bytes: &[u8], at: usize, data: &Range<usize>, work: &Work<'_>) -> bool {
    // Without a checksum behind it there is no need to look at the data.
    let stated = read::be32(bytes, data.end);
    let content = bytes.get(at + 4..data.end).filter(|_| stated.is_some());
    content.is_some_and(|content| work.crc32(content) == stated)
}

fn account(layout: &mut Layout, at: usize, kind: [u8; 4], data: Range<usize>, intact: bool) {
    let end = data.end + TAIL;
    if PICTURE_CHUNKS.contains(&&kind) {
        let unusual_end = kind == *b"IEND" && !data.is_empty();
        match (unusual_end, intact) {
            (true, _) => {
                layout.picture(at..data.start, "chunk frame");
                layout.gap(data.clone(), "data in the end chunk", Search::Full);
                layout.picture(data.end..end, "chunk frame");
            }
            (false, true) => layout.picture(at..end, "picture chunks"),
            (false, false) => layout.damaged(at..end, "picture chunk with a wrong checksum"),
        }
    } else if METADATA_CHUNKS.contains(&&kind) {
        layout.metadata(at..end, "metadata chunks");
    } else {
        layout.metadata(at..data.start, "chunk frame");
        layout.gap(data.clone(), "data of an unknown chunk", Search::Full);
        layout.metadata(data.end..end, "chunk frame");
    }
}
