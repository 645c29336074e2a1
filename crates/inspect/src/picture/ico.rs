//! ICO and CUR: a directory of pictures at stated positions.

use super::structure::Picture;
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const ENTRY: usize = 16;

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !bytes.starts_with(b"\0\0\x01\0") && !bytes.starts_with(b"\0\0\x02\0") {
        return None;
    }
    let count = read::le16(bytes, 4).filter(|count| (1..=1024).contains(count))?;
    let directory = 6 + count * ENTRY;
    work.spend(directory)?;
    let mut entries = Vec::with_capacity(count);
    for at in (6..directory).step_by(ENTRY) {
        let start = read::le32(bytes, at + 12)?;
        let end = start.checked_add(read::le32(bytes, at + 8)?)?;
        // The magic is weak, so one entry out of place means this is something else.
        if start < directory || start >= end {
            return None;
        }
        entries.push((start..end, at));
    }
    let mut picture = Picture::new(PictureType::Ico);
    let side = |at| read::u8(bytes, at).map(|side| if side == 0 { 256 } else { u32::from(side) });
    picture.dimensions = entries
        .iter()
        .filter_map(|(_, at)| side(*at).zip(side(at + 1)))
        .max_by_key(|(width, height)| width * height);
    picture.complete = entries.iter().all(|(range, _)| range.end <= bytes.len());
    picture.layout.picture(0..directory, "directory");
    entries.sort_by_key(|(range, _)| range.start);
    for (range, _) in entries {
        picture
            .layout
            .picture(range.start..range.end.min(bytes.len()), "icons");
    }
    Some(picture)
}
