//! A run of a target on stable: its inputs as they are, then changed ones.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::{Random, Target};

/// The number of cases of a run without a setting.
const CASES: u64 = 2_000;
/// Fewer say nothing about how many are accepted.
const TELLING: u64 = 100;

/// Runs a target. Environment variables say how long: `TCLOUD_FUZZ_CASES` cases, or as many as
/// `TCLOUD_FUZZ_SECONDS` allow. `TCLOUD_FUZZ_SEED` chooses the cases; equal seeds have equal cases.
///
/// # Panics
/// An input makes the entry point panic; the message says how to repeat that, and the input is
/// kept under `target/fuzz`. Or an environment variable is no number, or the corpus is unreadable.
pub fn run(target: &Target) {
    let inputs = target.inputs().expect("the corpus can be read");
    assert!(inputs.len() > 3, "{}: nothing to start from", target.name);
    for (number, input) in inputs.iter().enumerate() {
        survive(
            target,
            input,
            &format!("input {number} of the corpus and seeds"),
        );
    }
    let seed: u64 = variable("TCLOUD_FUZZ_SEED").unwrap_or(0);
    let seconds = variable("TCLOUD_FUZZ_SECONDS").map(Duration::from_secs);
    let most = if seconds.is_some() { u64::MAX } else { CASES };
    let most = variable("TCLOUD_FUZZ_CASES").unwrap_or(most);
    let started = Instant::now();
    let (mut cases, mut accepted) = (0, 0);
    while cases < most && seconds.is_none_or(|seconds| started.elapsed() < seconds) {
        let mut random = Random::of_case(seed, cases);
        let (input, other) = (random.of(&inputs).as_slice(), random.of(&inputs).as_slice());
        let input = random.changed(target, input, other);
        let place = format!("case {cases} of seed {seed}");
        accepted += u64::from(survive(target, &input, &place));
        cases += 1;
    }
    // The first word is how other programs find the line.
    println!(
        "figure: {}: {cases} cases of seed {seed} in {:.1} s, {accepted} accepted",
        target.name,
        started.elapsed().as_secs_f64()
    );
    let share = accepted * 100 / cases.max(1);
    assert!(
        cases < TELLING || target.accepted.contains(&share),
        "{}: {share} of a hundred inputs are accepted, expected {:?}",
        target.name,
        target.accepted
    );
}

/// Passes the input to the entry point and returns whether it was accepted.
fn survive(target: &Target, input: &[u8], place: &str) -> bool {
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.entry)(input)));
    outcome.unwrap_or_else(|_| {
        let kept = keep(target, input, place);
        panic!(
            "{}: {place} fails; the input is {kept}: {}",
            target.name,
            input[..input.len().min(2_000)].escape_ascii()
        )
    })
}

/// Writes an input where it can be looked at and passed to the fuzz crate.
fn keep(target: &Target, input: &[u8], place: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz");
    let name = format!("{}-{}", target.name, place.replace(' ', "-"));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(&name), input));
    match written {
        Ok(()) => format!("in target/fuzz/{name}"),
        Err(error) => format!("not kept ({error})"),
    }
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let value = text.parse().ok();
    Some(value.unwrap_or_else(|| panic!("{name} is no number: {text}")))
}
