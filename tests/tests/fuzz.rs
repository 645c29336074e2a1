//! The entry points of the fuzz crate, on stable: their corpus, and changed inputs, the same ones
//! in every run. `cargo test --workspace --test fuzz -- xml` runs one of them;
//! `TCLOUD_FUZZ_CASES`, `TCLOUD_FUZZ_SECONDS` and `TCLOUD_FUZZ_SEED` say how long and which.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not recognised as tests"
)]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use tcloud_inspect::demo;
use tcloud_tests::fuzz::{self, Random, TARGETS, Target};

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            fuzz::run(Target::named(stringify!($name)).unwrap());
        })*

        #[test]
        fn every_target_has_a_test() {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

targets! { xml json signatures spec_files decoders inspection grammar pipelines networks codes }

/// The fuzz crate is no member of the workspace, so nothing else would notice.
#[test]
fn every_target_is_in_the_fuzz_crate() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    let source = |name: &str| {
        let root = env!("CARGO_MANIFEST_DIR");
        fs::read_to_string(format!("{root}/fuzz/fuzz_targets/{name}.rs")).unwrap()
    };
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for Target { name, .. } in &TARGETS {
        let listed = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&listed), "{name} is not in the manifest");
        let call = format!("tcloud_tests::fuzz::{name}(");
        assert!(source(name).contains(&call), "{name} calls another entry");
    }
}

#[test]
fn equal_numbers_make_equal_cases() {
    let target = Target::named("inspection").unwrap();
    let cases = |seed| {
        (0..50)
            .map(|case| case_of(target, seed, case))
            .collect::<Vec<_>>()
    };
    assert_eq!(cases(0), cases(0));
    assert_ne!(cases(0), cases(1));
}

/// A failure is no use unless it can be had again.
#[test]
fn a_failing_input_is_named_and_kept() {
    let mut target = Target::named("grammar").unwrap().clone();
    target.accepted = 0..=100;
    target.entry = |input| {
        assert!(std::str::from_utf8(input).is_ok(), "a reader that fails");
        true
    };
    let outcome = catch_unwind(|| fuzz::run(&target)).unwrap_err();
    let message = outcome.downcast_ref::<String>().unwrap();
    let (place, rest) = message.split_once(" fails; the input is in ").unwrap();
    let case = place.strip_prefix("grammar: case ").unwrap();
    let (case, seed) = case.split_once(" of seed ").unwrap();
    let (file, _) = rest.split_once(": ").unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    assert_eq!(
        fs::read(kept).unwrap(),
        case_of(&target, seed.parse().unwrap(), case.parse().unwrap())
    );
}

#[test]
#[should_panic(expected = "of a hundred inputs are accepted")]
fn a_reader_that_accepts_nothing_is_no_subject() {
    let mut target = Target::named("grammar").unwrap().clone();
    target.entry = |_| false;
    fuzz::run(&target);
}

/// The input that a run of `target` makes of these numbers.
fn case_of(target: &Target, seed: u64, case: u64) -> Vec<u8> {
    let inputs = target.inputs().unwrap();
    let mut random = Random::of_case(seed, case);
    let (input, other) = (random.of(&inputs), random.of(&inputs));
    random.changed(target, input, other)
}

/// Every start of a long row of the same false starts must not cost the rest of the file.
#[test]
fn repeated_false_starts_are_inspected() {
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
        fuzz::inspection(&bytes);
        fuzz::inspection(&[demo::clean_png(), bytes].concat());
    }
}

/// The inputs of each target.
static INPUTS: LazyLock<Vec<Vec<Vec<u8>>>> = LazyLock::new(|| {
    let targets = TARGETS.iter();
    targets.map(|target| target.inputs().unwrap()).collect()
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..2048)) {
        for target in &TARGETS {
            (target.entry)(&bytes);
        }
    }

    #[test]
    fn any_bytes_behind_a_known_start_are_survived(
        input in any::<prop::sample::Index>(),
        kept in 0usize..64,
        bytes in vec(any::<u8>(), 0..1024),
    ) {
        for (target, inputs) in TARGETS.iter().zip(INPUTS.iter()) {
            let input = input.get(inputs);
            (target.entry)(&[&input[..kept.min(input.len())], &bytes].concat());
        }
    }
}
