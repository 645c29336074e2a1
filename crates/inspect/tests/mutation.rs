//! Hostile input: whatever the bytes, an inspection ends, accounts for all of them and reports
//! positions inside the file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are not recognised as tests"
)]

mod pictures;

use proptest::prelude::*;
use tcloud_inspect::{Profile, RegionKind, Report, demo, inspect, inspect_with};

/// Cases of the deterministic loop if `TCLOUD_FUZZ_CASES` names no other number.
const CASES: u64 = 20_000;

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
}

/// A small generator of the xorshift family, so that a case number names a case for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        const TELLING: [u8; 8] = [0x00, 0x01, 0x47, 0x7F, 0x80, 0xD9, 0xFE, 0xFF];
        let at = self.below(bytes.len());
        match self.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = TELLING[self.below(TELLING.len())],
            2 => bytes.truncate(at),
            3 => {
                let end = (at + self.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let from = self.below(other.len());
                let to = (from + self.below(512)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            5 => bytes
                .iter_mut()
                .skip(at)
                .take(4)
                .for_each(|byte| *byte = 0xFF),
            _ => {
                let end = (at + self.below(256)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
}

#[test]
fn mutated_files_are_accounted_for() {
    let cases = std::env::var("TCLOUD_FUZZ_CASES").ok();
    let cases = cases.map_or(CASES, |text| {
        text.parse().expect("TCLOUD_FUZZ_CASES is a number")
    });
    let seeds = pictures::seeds();
    for case in 0..cases {
        let mut random = Random((case + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut bytes = seeds[random.below(seeds.len())].clone();
        let other = &seeds[random.below(seeds.len())];
        for _ in 0..=random.below(6) {
            random.mutate(&mut bytes, other);
        }
        let outcome = std::panic::catch_unwind(|| assert_sound(&bytes, &inspect(&bytes)));
        assert!(outcome.is_ok(), "case {case} failed");
    }
}

/// Every start of a long row of the same false starts must not cost the rest of the file.
#[test]
fn repeated_false_starts_end_in_time() {
    let starts: [&[u8]; 14] = [
        b"\xFF\xD8\xFF\xC0\0\x02",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1F\x8B\x08\0\0\0\0\0\0\x03",
        b"%PDF-1",
        b"<script",
        b"\x89PNG\r\n\x1A\n",
        b"MZ",
        b"GIF89a",
        b"\x47\x40\0\x10",
        b"<svg ",
        b"\xFF\xFB\x90\x44",
        b"OggS\0",
        b"II*\0\x08\0\0\0",
    ];
    for start in starts {
        let bytes = start.repeat((1 << 20) / start.len());
        assert_sound(&bytes, &inspect(&bytes));
        let behind = [demo::clean_png(), bytes].concat();
        assert_sound(&behind, &inspect(&behind));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_accounted_for(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        assert_sound(&bytes, &inspect(&bytes));
        assert_sound(&bytes, &inspect_with(&bytes, Profile::Documented));
    }

    #[test]
    fn any_bytes_behind_a_signature_are_accounted_for(
        seed in 0..pictures::seeds().len(),
        kept in 0usize..64,
        bytes in prop::collection::vec(any::<u8>(), 0..1024),
    ) {
        let seed = &pictures::seeds()[seed];
        let bytes = [&seed[..kept.min(seed.len())], &bytes].concat();
        assert_sound(&bytes, &inspect(&bytes));
    }
}
