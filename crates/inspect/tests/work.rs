//! Work without a bound: files made of false starts, each of which could be followed to the end of
//! the file. Work is counted in bytes looked at and has to stay within a multiple of the size.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "helpers of tests are not recognised as tests"
)]

mod pictures;

use std::cell::Cell;
use std::sync::LazyLock;

use pictures::{jpeg, jpeg_with, media_box, motion_photo, mp4, png_chunk, segment};
use proptest::prelude::*;
use tcloud_inspect::{Cancelled, PayloadType, Profile, Report, demo, inspect, inspect_until};

const SMALL: usize = 32 << 10;
const LARGE: usize = 8 * SMALL;

/// Fills a file of `size` bytes.
type Family = (&'static str, fn(usize) -> Vec<u8>);

fn repeated(unit: &[u8], size: usize) -> Vec<u8> {
    unit.repeat(size.div_ceil(unit.len()))
}

/// A picture whose text chunk is `text`.
fn png_of_text(text: &[u8]) -> Vec<u8> {
    let png = demo::clean_png();
    [&png[..33], &png_chunk(*b"tEXt", text), &png[33..]].concat()
}

/// What `unit` makes of each position and the bytes behind it, one after the other.
fn pointing_to_the_end(size: usize, unit: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size);
    while bytes.len() < size - 64 {
        let behind = (size - bytes.len()) as u32;
        bytes.extend(unit(behind));
    }
    bytes.resize(size, b'.');
    bytes
}

fn scripts_before_pictures(size: usize) -> Vec<u8> {
    png_of_text(&repeated(b"<script GIF89a.......;", size))
}

fn unknown_chunks_to_the_end(size: usize) -> Vec<u8> {
    pointing_to_the_end(size, |behind| {
        let length = behind - 20;
        [b"\x89PNG\r\n\x1A\n", &length.to_be_bytes()[..], b"zzZz"].concat()
    })
}

fn gzip_that_inflates_to_the_end(size: usize) -> Vec<u8> {
    // Stored blocks: each start is the head of one more member, hidden in the data of the others.
    pointing_to_the_end(size, |behind| {
        let length = (behind.min(0xFFFF) - 24) as u16;
        let head = b"\x1F\x8B\x08\0\0\0\0\0\0\x03\0";
        [
            &head[..],
            &length.to_le_bytes(),
            &(!length).to_le_bytes(),
            b"..",
        ]
        .concat()
    })
}

fn end_records_of_one_directory(size: usize) -> Vec<u8> {
    let entry = [b"PK\x01\x02", &[0; 42][..]].concat();
    let entries = size / 2 / entry.len();
    let mut bytes = entry.repeat(entries);
    while bytes.len() < size {
        let mut end = b"PK\x05\x06\0\0\0\0\0\0".to_vec();
        end.extend((entries.min(0xFFFE) as u16).to_le_bytes());
        end.extend((bytes.len() as u32).to_le_bytes());
        // The first entry would lie before the file.
        end.extend(u32::MAX.wrapping_sub(1).to_le_bytes());
        end.extend([0, 0]);
        bytes.extend(end);
    }
    bytes
}

fn rar5_headers_to_the_end(size: usize) -> Vec<u8> {
    pointing_to_the_end(size, |behind| {
        let length = behind - 40;
        let mut variable = vec![];
        for shift in [0, 7, 14, 21] {
            variable.push((length >> shift) as u8 & 0x7F | 0x80);
        }
        variable.push(0);
        [b"Rar!\x1A\x07\x01\0", &[1, 2, 3, 4][..], &variable].concat()
    })
}

fn overlapping_directories(size: usize) -> Vec<u8> {
    // Every two bytes begin a directory of as many entries as there is room for.
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let list = 0x2000u32;
    tiff.extend(1u16.to_le_bytes());
    tiff.extend([0x4A, 1, 4, 0]);
    tiff.extend(1024u32.to_le_bytes());
    tiff.extend(list.to_le_bytes());
    tiff.extend([0; 4]);
    tiff.resize(list as usize, 0);
    for index in 0..1024 {
        tiff.extend((list + 4096 + 2 * index).to_le_bytes());
    }
    let entry = [0x69, 0x87, 4, 0, 0x00, 4, 0, 0, 0x00, 0x20, 0, 0];
    tiff.extend(repeated(&entry, size - tiff.len()));
    tiff
}

fn extents_of_no_width(size: usize) -> Vec<u8> {
    // Items of 65,535 extents each, whose fields take no bytes, in another construction.
    let mut iloc = vec![1, 0, 0, 0, 0, 0, 0xFF, 0xFF];
    iloc.extend(repeated(&[0, 1, 0, 1, 0, 0, 0xFF, 0xFF], size / 2));
    let meta = [&[0; 4][..], &media_box(*b"iloc", &iloc)].concat();
    let mut avif = media_box(*b"ftyp", b"avif\0\0\0\0avifmif1");
    avif.extend(media_box(*b"meta", &meta));
    avif.extend(media_box(*b"mdat", &vec![9; size / 2]));
    avif
}

