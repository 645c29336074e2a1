//! GIF: blocks of sub-blocks up to the trailer byte.

use super::structure::Picture;
use crate::layout::Search;
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const EXTENSION: u8 = 0x21;
const FRAME: u8 = 0x2C;
const TRAILER: u8 = 0x3B;
const KNOWN_APPLICATIONS: &[&[u8]] = &[
    b"NETSCAPE2.0",
    b"ANIMEXTS1.0",
    b"XMP DataXMP",
    b"ICCRGBG1012",
    b"ImageMagick",
];

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return None;
    }
    let mut picture = Picture::new(PictureType::Gif);
    picture.dimensions = read::le16(bytes, 6)
        .zip(read::le16(bytes, 8))
        .and_then(|(width, height)| read::dimensions(width, height));
    let flags = read::u8(bytes, 10).unwrap_or(0);
    let mut at = 13 + color_table(flags);
    picture.layout.picture(0..at.min(bytes.len()), "header");
    while let Some(end) = block(&mut picture, bytes, at, work) {
        at = end;
    }
    Some(picture)
}

/// The size of the colour table that `flags` announce.
fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        6 << (flags & 7)
    }
}

/// Accounts for the block at `at` and returns where the next one begins.
fn block(picture: &mut Picture, bytes: &[u8], at: usize, work: &Work<'_>) -> Option<usize> {
    let layout = &mut picture.layout;
    if layout.is_full() {
        return None;
    }
    work.spend(1)?;
    match read::u8(bytes, at)? {
        // Some encoders leave an empty sub-block between blocks; decoders skip it.
        0 => {
            layout.picture(at..at + 1, "frames");
            Some(at + 1)
        }
        TRAILER => {
            layout.picture(at..at + 1, "trailer");
            picture.complete = true;
            None
        }
        FRAME => {
            let data = at + 11 + color_table(read::u8(bytes, at + 9).unwrap_or(0));
            let Some(end) = sub_blocks(bytes, data, work) else {
                layout.damaged(at..bytes.len(), "frame cut short");
                return None;
            };
            layout.picture(at..end, "frames");
            Some(end)
        }
        EXTENSION => {
            let Some(end) = sub_blocks(bytes, at + 2, work) else {
                layout.damaged(at..bytes.len(), "extension cut short");
                return None;
            };
            match read::u8(bytes, at + 1)? {
                0xF9 => layout.picture(at..end, "frames"),
                0x01 => layout.metadata(at..end, "plain text"),
                0xFE => layout.metadata(at..end, "comment"),
                0xFF if KNOWN_APPLICATIONS
                    .iter()
                    .any(|name| read::is_at(bytes, at + 3, name)) =>
                {
                    layout.metadata(at..end, "application data");
                }
                _ => layout.gap(at..end, "unknown extension", Search::Structured),
            }
            Some(end)
        }
        _ => None,
    }
}

/// The position behind the empty sub-block that ends the chain at `at`.
fn sub_blocks(bytes: &[u8], mut at: usize, work: &Work<'_>) -> Option<usize> {
    loop {
        work.spend(1)?;
        let size = usize::from(read::u8(bytes, at)?);
        at += 1 + size;
        if size == 0 {
            return Some(at);
        }
    }
}
