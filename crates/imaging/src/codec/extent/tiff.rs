//! The directories of a TIFF file.

use crate::codec::jpeg::samples_of_stream;
use crate::{Error, Format, Result};

const COMPRESSION: u16 = 259;
const STRIP_OFFSETS: u16 = 273;
const TILE_WIDTH: u16 = 322;
const TILE_OFFSETS: u16 = 324;
/// JPEG, in the old and the new way.
const JPEG: [u64; 2] = [6, 7];

/// The decoder keeps a value of any type in this many bytes, while it copies it.
const VALUE_BYTES: u64 = 48;
/// More directories than any caller's limit of pages are not followed.
const MAX_DIRECTORIES: u32 = 100_000;

/// What the decoder takes beside the pixels: the values of a directory, a row of tiles, and the
/// largest JPEG stream within the file, whose size has nothing to do with that of the picture.
pub(in crate::codec) fn tiff(bytes: &[u8]) -> Result<u64> {
    let Some(file) = File::new(bytes) else {
        return Ok(0);
    };
    let mut largest = 0;
    let mut next = file.number(4, 4);
    for _ in 0..MAX_DIRECTORIES {
        let Some(offset) = next.and_then(|offset| usize::try_from(offset).ok()) else {
            break;
        };
        let Some(count) = file.number(offset, 2).filter(|_| offset != 0) else {
            break;
        };
        let entries = usize::try_from(count).unwrap_or(0);
        let mut directory = 0;
        for index in 0..entries {
            let Some(entry) = file.entry(offset + 2 + index * 12) else {
                break;
            };
            directory += file.entry_bytes(&entry, entries, offset)?;
        }
        largest = largest.max(directory);
        next = file.number(offset + 2 + entries * 12, 4);
    }
    Ok(largest)
}

struct File<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

struct Entry {
    tag: u16,
    /// Bytes of one value.
    width: usize,
    count: u64,
    /// Where the values are.
    position: usize,
}

impl<'a> File<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.first_chunk::<2>()? {
            b"MM" => true,
            b"II" => false,
            _ => return None,
        };
        Some(Self { bytes, big_endian })
    }

    fn number(&self, at: usize, width: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(width)?)?;
        let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.big_endian {
            bytes.iter().fold(0, push)
        } else {
            bytes.iter().rev().fold(0, push)
        })
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let width = match self.number(at + 2, 2)? {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => 1,
        };
        let count = self.number(at + 4, 4)?;
        let inline = count.saturating_mul(u64::try_from(width).ok()?) <= 4;
        Some(Entry {
            tag: u16::try_from(self.number(at, 2)?).ok()?,
            width,
            count,
            position: if inline {
                at + 8
            } else {
                usize::try_from(self.number(at + 8, 4)?).ok()?
            },
        })
    }

    fn values(&self, entry: &Entry) -> impl Iterator<Item = u64> {
        let (position, width) = (entry.position, entry.width);
        (0..usize::try_from(entry.count).unwrap_or(0))
            .map_while(move |index| self.number(position.checked_add(index * width)?, width))
    }

    /// What an entry of the directory at `offset` costs.
    fn entry_bytes(&self, entry: &Entry, entries: usize, offset: usize) -> Result<u64> {
        let length = usize::try_from(entry.count)
            .ok()
            .and_then(|count| count.checked_mul(entry.width))
            .and_then(|length| entry.position.checked_add(length));
        if length.is_none_or(|end| end > self.bytes.len()) {
            return Err(Error::Corrupt {
                format: Format::Tiff,
                detail: format!("the values of tag {} go beyond the file", entry.tag),
            });
        }
        let values = entry.count * VALUE_BYTES;
        Ok(match entry.tag {
            // A row of four samples of four bytes, twice.
            TILE_WIDTH => self.values(entry).next().unwrap_or(0) * 32,
            STRIP_OFFSETS | TILE_OFFSETS if self.is_jpeg(entries, offset) => {
                let streams = self
                    .values(entry)
                    .filter_map(|start| self.bytes.get(usize::try_from(start).ok()?..));
                let samples = streams.map(samples_of_stream).max().unwrap_or(0);
                let file = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
                values + samples * 6 + file
            }
            _ => values,
        })
    }

    fn is_jpeg(&self, entries: usize, offset: usize) -> bool {
        (0..entries)
            .filter_map(|index| self.entry(offset + 2 + index * 12))
            .filter(|entry| entry.tag == COMPRESSION)
            .filter_map(|entry| self.values(&entry).next())
            .any(|compression| JPEG.contains(&compression))
    }
}