fn program_tables_at_every_place(size: usize) -> Vec<u8> {
    let unit = b"\x47\x40\0\x10\0\0\xB0\xA0";
    let mut bytes = demo::clean_png();
    bytes.extend(repeated(unit, size));
    // The distance of packets is no multiple of the unit, so rows are made at one place by hand.
    for start in (400..bytes.len() - 188).step_by(188) {
        bytes[start..start + 8].copy_from_slice(unit);
    }
    bytes
}

fn blocks_that_share_a_film(size: usize) -> Vec<u8> {
    // A directory of a thousand blocks, all of which are the same film.
    let film = media_box(*b"moov", b"").repeat(1000);
    let film = [media_box(*b"ftyp", b"isom"), film].concat();
    let block = [b"\0\0\x30\x0A", &[0; 4][..], &film].concat();
    let mut directory = b"SEFH\x6B\0\0\0\0\x04\0\0".to_vec();
    for _ in 0..1024 {
        directory.extend(b"\0\0\x30\x0A");
        directory.extend((block.len() as u32).to_le_bytes());
        directory.extend((block.len() as u32).to_le_bytes());
    }
    let length = directory.len() as u32;
    let unit = [
        block,
        directory,
        length.to_le_bytes().to_vec(),
        b"SEFT".to_vec(),
    ]
    .concat();
    [jpeg(), repeated(&unit, size)].concat()
}

fn xmp_without_a_film(size: usize) -> Vec<u8> {
    let packet = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<MicroVideo/>");
    jpeg_with(&repeated(&packet, size))
}

fn pictures_behind_pictures(size: usize) -> Vec<u8> {
    let mut bytes = repeated(&jpeg(), size);
    // The last one is cut, so that something is left to search.
    bytes.truncate(bytes.len() - 3);
    bytes
}

fn comments_that_stay_open(size: usize) -> Vec<u8> {
    repeated(b"<svg><!-- <svg ", size)
}

macro_rules! repeats {
    ($($unit:literal)*) => {
        [$((stringify!($unit), (|size| repeated($unit, size)) as fn(usize) -> Vec<u8>)),*]
    };
}

fn families() -> Vec<Family> {
    let made: [Family; 14] = [
        ("scripts before pictures", scripts_before_pictures),
        ("unknown chunks to the end", unknown_chunks_to_the_end),
        (
            "gzip that inflates to the end",
            gzip_that_inflates_to_the_end,
        ),
        ("end records of one directory", end_records_of_one_directory),
        ("RAR headers to the end", rar5_headers_to_the_end),
        ("overlapping directories", overlapping_directories),
        ("extents of no width", extents_of_no_width),
        ("program tables", program_tables_at_every_place),
        ("blocks that share a film", blocks_that_share_a_film),
        ("XMP without a film", xmp_without_a_film),
        ("pictures behind pictures", pictures_behind_pictures),
        ("open comments", comments_that_stay_open),
        ("script text", |size| {
            png_of_text(&repeated(b"<script>alert(1)</script>", size))
        }),
        ("films in a film", |size| {
            motion_photo(&repeated(&mp4(), size))
        }),
    ];
    let starts = repeats![
        b"\xFF\xD8\xFF\xC0\0\x02"
        b"\xFF\xD8\xFF\xDA\0\x02"
        b"\xFF\xD8\xFF"
        b"\xFF"
        b"GIF89a"
        b"GIF89a.......\x2C\0\0\0\0\0\0\0\0\0\x02\x01.\x01.\x01.\x01."
        b"\x89PNG\r\n\x1A\n"
        b"\x89PNG\r\n\x1A\n\0\0\0\0IDAT...."
        b"RIFF\xFF\0\0\0WEBPVP8 \0\0\0\0"
        b"PK\x03\x04\x14\0\0\0\0\0..........\0\0\0\0....\x04\0\0\0name"
        b"PK\x05\x06"
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        b"\x1F\x8B\x08\x08\x01\x01\x01\x01\x02\x03"
        b"\x1F\x8B\x08\0\0\0\0\0\0\x03"
        b"\x1F\x8B\x08\x18\x01\x01\x01\x01\x02\x03names"
        b"\xFD7zXZ\0\0\x04\xE6\xD6\xB4\x46YZ"
        b"\xFD7zXZ\0"
        b"BZh91AY&SY"
        b"BZh"
        b"\x28\xB5\x2F\xFD\x20\0\0\0\0"
        b"\0\0\0"
        b"Rar!\x1A\x07\0..\x72\0\0\x07\0"
        b"Rar!\x1A\x07\x01\0"
        b"7z\xBC\xAF\x27\x1C"
        b"ustar"
        b"ustar0000000"
        b"%PDF-1"
        b"%PDF-1%%EOF"
        b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3E\0\x01\0\0\0\xFF\xFF\xFF\xFF"
        b"MZ"
        b"\xCE\xFA\xED\xFE............\x01\0\0\0\xFF\x0F\0\0\xFF\xFF\0\0"
        b"\0\0\0\x10ftypisom...."
        b"\0\0\0\x10free........"
        b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x09"
        b"\x1A\x45\xDF\xA3\x84\x42\x82\x81.\x18\x53\x80\x67"
        b"OggS\0"
        b"OggS\0.....................\x01\x05"
        b"RIFF\x20\0\0\0AVI LIST"
        b"<script"
        b"<script\0"
        b"<script long enough\0"
        b"<"
        b"<svg "
        b"<svg/>"
        b"\x47"
        b"\x47\x40\0\x10"
        b"\x47\x01\0\x10"
        b"\xFF\xFB\x90\x44"
        b"\xFF\xF1\x50\x80\x01\x1F\xFC"
        b"II*\0\x08\0\0\0"
        b"8BPS\0\x01"
        b"BM....\0\0\0\0"
        b"\0\0\x01\0\x01\0"
        b"SEFT"
        b"~\0\0\x06\0\0\0\x0B\x10\x04"
    ];
    made.into_iter().chain(starts).collect()
}

