//! What must hold of a call, whatever has happened to it.

use std::time::Duration;

use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::retry::RetryPolicy;

use crate::operations::{has_token, is_harmless, is_raw_answer};
use crate::schedule::{Plan, Schedule, Turn};
use crate::world::{Attempt, Told};

/// What the caller got.
pub(crate) enum Outcome {
    /// Success, after so many attempts.
    Whole(u32),
    /// An answer in raw bytes that failed while it was read.
    Half(Error),
    Failed(Error),
}

/// The rule that is broken, if one is.
pub(crate) fn broken(
    schedule: &Schedule,
    plan: &Plan,
    took: Duration,
    attempts: &[Attempt],
    outcome: &Outcome,
) -> Result<(), String> {
    let cap = RetryPolicy::default().cap;
    let idempotent = is_harmless(plan.operation);
    let require = |holds: bool, rule: &str| {
        if holds { Ok(()) } else { Err(rule.to_owned()) }
    };
    let limit = plan.limit();
    require(
        limit.is_none_or(|limit| took <= limit),
        "a call ends within its time",
    )?;
    require(
        attempts.len() <= usize::try_from(plan.attempts).unwrap(),
        "no more attempts than the policy has",
    )?;
    let worked = attempts.iter().filter(|it| it.worked).count();
    require(
        plan.operation.idempotent || worked <= 1,
        "what must not be done twice is done once",
    )?;
    let count = |kind: fn(Told) -> bool| attempts.iter().filter(|it| kind(it.told)).count();
    require(
        count(|told| matches!(told, Told::Skewed(_))) <= 2,
        "a clock is healed once",
    )?;
    require(
        count(|told| told == Told::Expired) <= 2,
        "a key is renewed once",
    )?;
    for pair in attempts.windows(2) {
        let [before, after] = pair else { continue };
        require(plan.is_repeatable(), "a stream is sent once")?;
        let harmless = match before.told {
            Told::Unsent | Told::Throttled(_) | Told::Skewed(_) | Told::Expired => true,
            Told::Nothing => idempotent || !before.reached,
            Told::Lost | Told::Broken | Told::Passing => idempotent,
            Told::Final | Told::Success => false,
        };
        require(harmless, "only what may be done again is sent again")?;
        let moves = schedule.backup_hosts && !before.told.is_answer();
        require(
            moves == (before.host != after.host),
            "another host is asked if the first did not answer, and only then",
        )?;
        if let (Told::Throttled(Some(asked)), Some(ended)) = (before.told, before.ended) {
            let asked = Duration::from_secs(asked).min(cap);
            require(after.began >= ended + asked, "the service is left in peace")?;
        }
    }
    let last = attempts.last();
    match outcome {
        Outcome::Whole(counted) => {
            require(
                last.is_some_and(|it| {
                    let before = has_token(plan.operation) && worked == 1;
                    it.told == Told::Success && (it.worked || before)
                }),
                "success is what the service says",
            )?;
            require(
                usize::try_from(*counted).unwrap() == attempts.len(),
                "all attempts are counted",
            )
        }
        Outcome::Half(error) => {
            require(
                last.is_some_and(|it| it.told == Told::Broken) && is_raw_answer(plan.operation),
                "an answer that breaks off was one",
            )?;
            require(error.was_ever_sent(), "what is answered was sent")
        }
        Outcome::Failed(error) => {
            require(
                error.was_ever_sent() || attempts.iter().all(|it| !it.reached),
                "an error that says that nothing was sent is right",
            )?;
            require(
                !error.was_ever_sent() || attempts.iter().any(|it| it.told != Told::Unsent),
                "an error that says that something may have been sent has a reason",
            )?;
            require(
                last.is_none_or(|it| it.told != Told::Success),
                "a success is not an error",
            )?;
            if error.kind() == ErrorKind::Timeout {
                require(
                    limit.is_some_and(|limit| took + cap >= limit),
                    "a call takes the time that it has",
                )
            } else {
                require(
                    last.is_none_or(|last| !must_go_on(schedule, plan, attempts, last, error)),
                    "what may be sent again is sent again",
                )
            }
        }
    }
}

/// Whether a call with these attempts should have made another one.
fn must_go_on(
    schedule: &Schedule,
    plan: &Plan,
    attempts: &[Attempt],
    last: &Attempt,
    error: &Error,
) -> bool {
    let left = attempts.len() < usize::try_from(plan.attempts).unwrap();
    if !left || !plan.is_repeatable() || error.kind() == ErrorKind::Credentials {
        return false;
    }
    let idempotent = is_harmless(plan.operation);
    let first = |kind: fn(Told) -> bool| attempts.iter().filter(|it| kind(it.told)).count() == 1;
    match last.told {
        Told::Unsent | Told::Throttled(_) => true,
        Told::Nothing => idempotent || !last.reached,
        Told::Lost | Told::Broken | Told::Passing => idempotent,
        Told::Skewed(dated) => dated && first(|told| matches!(told, Told::Skewed(_))),
        Told::Expired => {
            let all_good = schedule.provider.iter().all(|turn| *turn == Turn::Good);
            all_good && first(|told| told == Told::Expired)
        }
        Told::Final | Told::Success => false,
    }
}
