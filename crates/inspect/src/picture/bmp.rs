//! BMP: headers, palette, pixel rows and colour profile at stated offsets.

use super::structure::Picture;
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const FILE_HEADER: usize = 14;
const RLE8: usize = 1;
const RLE4: usize = 2;
const BITFIELDS: usize = 3;
const ALPHA_BITFIELDS: usize = 6;

struct Header {
    size: usize,
    width: usize,
    height: usize,
    depth: usize,
    compression: usize,
    stated_pixels: usize,
    colors: usize,
}

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !bytes.starts_with(b"BM") {
        return None;
    }
    let header = header(bytes)?;
    let pixels = read::le32(bytes, 10)?;
    let mut picture = Picture::new(PictureType::Bmp);
    picture.dimensions = read::dimensions(header.width, header.height);
    let layout = &mut picture.layout;
    let headers = (FILE_HEADER + header.size + masks(&header)).min(bytes.len());
    layout.picture(0..headers, "headers");
    // The pixel offset bounds the palette: many writers state a longer one than they store.
    let palette = headers
        .saturating_add(palette(&header))
        .min(pixels.max(headers));
    layout.picture(headers..palette.min(bytes.len()), "palette");
    let end = pixels.saturating_add(pixel_bytes(bytes, pixels, &header, work));
    let start = pixels.min(bytes.len());
    if end <= bytes.len() {
        layout.picture(start..end, "pixel rows");
    } else {
        layout.damaged(start..bytes.len(), "pixel rows cut short");
    }
    picture.complete = end <= bytes.len();
    if header.size >= 124 {
        let offset = read::le32(bytes, FILE_HEADER + 112)?.saturating_add(FILE_HEADER);
        let profile_end = offset.saturating_add(read::le32(bytes, FILE_HEADER + 116)?);
        if offset >= headers && profile_end <= bytes.len() {
            layout.metadata(offset..profile_end, "colour profile");
        }
    }
    Some(picture)
}

fn header(bytes: &[u8]) -> Option<Header> {
    let size = read::le32(bytes, FILE_HEADER)?;
    let at = |offset| FILE_HEADER + offset;
    let header = match size {
        12 => Header {
            size,
            width: read::le16(bytes, at(4))?,
            height: read::le16(bytes, at(6))?,
            depth: read::le16(bytes, at(10))?,
            compression: 0,
            stated_pixels: 0,
            colors: 0,
        },
        16 | 40 | 52 | 56 | 64 | 108 | 124 => {
            let height = u32::try_from(read::le32(bytes, at(8))?).ok()?;
            let optional = |offset| {
                if size >= 40 {
                    read::le32(bytes, at(offset))
                } else {
                    Some(0)
                }
            };
            Header {
                size,
                width: read::le32(bytes, at(4))?,
                // A negative height means rows from the top down.
                height: usize::try_from(height.cast_signed().unsigned_abs()).ok()?,
                depth: read::le16(bytes, at(14))?,
                compression: optional(16)?,
                stated_pixels: optional(20)?,
                colors: optional(32)?,
            }
        }
        _ => return None,
    };
    let planes = read::le16(bytes, at(if size == 12 { 8 } else { 12 }))?;
    let plausible = planes == 1 && matches!(header.depth, 0 | 1 | 2 | 4 | 8 | 16 | 24 | 32 | 64);
    plausible.then_some(header)
}

/// Channel masks stored behind a header that has no room for them.
fn masks(header: &Header) -> usize {
    match (header.size, header.compression) {
        (40, BITFIELDS) => 12,
        (40, ALPHA_BITFIELDS) => 16,
        _ => 0,
    }
}

fn palette(header: &Header) -> usize {
    let entry = if header.size == 12 { 3 } else { 4 };
    match (header.colors, header.depth) {
        (0, 1 | 2 | 4 | 8) => entry << header.depth,
        (colors, _) => entry * colors.min(256),
    }
}

fn pixel_bytes(bytes: &[u8], start: usize, header: &Header, work: &Work<'_>) -> usize {
    match header.compression {
        RLE8 | RLE4 if header.size != 64 => {
            run_lengths(bytes, start, header.compression == RLE4, work)
                .unwrap_or(header.stated_pixels)
        }
        0 | BITFIELDS | ALPHA_BITFIELDS => {
            let bits = header.width.saturating_mul(header.depth);
            (bits.saturating_add(31) / 32)
                .saturating_mul(4)
                .saturating_mul(header.height)
        }
        _ => header.stated_pixels,
    }
}

/// The length of run-length coded rows up to and including their end mark.
fn run_lengths(bytes: &[u8], start: usize, nibbles: bool, work: &Work<'_>) -> Option<usize> {
    let mut at = start;
    loop {
        work.spend(2)?;
        let (count, value) = (read::u8(bytes, at)?, read::u8(bytes, at + 1)?);
        at += 2;
        match (count, value) {
            (0, 1) => return Some(at - start),
            (0, 2) => at += 2,
            (0, literal @ 3..) => {
                let literal = usize::from(literal);
                let stored = if nibbles {
                    literal.div_ceil(2)
                } else {
                    literal
                };
                at += stored.next_multiple_of(2);
            }
            _ => {}
        }
    }
}
