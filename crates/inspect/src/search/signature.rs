//! Payloads recognised by their first bytes and then measured by their structure.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input};

use super::found::{Extent, Finds, Found};
use super::{archive, media, program, zip};
use crate::picture;
use crate::read;
use crate::report::Confidence::{High, Medium};
use crate::report::{PayloadType, PictureType};
use crate::work::Work;

struct Signature {
    magic: &'static [u8],
    /// How many bytes of the payload come before the magic.
    lead: usize,
    payload: PayloadType,
    /// Measures the payload that begins the given bytes, or rejects it.
    measure: fn(&[u8], &Work<'_>) -> Option<Extent>,
}

const fn sign(
    magic: &'static [u8],
    lead: usize,
    payload: PayloadType,
    measure: fn(&[u8], &Work<'_>) -> Option<Extent>,
) -> Signature {
    Signature {
        magic,
        lead,
        payload,
        measure,
    }
}

const SIGNATURES: &[Signature] = &[
    sign(b"PK\x03\x04", 0, PayloadType::Zip, zip::entries),
    sign(b"Rar!\x1A\x07\0", 0, PayloadType::Rar, archive::rar4),
    sign(b"Rar!\x1A\x07\x01\0", 0, PayloadType::Rar, archive::rar5),
    sign(
        b"7z\xBC\xAF\x27\x1C",
        0,
        PayloadType::SevenZip,
        archive::seven_zip,
    ),
    sign(b"\x1F\x8B\x08", 0, PayloadType::Gzip, archive::gzip),
    sign(b"BZh", 0, PayloadType::Bzip2, archive::bzip2),
    sign(b"\xFD7zXZ\0", 0, PayloadType::Xz, archive::xz),
    sign(b"\x28\xB5\x2F\xFD", 0, PayloadType::Zstd, archive::zstd),
    sign(b"ustar", 257, PayloadType::Tar, archive::tar),
    sign(b"%PDF-", 0, PayloadType::Pdf, pdf),
    sign(b"\x7FELF", 0, PayloadType::Elf, program::elf),
    sign(b"MZ", 0, PayloadType::Pe, program::pe),
    sign(b"\xCE\xFA\xED\xFE", 0, PayloadType::MachO, program::mach_o),
    sign(b"\xCF\xFA\xED\xFE", 0, PayloadType::MachO, program::mach_o),
    sign(b"ftyp", 4, PayloadType::Mp4, media::mp4),
    sign(b"FLV\x01", 0, PayloadType::Flv, media::flv),
    sign(
        b"\x1A\x45\xDF\xA3",
        0,
        PayloadType::Matroska,
        media::matroska,
    ),
    sign(b"OggS\0", 0, PayloadType::Ogg, media::ogg),
    sign(b"AVI LIST", 8, PayloadType::Avi, media::riff),
    sign(b"WAVEfmt ", 8, PayloadType::Wave, media::riff),
    sign(
        b"\xFF\xD8\xFF",
        0,
        PayloadType::Picture(PictureType::Jpeg),
        further_picture,
    ),
    sign(
        b"\x89PNG\r\n\x1A\n",
        0,
        PayloadType::Picture(PictureType::Png),
        further_picture,
    ),
    sign(
        b"GIF8",
        0,
        PayloadType::Picture(PictureType::Gif),
        further_picture,
    ),
    sign(
        b"WEBPVP8",
        8,
        PayloadType::Picture(PictureType::WebP),
        further_picture,
    ),
];

/// The cost of a hit that is recognised by its first bytes.
const HIT: usize = 8;

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(SIGNATURES.iter().map(|signature| signature.magic)).ok());

/// Finds payloads in `range`; with `pictures` also further pictures.
pub(super) fn find(
    bytes: &[u8],
    range: Range<usize>,
    pictures: bool,
    work: &Work<'_>,
) -> Vec<Found> {
    let mut found = Finds::new(work, range.end);
    let (Some(finder), Some(content)) = (FINDER.as_ref(), bytes.get(..range.end)) else {
        return found.list;
    };
    let (mut floor, mut at) = (range.start, range.start);
    while let Some(hit) = finder.find(Input::new(content).range(at..)) {
        if work.pass(hit.end() - at + HIT).is_none() {
            break;
        }
        at = hit.start() + 1;
        let Some(signature) = SIGNATURES.get(hit.pattern().as_usize()) else {
            continue;
        };
        let is_picture = matches!(signature.payload, PayloadType::Picture(_));
        let start = hit
            .start()
            .checked_sub(signature.lead)
            .filter(|start| *start >= floor);
        let refusals = work.refusals();
        let payload = start.filter(|_| pictures || !is_picture).and_then(|start| {
            let extent = (signature.measure)(content.get(start..)?, work)?;
            let range = start..start + extent.length;
            let (payload, confidence) = (signature.payload, extent.confidence);
            Some(Found {
                range,
                payload,
                confidence,
            })
        });
        if work.refusals() > refusals {
            found.give_up(hit.start().saturating_sub(signature.lead).max(floor));
            return found.list;
        }
        if let Some(payload) = payload {
            floor = payload.range.end;
            at = floor.max(at);
            if found.push(payload).is_none() {
                return found.list;
            }
        }
    }
    work.pass(range.end.saturating_sub(at));
    found.list
}

fn pdf(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    read::u8(bytes, 5).filter(u8::is_ascii_digit)?;
    let Some(mark) = work.rfind(bytes, b"%%EOF") else {
        return Some(Extent::new(bytes.len(), Medium));
    };
    let end = mark + 5;
    let line_end = bytes
        .get(end..)?
        .iter()
        .take(2)
        .take_while(|byte| b"\r\n".contains(byte));
    Some(Extent::new(end + line_end.count(), High))
}

fn further_picture(bytes: &[u8], work: &Work<'_>) -> Option<Extent> {
    let picture = picture::parse(bytes, work)?;
    picture
        .complete
        .then(|| Extent::new(picture.layout.end(), High))
}
