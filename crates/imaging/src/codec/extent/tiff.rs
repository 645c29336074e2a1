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
    let (mut largest, mut read) = (0, 0);
    let mut next = file.number(4, 4);
    for _ in 0..MAX_DIRECTORIES {
        let Some(offset) = next.and_then(|offset| usize::try_from(offset).ok()) else {
            break;
        };
        let Some(count) = file.number(offset, 2).filter(|_| offset != 0) else {
            break;
        };
        let count = usize::try_from(count).unwrap_or(0);
        let entries: Vec<Entry> = (0..count)
            .map_while(|index| file.entry(offset + 2 + index * 12))
            .collect();
        // Directories may lead back to each other; those of one file do not overlap.
        read += 2 + count * 12;
        largest = largest.max(file.directory_bytes(&entries, &mut read)?);
        if read > 4 * bytes.len() {
            return Err(corrupt("its parts overlap".to_owned()));
        }
        next = file.number(offset + 2 + count * 12, 4);
    }
    Ok(largest)
}

fn corrupt(detail: String) -> Error {
    Error::Corrupt {
        format: Format::Tiff,
        detail,
    }
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

    /// What the decoder takes for a directory. `read` counts bytes that were looked at.
    fn directory_bytes(&self, entries: &[Entry], read: &mut usize) -> Result<u64> {
        let is_jpeg = entries
            .iter()
            .find(|entry| entry.tag == COMPRESSION)
            .and_then(|entry| self.values(entry).next())
            .is_some_and(|compression| JPEG.contains(&compression));
        let mut total = 0;
        for entry in entries {
            let length = usize::try_from(entry.count)
                .ok()
                .and_then(|count| count.checked_mul(entry.width))
                .and_then(|length| entry.position.checked_add(length));
            if length.is_none_or(|end| end > self.bytes.len()) {
                let tag = entry.tag;
                return Err(corrupt(format!(
                    "the values of tag {tag} go beyond the file"
                )));
            }
            total += entry.count * VALUE_BYTES;
            match entry.tag {
                // A row of four samples of four bytes, twice.
                TILE_WIDTH => total += self.values(entry).next().unwrap_or(0) * 32,
                STRIP_OFFSETS | TILE_OFFSETS if is_jpeg => {
                    let file = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
                    total += self.largest_stream(entry, read)? * 6 + file;
                }
                _ => {}
            }
        }
        Ok(total)
    }

    /// Samples of the largest JPEG stream at the places that `entry` lists.
    fn largest_stream(&self, entry: &Entry, read: &mut usize) -> Result<u64> {
        let mut largest = 0;
        for start in self.values(entry) {
            let stream = usize::try_from(start).ok();
            let stream = stream.and_then(|start| self.bytes.get(start..));
            let (samples, length) = samples_of_stream(stream.unwrap_or_default());
            largest = largest.max(samples);
            *read += length;
            // Headers are short; streams within each other would be read again and again.
            if *read > 4 * self.bytes.len() {
                return Err(corrupt("its JPEG streams overlap".to_owned()));
            }
        }
        Ok(largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_that_lead_back_end() {
        let mut bytes = b"II*\0\x08\0\0\0\x01\0".to_vec();
        bytes.extend([0, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0]);
        let once = [bytes.as_slice(), &[0; 4]].concat();
        assert_eq!(tiff(&once), Ok(VALUE_BYTES));
        let round = [bytes.as_slice(), &[8, 0, 0, 0]].concat();
        assert!(tiff(&round).is_err());
    }

    #[test]
    fn streams_within_each_other_are_not_read_again_and_again() {
        let (count, values) = (500_u32, 10_000_u32);
        let mut bytes = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        bytes.extend([1, 3, 0, 3, 0, 0, 0, 1, 0, 7, 0, 0]);
        bytes.extend([1, 17, 0, 4]);
        bytes.extend([count.to_be_bytes(), values.to_be_bytes()].concat());
        bytes.extend([0; 4]);
        // A marker, and then nothing that a decoder would stop at.
        bytes.resize(values as usize, 0);
        bytes.extend((0..count).flat_map(|_| 40_u32.to_be_bytes()));
        bytes[40..42].copy_from_slice(&[0xff, 0xd8]);
        let error = tiff(&bytes).unwrap_err().to_string();
        assert!(error.contains("overlap"), "{error}");
    }
}
