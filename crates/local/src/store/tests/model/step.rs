//! What is done to a store, chosen at random.

use proptest::prelude::*;

use crate::store::tests::fixture::LEASE;

/// What is done. Numbers choose among what there is.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Job(JobStep),
    Content(ContentStep),
    Advance {
        millis: i64,
    },
    Release {
        process: usize,
    },
    Collect {
        process: usize,
    },
    /// The process is gone, with all that it held, and another one takes its place.
    Crash {
        process: usize,
    },
}

/// What is done to jobs.
#[derive(Debug, Clone)]
pub(super) enum JobStep {
    Submit {
        process: usize,
        level: u8,
    },
    Claim {
        process: usize,
    },
    /// Ends a claim, with an object and a callback as effects.
    Finish {
        claim: usize,
        key: u8,
        is_long: bool,
    },
    GiveBack {
        claim: usize,
        delay: i64,
    },
    Extend {
        claim: usize,
    },
    Cancel {
        process: usize,
        job: usize,
    },
}

/// What is done to objects.
#[derive(Debug, Clone)]
pub(super) enum ContentStep {
    Stage {
        process: usize,
        is_long: bool,
    },
    /// Makes an object of what was staged.
    Put {
        staged: usize,
        key: u8,
    },
    Discard {
        staged: usize,
    },
    Delete {
        process: usize,
        key: u8,
    },
    /// Deletes one of the versions of a key, if it has any.
    DeleteVersion {
        process: usize,
        key: u8,
        version: usize,
    },
    /// Copies what a key shows.
    Copy {
        process: usize,
        from: u8,
        to: u8,
    },
    /// Gives what a key shows another name.
    Move {
        process: usize,
        from: u8,
        to: u8,
    },
    /// Sets whether the bucket keeps versions.
    Version {
        process: usize,
        is_enabled: bool,
    },
}

/// One of them, each as often as it matters.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let one = 0..64_usize;
    prop_oneof![
        16 => job_step().prop_map(Step::Job),
        14 => content_step().prop_map(Step::Content),
        3 => prop_oneof![1..5_000_i64, Just(LEASE / 2), Just(LEASE)]
            .prop_map(|millis| Step::Advance { millis }),
        2 => one.clone().prop_map(|process| Step::Release { process }),
        1 => one.clone().prop_map(|process| Step::Collect { process }),
        1 => one.prop_map(|process| Step::Crash { process }),
    ]
}

fn job_step() -> impl Strategy<Value = JobStep> {
    let one = 0..64_usize;
    prop_oneof![
        4 => (one.clone(), 0..3_u8)
            .prop_map(|(process, level)| JobStep::Submit { process, level }),
        5 => one.clone().prop_map(|process| JobStep::Claim { process }),
        4 => (one.clone(), 0..4_u8, any::<bool>())
            .prop_map(|(claim, key, is_long)| JobStep::Finish { claim, key, is_long }),
        1 => (one.clone(), 0..3_000_i64)
            .prop_map(|(claim, delay)| JobStep::GiveBack { claim, delay }),
        1 => one.clone().prop_map(|claim| JobStep::Extend { claim }),
        1 => (one.clone(), one).prop_map(|(process, job)| JobStep::Cancel { process, job }),
    ]
}

fn content_step() -> impl Strategy<Value = ContentStep> {
    let one = 0..64_usize;
    let key = 0..4_u8;
    prop_oneof![
        3 => (one.clone(), any::<bool>())
            .prop_map(|(process, is_long)| ContentStep::Stage { process, is_long }),
        3 => (one.clone(), key.clone())
            .prop_map(|(staged, key)| ContentStep::Put { staged, key }),
        1 => one.clone().prop_map(|staged| ContentStep::Discard { staged }),
        2 => (one.clone(), key.clone())
            .prop_map(|(process, key)| ContentStep::Delete { process, key }),
        2 => (one.clone(), key.clone(), one.clone())
            .prop_map(|(process, key, version)| ContentStep::DeleteVersion { process, key, version }),
        1 => (one.clone(), key.clone(), key.clone())
            .prop_map(|(process, from, to)| ContentStep::Copy { process, from, to }),
        1 => (one.clone(), key.clone(), key)
            .prop_map(|(process, from, to)| ContentStep::Move { process, from, to }),
        1 => (one, any::<bool>())
            .prop_map(|(process, is_enabled)| ContentStep::Version { process, is_enabled }),
    ]
}