#[track_caller]
fn assert_bounded(name: &str, bytes: &[u8]) -> u64 {
    let report = inspect(bytes);
    assert!(
        report.work <= Report::work_limit(report.size),
        "{name}: {} bytes were looked at in a file of {}",
        report.work,
        report.size
    );
    report.work
}

#[test]
fn work_grows_with_the_size_and_no_faster() {
    for (name, family) in families() {
        for size in [SMALL, LARGE] {
            let bytes = family(size);
            // Before and behind a picture, and on their own, they take different ways.
            assert_bounded(name, &bytes);
            assert_bounded(name, &[&demo::clean_png()[..], &bytes].concat());
            assert_bounded(name, &png_of_text(&bytes));
            assert_bounded(name, &[&jpeg()[..], &bytes].concat());
        }
    }
}

#[test]
fn what_is_not_searched_is_reported() {
    // Enough false starts to use up the work, then an archive.
    let decoys = unknown_chunks_to_the_end(LARGE);
    let file = [demo::clean_png(), decoys, pictures::zip()].concat();
    let report = inspect(&file);
    assert!(report.is_suspicious());
    let found: Vec<_> = report.findings.iter().map(|f| f.payload).collect();
    let last = report.findings.last().unwrap();
    match last.payload {
        PayloadType::Zip => {}
        PayloadType::Unsearched => assert_eq!(last.end, report.size - 1),
        _ => panic!("{found:?}"),
    }
    assert!(found.contains(&PayloadType::Unsearched), "{found:?}");
}

#[test]
fn many_payloads_end_in_one_unsearched_stretch() {
    let file = png_of_text(&repeated(b"<script>a</script>\0", 2 << 20));
    let report = inspect(&file);
    assert!(report.findings.len() < file.len() / 50);
    let last = report.findings.last().unwrap();
    assert_eq!(last.payload, PayloadType::Unsearched);
    // The chunk of the text to its end; then the picture goes on.
    let behind = (demo::clean_png().len() - 33) as u64;
    assert_eq!(last.end, report.size - behind - 1);
}

#[test]
fn a_cancelled_inspection_ends_at_once_and_says_so() {
    let bytes = scripts_before_pictures(LARGE);
    for patience in [0, 1, 5, 20] {
        let asked = Cell::new(0);
        let cancelled = || {
            asked.set(asked.get() + 1);
            asked.get() > patience
        };
        let outcome = inspect_until(&bytes, Profile::Extended, &cancelled);
        assert_eq!(outcome, Err(Cancelled));
        assert!(asked.get() < patience + 40, "asked {} times", asked.get());
    }
    let outcome = inspect_until(&bytes, Profile::Extended, &|| false);
    assert_eq!(outcome, Ok(inspect(&bytes)));
}

/// The start of each family's file: one of its units or a few.
static STARTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let start = |(_, family): Family| family(0x8000)[..120].to_vec();
    families().into_iter().map(start).collect()
});

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn mixtures_of_false_starts_are_bounded(
        picks in prop::collection::vec((0usize..1000, 1usize..40, any::<u8>()), 1..24),
        times in 1usize..60,
        behind_picture: bool,
    ) {
        let mut unit = Vec::new();
        for (pick, length, filler) in picks {
            unit.extend(&STARTS[pick % STARTS.len()][..length * 3]);
            unit.push(filler);
        }
        let mut bytes = if behind_picture { demo::clean_png() } else { Vec::new() };
        bytes.extend(unit.repeat(times));
        assert_bounded("mixture", &bytes);
    }
}
