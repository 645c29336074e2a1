//! Small real files to try an inspection on. Every call returns the same bytes.

use miniz_oxide::deflate::compress_to_vec_zlib;

use crate::checksum::crc32_mpeg2;

const WIDTH: u16 = 320;
const HEIGHT: u16 = 200;

const PROGRAM_TABLE_PID: u16 = 0x0000;
const STREAM_TABLE_PID: u16 = 0x1000;
const MEDIA_PID: u16 = 0x0100;
const PACKET: usize = 188;
const MEDIA_PACKETS: usize = 48;

/// A valid PNG of 320 by 200 pixels: a sun over a gradient.
pub fn clean_png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(u32::from(WIDTH).to_be_bytes());
    header.extend(u32::from(HEIGHT).to_be_bytes());
    // Eight bits a channel, red green blue, no interlacing.
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"IDAT", &compress_to_vec_zlib(&pixels(), 9));
    chunk(&mut png, *b"IEND", &[]);
    png
}

/// The picture of [`clean_png`] with a valid MPEG transport stream behind it.
pub fn png_with_mpeg_ts() -> Vec<u8> {
    let mut file = clean_png();
    file.extend(mpeg_ts());
    file
}

/// A valid MPEG transport stream of 9,400 bytes: its two tables, then one stream of private data.
pub fn mpeg_ts() -> Vec<u8> {
    let mut stream = Vec::new();
    // One program, number 1, described on the stream table's identifier.
    let programs = section(0x00, &[0x00, 0x01, 0xF0, 0x00]);
    // No clock and one elementary stream of private data.
    let streams = section(
        0x02,
        &[0xFF, 0xFF, 0xF0, 0x00, 0x06, 0xE1, 0x00, 0xF0, 0x00],
    );
    stream.extend(packet(PROGRAM_TABLE_PID, true, 0, &programs));
    stream.extend(packet(STREAM_TABLE_PID, true, 0, &streams));
    for (index, counter) in (0..MEDIA_PACKETS).zip((0..16).cycle()) {
        let starts = index == 0;
        // The one packetised unit is of stated length 0: it lasts to the end of the stream.
        let unit: &[u8] = if starts {
            b"\0\0\x01\xBD\0\0\x80\0\0"
        } else {
            &[]
        };
        let mut payload = unit.to_vec();
        payload.extend(noise(index).take(PACKET - 4 - unit.len()));
        stream.extend(packet(MEDIA_PID, starts, counter, &payload));
    }
    stream
}

/// Bytes that look like compressed media: a linear congruential sequence.
fn noise(seed: usize) -> impl Iterator<Item = u8> {
    let first = u32::try_from(seed).unwrap_or(0).wrapping_mul(0x9E37_79B9);
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(first), next)
        .skip(1)
        .map(|state| state.to_be_bytes()[0])
}

fn pixels() -> Vec<u8> {
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3 + 200);
    for y in 0..HEIGHT {
        // Each row names its filter first; 0 stores the row as it is.
        pixels.push(0);
        for x in 0..WIDTH {
            let (dx, dy) = (i32::from(x) - 240, i32::from(y) - 60);
            let sky = |from: u16, to: u16| {
                let value = (from * (HEIGHT - y) + to * y) / HEIGHT;
                u8::try_from(value).unwrap_or(u8::MAX)
            };
            let in_sun = dx * dx + dy * dy < 28 * 28;
            pixels.extend(if in_sun {
                [255, 236, 170]
            } else {
                [sky(40, 250), sky(90, 180), sky(170, 140)]
            });
        }
    }
    pixels
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&kind);
    sum.update(data);
    png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(sum.finalize().to_be_bytes());
}

/// A program table section about the program or stream 1, with its checksum.
fn section(table: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len() + 9).unwrap_or(0);
    // Identifier 1, version 0 in force, section 0 of 0.
    let mut section = vec![table, 0xB0, length, 0x00, 0x01, 0xC1, 0x00, 0x00];
    section.extend(body);
    let sum = crc32_mpeg2(&section);
    section.extend(sum.to_be_bytes());
    section
}

/// A packet; a table is led by its pointer and followed by stuffing.
fn packet(pid: u16, starts: bool, counter: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = pid.to_be_bytes();
    let mut packet = vec![
        0x47,
        high | if starts { 0x40 } else { 0 },
        low,
        0x10 | counter,
    ];
    if pid != MEDIA_PID {
        packet.push(0);
    }
    packet.extend(payload);
    packet.resize(PACKET, 0xFF);
    packet
}
