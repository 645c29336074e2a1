//! Picture files: decoded, and inspected.

use tcloud_imaging::{Limits, Picture, probe};
use tcloud_inspect::{Profile, RegionKind, Report, demo, inspect_with};

use super::Target;

/// Signatures, markers and numbers that decide what a file is recognised as.
const PIECES: &[&[u8]] = &[
    b"\xFF\xD8\xFF",
    b"\xFF\xD9",
    b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0",
    b"\xFF\xC0\0\x0B\x08\0\x10\0\x18\x01\x01\x11\0",
    b"\xFF\xC2",
    b"\xFF\xDD\0\x04\0\x01",
    b"\x89PNG\r\n\x1A\n",
    b"IHDR",
    b"IDAT",
    b"IEND",
    b"acTL",
    b"GIF89a",
    b"\x21\xF9\x04\x01\0\0\0\0",
    b"\x2C\0\0\0\0\x02\0\x01\0\0",
    b"\0\x3B",
    b"RIFF",
    b"WEBPVP8X",
    b"VP8L",
    b"ALPH",
    b"ANMF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\x02\x01\x03\0\x01\0\0\0",
    b"\0\0\0\x18ftypavif",
    b"\0\0\0\x14ispe\0\0\0\0\0\0\0\x10",
    b"\0\0\0\x09irot\x01",
    b"ipma",
    b"\xFF\x0A",
    b"\0\0\x01\0\x01\0",
    b"8BPS\0\x01",
    b"<svg>",
    b"<script>alert(1)</script>",
    b"<?php echo 1; ?>",
    b"PK\x03\x04",
    b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\x1F\x8B\x08\0\0\0\0\0\0\x03",
    b"\xFD7zXZ\0\0\x04\xE6\xD6\xB4\x46",
    b"Rar!\x1A\x07\0",
    b"7z\xBC\xAF\x27\x1C",
    b"%PDF-1.4",
    b"%%EOF",
    b"\x7FELF\x02\x01\x01",
    b"MZ",
    b"OggS\0",
    b"ustar",
    b"\x47\x40\0\x10",
    b"SEFT",
    b"\0\0\0\0",
    b"\x7F\xFF\xFF\xFF",
    b"\xFF\xFF\xFF\xFF",
];

pub(super) const DECODERS: Target = Target {
    name: "decoders",
    entry: decoders,
    seeds: || Ok(Vec::new()),
    pieces: PIECES,
    addressed: false,
    accepted: 5..=95,
};

pub(super) const INSPECTION: Target = Target {
    name: "inspection",
    entry: inspection,
    seeds: || {
        Ok(vec![
            demo::clean_png(),
            demo::png_with_mpeg_ts(),
            demo::mpeg_ts(),
        ])
    },
    pieces: PIECES,
    addressed: false,
    accepted: 20..=99,
};

/// Decodes a picture file: an error or a picture, and the same one every time.
pub fn decoders(input: &[u8]) -> bool {
    // Small limits keep a forged but lawful size from costing seconds.
    let mut limits = Limits::default();
    limits.max_pixels = 1_000_000;
    match Picture::decode(input, &limits) {
        Ok(picture) => {
            let info = probe(input, &limits).expect("what is decoded has a readable header");
            assert_eq!(picture.size(), info.size());
            assert_eq!(Picture::decode(input, &limits), Ok(picture));
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// Inspects a file: every byte is accounted for, positions lie in the file, and the work is
/// bounded. It is accepted if it is a picture.
pub fn inspection(input: &[u8]) -> bool {
    let report = inspect_with(input, Profile::Extended);
    assert_sound(input, &report);
    assert_sound(input, &inspect_with(input, Profile::Documented));
    report.picture.is_some()
}

fn assert_sound(bytes: &[u8], report: &Report) {
    assert_eq!(report.size, bytes.len() as u64);
    let mut next = 0;
    for region in &report.regions {
        assert_eq!(region.begin, next, "regions follow one another: {region:?}");
        assert!(
            region.end >= region.begin,
            "a region has at least one byte: {region:?}"
        );
        next = region.end + 1;
    }
    assert_eq!(next, report.size, "regions cover the file");
    let payloads = report
        .regions
        .iter()
        .filter_map(|region| match region.kind {
            RegionKind::Payload(payload) => Some((region.begin, region.end, payload)),
            _ => None,
        });
    let findings = report.findings.iter().map(|f| (f.begin, f.end, f.payload));
    assert!(
        payloads.eq(findings),
        "payload regions and findings are the same"
    );
    assert!(
        report.work <= Report::work_limit(report.size),
        "{} bytes were looked at in a file of {}",
        report.work,
        report.size
    );
}
