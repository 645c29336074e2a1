//! PSD and PSB: four sections of stated length, then the merged picture.

use super::structure::Picture;
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const HEADER: usize = 26;

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    let large = match read::be16(bytes, 4)? {
        1 => false,
        2 => true,
        _ => return None,
    };
    if !bytes.starts_with(b"8BPS") {
        return None;
    }
    let mut picture = Picture::new(PictureType::Psd);
    let (channels, depth) = (read::be16(bytes, 12)?, read::be16(bytes, 22)?);
    let (height, width) = (read::be32(bytes, 14)?, read::be32(bytes, 18)?);
    picture.dimensions = read::dimensions(width, height);
    picture.layout.picture(0..HEADER.min(bytes.len()), "header");
    let mut at = HEADER;
    for (label, wide) in [("colours", false), ("resources", false), ("layers", large)] {
        let length = if wide {
            read::be64(bytes, at)
        } else {
            read::be32(bytes, at)
        };
        let start = at + if wide { 8 } else { 4 };
        let end = length.and_then(|length| start.checked_add(length));
        let Some(end) = end.filter(|end| *end <= bytes.len()) else {
            picture.layout.damaged(at..bytes.len(), "section cut short");
            return Some(picture);
        };
        match label {
            "resources" => picture.layout.metadata(at..end, label),
            _ => picture.layout.picture(at..end, label),
        }
        at = end;
    }
    let rows = channels.saturating_mul(height);
    let length = match read::be16(bytes, at) {
        Some(0) => Some((width.saturating_mul(depth).div_ceil(8)).saturating_mul(rows)),
        Some(1) => packed_rows(bytes, at + 2, rows, if large { 4 } else { 2 }, work),
        // Other codings exist on paper only; they leave the end open.
        _ => None,
    };
    let end = length.map(|length| at.saturating_add(2).saturating_add(length));
    match end.filter(|end| *end <= bytes.len()) {
        Some(end) => {
            picture.layout.picture(at..end, "merged picture");
            picture.complete = true;
        }
        None => picture
            .layout
            .damaged(at..bytes.len(), "merged picture cut short"),
    }
    Some(picture)
}

/// The length of the row size table and of the rows it lists.
fn packed_rows(
    bytes: &[u8],
    at: usize,
    rows: usize,
    width: usize,
    work: &Work<'_>,
) -> Option<usize> {
    let table = rows.checked_mul(width)?;
    bytes.get(at..at.checked_add(table)?)?;
    work.spend(table)?;
    let mut total = table;
    for row in 0..rows {
        let entry = at + row * width;
        let size = if width == 4 {
            read::be32(bytes, entry)
        } else {
            read::be16(bytes, entry)
        };
        total = total.checked_add(size?)?;
    }
    Some(total)
}
