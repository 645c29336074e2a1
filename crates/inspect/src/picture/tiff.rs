//! TIFF: directories, the values they point to, strips and tiles.

use std::collections::HashSet;
use std::ops::Range;

use super::structure::Picture;
use crate::layout::Search;
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const MAX_DIRECTORIES: usize = 1024;
/// Strips and tiles one file may list in all.
const MAX_PARTS: usize = 1 << 20;

const WIDTH: usize = 0x100;
const HEIGHT: usize = 0x101;
const STRIP_OFFSETS: usize = 0x111;
const STRIP_SIZES: usize = 0x117;
const TILE_OFFSETS: usize = 0x144;
const TILE_SIZES: usize = 0x145;
const PREVIEW_OFFSET: usize = 0x201;
const PREVIEW_SIZE: usize = 0x202;
/// Tags whose values are positions of further directories: sub-images, EXIF, GPS, interop.
const DIRECTORY_TAGS: [usize; 4] = [0x14A, 0x8769, 0x8825, 0xA005];

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    let big_endian = match bytes.first_chunk::<4>()? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let mut reader = Reader {
        bytes,
        work,
        big_endian,
        claims: Vec::new(),
        parts: 0,
        dimensions: None,
    };
    reader.claims.push(0..8);
    let complete = reader.directories().is_some();
    let mut picture = Picture::new(PictureType::Tiff);
    picture.dimensions = reader.dimensions;
    picture.complete = complete;
    let mut claims = reader.claims;
    claims.sort_by_key(|claim| claim.start);
    let mut at = 0;
    for claim in claims {
        // Raw converters leave private data between parts, so less is searched for there.
        picture
            .layout
            .gap(at..claim.start.max(at), "between parts", Search::Structured);
        picture
            .layout
            .picture(claim.start.max(at)..claim.end, "directories and pixel data");
        at = at.max(claim.end);
    }
    Some(picture)
}

struct Reader<'a> {
    bytes: &'a [u8],
    work: &'a Work<'a>,
    big_endian: bool,
    claims: Vec<Range<usize>>,
    parts: usize,
    dimensions: Option<(u32, u32)>,
}

struct Values {
    width: usize,
    at: usize,
    count: usize,
}

impl Reader<'_> {
    fn number(&self, at: usize, width: usize) -> Option<usize> {
        match (width, self.big_endian) {
            (2, false) => read::le16(self.bytes, at),
            (2, true) => read::be16(self.bytes, at),
            (4, false) => read::le32(self.bytes, at),
            (4, true) => read::be32(self.bytes, at),
            _ => read::u8(self.bytes, at).map(usize::from),
        }
    }

    fn claim(&mut self, start: usize, length: usize) {
        let end = start.saturating_add(length).min(self.bytes.len());
        if start < end {
            self.claims.push(start..end);
        }
    }

    fn directories(&mut self) -> Option<()> {
        let mut waiting = vec![self.number(4, 4)?];
        let mut seen = HashSet::new();
        while let Some(at) = waiting.pop() {
            if at == 0 || seen.len() >= MAX_DIRECTORIES || !seen.insert(at) {
                continue;
            }
            self.directory(at, &mut waiting)?;
        }
        Some(())
    }

    fn directory(&mut self, at: usize, waiting: &mut Vec<usize>) -> Option<()> {
        let count = self.number(at, 2)?;
        self.claim(at, 6 + 12 * count);
        let mut offsets = None;
        let mut sizes = None;
        let (mut width, mut height) = (None, None);
        for index in 0..count {
            // Directories may overlap, so their number does not bound their entries.
            self.work.spend(12)?;
            let entry = at + 2 + 12 * index;
            let Some(values) = self.values(entry) else {
                continue;
            };
            match self.number(entry, 2)? {
                WIDTH => width = self.value(&values, 0),
                HEIGHT => height = self.value(&values, 0),
                STRIP_OFFSETS | TILE_OFFSETS | PREVIEW_OFFSET => offsets = Some(values),
                STRIP_SIZES | TILE_SIZES | PREVIEW_SIZE => sizes = Some(values),
                tag if DIRECTORY_TAGS.contains(&tag) => {
                    let count = values.count.min(MAX_DIRECTORIES);
                    self.work.spend(4 * count)?;
                    waiting.extend((0..count).filter_map(|index| self.value(&values, index)));
                }
                _ => {}
            }
        }
        let dimensions = width.zip(height).and_then(|(w, h)| read::dimensions(w, h));
        self.dimensions = self.dimensions.or(dimensions);
        if let Some((offsets, sizes)) = offsets.zip(sizes) {
            for index in 0..offsets.count.min(sizes.count) {
                self.work.spend(8)?;
                self.parts += 1;
                if self.parts > MAX_PARTS {
                    return None;
                }
                self.claim(self.value(&offsets, index)?, self.value(&sizes, index)?);
            }
        }
        waiting.push(self.number(at + 2 + 12 * count, 4).unwrap_or(0));
        Some(())
    }

    /// The values of the entry at `entry`, claiming the bytes they occupy outside it.
    fn values(&mut self, entry: usize) -> Option<Values> {
        let width = match self.number(entry + 2, 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let count = self.number(entry + 4, 4)?;
        let length = count.checked_mul(width)?;
        if length <= 4 {
            return Some(Values {
                width,
                at: entry + 8,
                count,
            });
        }
        let at = self.number(entry + 8, 4)?;
        if at.checked_add(length)? > self.bytes.len() {
            return None;
        }
        self.claim(at, length);
        Some(Values { width, at, count })
    }

    fn value(&self, values: &Values, index: usize) -> Option<usize> {
        self.number(
            values.at.checked_add(index.checked_mul(values.width)?)?,
            values.width,
        )
    }
}
