//! The markers of a JPEG file, followed without decoding.

use std::io::{self, Read};

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Put between a scan and the marker after it: ones, which are no code of any Huffman table. A
/// decoder reads ahead by 8 bytes; whoever needs more lacks data, and would get zeros for it.
const SENTINEL: &[u8] = [[0xff, 0]; 32].as_flattened();

/// Where the scans of a file end, and how much metadata it has.
#[derive(Debug, Default)]
pub(super) struct File {
    scan_ends: Vec<usize>,
    metadata_bytes: u64,
}

impl File {
    /// Follows the markers as far as they go.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut file = Self::default();
        // Behind the start marker.
        let mut position = 2;
        while let Some(Marker { code, body, .. }) = next_marker(bytes, position) {
            if code == END_OF_IMAGE {
                break;
            }
            position = body;
            if matches!(code, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            let Some(&[high, low]) = bytes.get(body..).and_then(<[u8]>::first_chunk) else {
                break;
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            position = position.saturating_add(length);
            if matches!(code, 0xe0..=0xef) {
                file.metadata_bytes += u64::try_from(length).unwrap_or(u64::MAX);
            }
            if code == START_OF_SCAN {
                position = end_of_scan(bytes, position);
                file.scan_ends.push(position);
            }
        }
        file
    }

    pub(super) const fn scans(&self) -> usize {
        self.scan_ends.len()
    }

    pub(super) const fn metadata_bytes(&self) -> u64 {
        self.metadata_bytes
    }

    /// A reader of the file by which a scan that lacks data is an error.
    pub(super) fn strict(self, bytes: &[u8]) -> Strict<'_> {
        let mut pieces = Vec::with_capacity(2 * self.scan_ends.len() + 1);
        let (mut rest, mut start) = (bytes, 0);
        for end in self.scan_ends {
            if let Some((scan, after)) = rest.split_at_checked(end - start) {
                pieces.extend([scan, SENTINEL]);
                (rest, start) = (after, end);
            }
        }
        pieces.push(rest);
        Strict {
            current: &[],
            pieces: pieces.into_iter(),
        }
    }
}

/// A marker, and where it and its segment start.
struct Marker {
    code: u8,
    start: usize,
    body: usize,
}

/// The next marker at or behind `position`; any number of fill bytes are part of it.
fn next_marker(bytes: &[u8], position: usize) -> Option<Marker> {
    let mut position = position;
    loop {
        let rest = bytes.get(position..)?;
        let start = position + rest.iter().position(|&byte| byte == 0xff)?;
        let fill = bytes.get(start..)?.iter().position(|&byte| byte != 0xff)?;
        let place = start + fill;
        match *bytes.get(place)? {
            0 => position = place + 1,
            code => {
                return Some(Marker {
                    code,
                    start,
                    body: place + 1,
                });
            }
        }
    }
}

/// Where the marker that ends the scan starts: restart markers are part of it.
fn end_of_scan(bytes: &[u8], position: usize) -> usize {
    let mut position = position;
    while let Some(marker) = next_marker(bytes, position) {
        if !matches!(marker.code, 0xd0..=0xd7) {
            return marker.start;
        }
        position = marker.body;
    }
    bytes.len()
}

/// The bytes of a file, with a sentinel behind every scan.
#[derive(Debug)]
pub(super) struct Strict<'a> {
    current: &'a [u8],
    pieces: std::vec::IntoIter<&'a [u8]>,
}

impl Read for Strict<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.pieces.next() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        self.current.read(buffer)
    }

    // The decoder reads byte by byte.
    fn read_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let mut buffer = buffer;
        loop {
            if let Some((piece, rest)) = self.current.split_at_checked(buffer.len()) {
                buffer.copy_from_slice(piece);
                self.current = rest;
                return Ok(());
            }
            match self.read(buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => buffer = buffer.get_mut(count..).unwrap_or_default(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_end_before_the_next_marker_but_restarts() {
        let bytes = [
            &[0xff, 0xd8][..],
            &[0xff, 0xe1, 0, 4, 0xff, 0xda],
            &[0xff, 0xda, 0, 2, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4],
            &[0xff, 0xff, 0xd9],
            &[0xff, 0xda],
        ]
        .concat();
        let file = File::read(&bytes);
        assert_eq!((file.scans(), file.metadata_bytes()), (1, 4));
        let end = file.scan_ends[0];
        assert!(bytes[..end].ends_with(&[0xd0, 4]) && bytes[end..].starts_with(&[0xff, 0xff]));
        let mut read = Vec::new();
        file.strict(&bytes).read_to_end(&mut read).unwrap();
        assert_eq!(read, [&bytes[..end], SENTINEL, &bytes[end..]].concat());
    }

    #[test]
    fn files_that_break_off_are_followed_as_far_as_they_go() {
        for bytes in [
            &[][..],
            &[0xff],
            &[0xff, 0xd8, 0xff],
            &[0xff, 0xd8, 0xff, 0xda],
        ] {
            assert_eq!(File::read(bytes).scans(), 0, "{bytes:?}");
        }
        assert_eq!(File::read(&[0xff, 0xd8, 0xff, 0xda, 0, 2, 7]).scans(), 1);
    }
}
