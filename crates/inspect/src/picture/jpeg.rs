//! JPEG: segments by length, entropy-coded scans by their escapes, up to the outer end marker.

use memchr::memmem;

use super::structure::{MotionPhoto, Picture};
use crate::layout::{Layout, Search};
use crate::read;
use crate::report::PictureType;
use crate::work::Work;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const COM: u8 = 0xFE;

/// Starts of application segments that are known to be metadata.
const KNOWN_APPLICATIONS: &[&[u8]] = &[
    b"JFIF\0",
    b"JFXX\0",
    b"AVI1",
    b"Exif\0",
    b"http://ns.adobe.com/",
    b"ICC_PROFILE\0",
    b"MPF\0",
    b"FPXR\0",
    b"urn:iso:std:iso:ts:21496",
    b"JP",
    b"Ducky",
    b"Photoshop ",
    b"Adobe",
    b"FLIR\0",
    b"HDR_RI",
    b"PictureInfo",
    b"[picture info]",
    b"Meta\0",
    b"GoPro",
    b"Mediajukebox",
    b"XMP\0",
];

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    if !bytes.starts_with(&[0xFF, SOI, 0xFF]) {
        return None;
    }
    let mut walk = Walk {
        bytes,
        work,
        at: 2,
        picture: Picture::new(PictureType::Jpeg),
        scanned: false,
    };
    walk.picture.layout.picture(0..2, "start marker");
    while walk.next().is_some() && !walk.picture.layout.is_full() {}
    Some(walk.picture)
}

struct Walk<'a> {
    bytes: &'a [u8],
    work: &'a Work<'a>,
    at: usize,
    picture: Picture,
    /// Whether any scan was seen.
    scanned: bool,
}

impl Walk<'_> {
    /// Accounts for one marker with all that belongs to it; `None` at the end of the picture.
    fn next(&mut self) -> Option<()> {
        self.work.spend(8)?;
        let start = self.at;
        let marker_at = self.marker()?;
        let marker = read::u8(self.bytes, marker_at)?;
        let behind = marker_at + 1;
        let layout = &mut self.picture.layout;
        match marker {
            EOI => {
                layout.picture(start..behind, "end marker");
                self.at = behind;
                self.picture.complete = self.scanned;
                return None;
            }
            0x01 | 0xD0..=0xD8 => {
                layout.picture(start..behind, "markers");
                self.at = behind;
                return Some(());
            }
            _ => {}
        }
        let length = read::be16(self.bytes, behind);
        let end = length
            .filter(|length| *length >= 2)
            .map(|length| behind + length);
        let Some(end) = end.filter(|end| *end <= self.bytes.len()) else {
            layout.damaged(start..self.bytes.len(), "segment cut short");
            return None;
        };
        let body = behind + 2..end;
        let content = self.bytes.get(body.clone())?;
        self.work.spend(8)?;
        match marker {
            SOS => {
                let scan_end = scan_end(self.bytes, end, self.work);
                self.scanned = true;
                self.at = scan_end.unwrap_or(self.bytes.len());
                match scan_end {
                    Some(scan_end) => layout.picture(start..scan_end, "scans"),
                    None => layout.damaged(start..self.bytes.len(), "scan cut short"),
                }
                return scan_end.map(|_| ());
            }
            0xE0..=0xEF => application(&mut self.picture, start, end, content, self.work),
            COM => layout.metadata(start..end, "comment"),
            0xC0..=0xCF | 0xDB..=0xDF => {
                if !matches!(marker, 0xC4 | 0xC8 | 0xCC) && marker < 0xD0 {
                    let size = read::be16(content, 3).zip(read::be16(content, 1));
                    self.picture.dimensions =
                        size.and_then(|(width, height)| read::dimensions(width, height));
                }
                layout.picture(start..end, "tables and headers");
            }
            _ => {
                layout.metadata(start..body.start, "segment frame");
                layout.gap(body, "data of an unknown segment", Search::Structured);
            }
        }
        self.at = end;
        Some(())
    }

    /// The position of the next marker code. Bytes that are no marker are left out as a gap.
    fn marker(&mut self) -> Option<usize> {
        loop {
            let found = self.at + self.work.find_byte(self.bytes.get(self.at..)?, 0xFF)?;
            let fill = self
                .bytes
                .get(found..)?
                .iter()
                .take_while(|byte| **byte == 0xFF)
                .count();
            self.work.spend(fill)?;
            let code_at = found + fill;
            self.at = code_at;
            if read::u8(self.bytes, code_at)? != 0 {
                return Some(code_at);
            }
        }
    }
}

/// The end of the entropy-coded data that begins at `at`: the next real marker.
fn scan_end(bytes: &[u8], mut at: usize, work: &Work<'_>) -> Option<usize> {
    loop {
        at += work.find_byte(bytes.get(at..)?, 0xFF)?;
        match read::u8(bytes, at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

fn application(picture: &mut Picture, start: usize, end: usize, content: &[u8], work: &Work<'_>) {
    let layout: &mut Layout = &mut picture.layout;
    if KNOWN_APPLICATIONS
        .iter()
        .any(|known| content.starts_with(known))
    {
        layout.metadata(start..end, "metadata segments");
    } else {
        let body = end - content.len();
        layout.metadata(start..body, "segment frame");
        layout.gap(
            body..end,
            "data of an unknown application segment",
            Search::Structured,
        );
    }
    if content.starts_with(b"http://ns.adobe.com/xap/1.0/") {
        picture.motion_photo = picture.motion_photo.or_else(|| motion_photo(content, work));
    }
}

/// Reads the announcement of a film out of an XMP packet.
fn motion_photo(xmp: &[u8], work: &Work<'_>) -> Option<MotionPhoto> {
    // Four searches for a word.
    work.spend(xmp.len().saturating_mul(4))?;
    let offset = number_after(xmp, b"MicroVideoOffset");
    let container = memmem::find(xmp, b"MotionPhoto").is_some();
    if offset.is_none() && !container {
        return None;
    }
    // In the newer form the film is the last item of a directory and its length is stated.
    let length = memmem::rfind(xmp, b"Item:Length")
        .and_then(|at| number_after(xmp.get(at..)?, b"Item:Length"));
    Some(MotionPhoto {
        from_end: offset.or(length),
    })
}

/// The decimal number of an XMP attribute (`name="123"`) or element (`<name>123<`).
fn number_after(text: &[u8], name: &[u8]) -> Option<usize> {
    let at = memmem::find(text, name)?.checked_add(name.len())?;
    let rest = text
        .get(at..)?
        .iter()
        .skip_while(|byte| b"=\"'> ".contains(byte));
    let digits: Vec<u8> = rest
        .copied()
        .take_while(u8::is_ascii_digit)
        .take(12)
        .collect();
    std::str::from_utf8(&digits).ok()?.parse().ok()
}
