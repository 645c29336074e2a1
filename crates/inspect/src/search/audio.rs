//! Bare MPEG and AAC audio: frames that state their length.

use std::ops::Range;

use memchr::memchr;

use super::found::{Finds, Found};
use crate::read;
use crate::report::{Confidence, PayloadType};
use crate::work::Work;

/// Frames in a row that are no coincidence.
const ENOUGH: usize = 4;
/// Bytes of a frame's head.
const HEAD: usize = 4;

/// Finds rows of audio frames, with an ID3 tag before them if there is one.
pub(super) fn find(bytes: &[u8], range: Range<usize>, work: &Work<'_>) -> Vec<Found> {
    let Some(content) = bytes.get(..range.end) else {
        return Vec::new();
    };
    let mut found = Finds::new(work, range.end);
    let mut at = range.start;
    while let Some(skip) = content.get(at..).and_then(|rest| memchr(0xFF, rest)) {
        let start = at + skip;
        if work.pass(skip + 2 * HEAD).is_none() {
            break;
        }
        at = start + 1;
        for (payload, length) in [(PayloadType::Mp3, mp3 as Length), (PayloadType::Aac, adts)] {
            // Lengths are short, so a row that fails costs little and a good one is skipped.
            let Some(end) = row(content, start, length, work) else {
                continue;
            };
            let floor = found.list.last().map_or(range.start, |last| last.range.end);
            work.pass(end - floor);
            let range = id3(content, floor, start).unwrap_or(start)..end;
            at = end;
            let payload = Found {
                range,
                payload,
                confidence: Confidence::Medium,
            };
            if found.push(payload).is_none() {
                return found.list;
            }
            break;
        }
    }
    found.list
}

/// The length of the frame at a position, with what has to be the same in all frames of a row.
type Length = fn(&[u8], usize) -> Option<(usize, u32)>;

fn row(bytes: &[u8], start: usize, length: Length, work: &Work<'_>) -> Option<usize> {
    let (_, format) = length(bytes, start)?;
    let mut at = start;
    let mut frames = 0;
    while let Some((length, _)) = length(bytes, at).filter(|(_, other)| *other == format) {
        if at + length > bytes.len() {
            break;
        }
        work.pass(HEAD)?;
        at += length;
        frames += 1;
    }
    (frames >= ENOUGH).then_some(at)
}

fn mp3(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    const RATES: [usize; 3] = [44_100, 48_000, 32_000];
    const LAYER_3: [[usize; 15]; 2] = [
        [
            0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let [sync, second, third, fourth] = read::code(bytes, at)?;
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    if sync != 0xFF || second < 0xE0 || version == 1 || layer != 1 || fourth & 3 == 2 {
        return None;
    }
    let halved = usize::from(version != 3);
    let kilobits = *LAYER_3
        .get(halved)?
        .get(usize::from(third >> 4))
        .filter(|rate| **rate > 0)?;
    let rate = RATES.get(usize::from(third >> 2 & 3))? >> (halved + usize::from(version == 0));
    let samples = if halved == 0 { 144_000 } else { 72_000 };
    let length = samples * kilobits / rate + usize::from(third >> 1 & 1);
    Some((
        length,
        u32::from_be_bytes([0, second & 0xFE, third & 0x0C, 0]),
    ))
}

fn adts(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    let [sync, second, third, fourth] = read::code(bytes, at)?;
    if sync != 0xFF || second & 0xF6 != 0xF0 || (third >> 2) & 15 > 12 {
        return None;
    }
    let length = usize::from(fourth & 3) << 11 | read::be16(bytes, at + 4)? >> 5;
    (length >= 8).then_some((
        length,
        u32::from_be_bytes([0, second, third, fourth & 0xC0]),
    ))
}

/// The start of an ID3 tag that ends right at `end`.
fn id3(bytes: &[u8], floor: usize, end: usize) -> Option<usize> {
    let before = bytes.get(floor..end)?;
    let start = floor + memchr::memmem::rfind(before, b"ID3")?;
    let size = bytes.get(start + 6..start + 10)?;
    let size = size
        .iter()
        .fold(0, |size, byte| size << 7 | usize::from(byte & 0x7F));
    (start + 10 + size == end).then_some(start)
}
