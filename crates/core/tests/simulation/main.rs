//! Seeded schedules of faults, over a service in memory that knows what it did and a clock that
//! needs no time.
//!
//! `TCLOUD_SIMULATION_COUNT` schedules are run, those with the seeds from `TCLOUD_SIMULATION_SEED`
//! on. Where a rule is broken, the seed and the schedule are printed; that seed and a count of 1
//! run it again.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod dice;
mod memory;
mod operations;
mod rules;
mod schedule;
mod world;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::classify::{FailedAttempt, Verdict};
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::Config;
use tcloud_core::environment::{Environment, Manual};
use tcloud_core::error::Error;
use tcloud_core::host::Hosts;
use tcloud_core::rate::AdaptiveRate;
use tcloud_core::retry::RetryPolicy;
use tcloud_core::timeouts::Timeouts;

use crate::memory::Memory;
use crate::operations::RESPONSE;
use crate::rules::Outcome;
use crate::schedule::{Plan, Schedule, Sort};
use crate::world::{UPLOADED, World};

const COUNT: u64 = 10_000;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

#[test]
fn whatever_happens_the_rules_hold() {
    let first = setting("TCLOUD_SIMULATION_SEED", 0);
    let count = setting("TCLOUD_SIMULATION_COUNT", COUNT);
    let mut sums = [0; 3];
    for seed in first..first.saturating_add(count) {
        if let Err(broken) = run(&Schedule::of(seed), false, &mut sums) {
            panic!("{broken}");
        }
    }
    // A world in which nothing or everything works tests nothing.
    if count >= COUNT {
        let least = usize::try_from(count / 10).unwrap();
        assert!(sums.iter().all(|sum| *sum > least), "{sums:?}");
    }
}

/// Of a client that tries everything again, the rules do not hold, and what is reported runs it again.
#[test]
fn a_rule_that_is_broken_is_found_and_reported() {
    let mut sums = [0; 3];
    let broken = (0..100).filter_map(|seed| {
        let schedule = Schedule::of(seed);
        let broken = run(&schedule, true, &mut sums).err()?;
        Some((schedule, broken))
    });
    let broken: Vec<_> = broken.collect();
    assert!(broken.len() > 10, "{}", broken.len());
    for (schedule, text) in &broken {
        assert!(
            text.starts_with(&format!("seed {}, call ", schedule.seed)),
            "{text}"
        );
        assert!(text.contains(&format!("{schedule:#?}")), "{text}");
        assert_eq!(
            format!("{schedule:#?}"),
            format!("{:#?}", Schedule::of(schedule.seed)),
            "a seed makes one schedule"
        );
    }
    let of = |rule: &str| broken.iter().any(|(_, text)| text.contains(rule));
    assert!(of("what must not be done twice is done once"));
    assert!(of("only what may be done again is sent again"));
}

/// Runs a schedule, and adds its successes, failures and repetitions to `sums`. A `careless` client
/// takes every error for one that may be tried again.
///
/// # Errors
/// The rule that is broken, with the seed and the schedule.
fn run(schedule: &Schedule, careless: bool, sums: &mut [usize; 3]) -> Result<(), String> {
    let world = World::of(schedule);
    let mut config = Config::builder()
        .region("ap-chongqing")
        .credentials_provider(world.clone())
        .transport(world.clone())
        .environment(world.clone())
        .hosts(Hosts::new().backup(schedule.backup_hosts));
    if schedule.adaptive {
        config = config.adaptive_rate(AdaptiveRate::default());
    }
    if careless {
        config = config.classify(|_: &FailedAttempt<'_>| Verdict::Retry);
    }
    let client = Client::new(&config.build().unwrap());
    let mut memory = Memory::default();
    for (number, plan) in schedule.calls.iter().enumerate() {
        world.begin(&plan.steps);
        let began = world.clock.monotonic();
        let outcome = drive(&world.clock, call(&client, plan));
        let outcome = outcome.ok_or_else(|| report(schedule, number, &world, "a call ends", ""))?;
        let took = world.clock.monotonic().saturating_sub(began);
        let attempts = world.attempts();
        let rules = rules::broken(schedule, plan, took, &attempts, &outcome);
        let rules = rules.and_then(|()| {
            if schedule.backup_hosts {
                memory.broken(plan.operation, &attempts)
            } else {
                Ok(())
            }
        });
        if let Err(rule) = rules {
            let outcome = match outcome {
                Outcome::Whole(_) => "success".to_owned(),
                Outcome::Half(error) => format!("half an answer: {error:?}"),
                Outcome::Failed(error) => format!("{error:?}"),
            };
            return Err(report(
                schedule,
                number,
                &world,
                &rule,
                &format!("{outcome} after {took:?}"),
            ));
        }
        memory.learn(&attempts, &outcome);
        sums[usize::from(!matches!(outcome, Outcome::Whole(_)))] += 1;
        sums[2] += attempts.len().saturating_sub(1);
    }
    Ok(())
}

fn report(schedule: &Schedule, call: usize, world: &World, rule: &str, outcome: &str) -> String {
    format!(
        "seed {}, call {call} (from 0): the rule is broken that {rule:?}\n{outcome}\n{:#?}\n{:#?}",
        schedule.seed,
        schedule,
        world.attempts()
    )
}

async fn call(client: &Client, plan: &Plan) -> Outcome {
    let mut options = CallOptions::new().retry(RetryPolicy::default().attempts(plan.attempts));
    if let Some(total) = plan.total {
        options = options.timeouts(Timeouts::new().total(total));
    }
    let request = Document::new(plan.operation.request);
    let mut answer = Document::new(&RESPONSE);
    let sent = client.execute(
        plan.operation,
        &request,
        body(plan.body),
        &options,
        &mut answer,
    );
    let mut reply = match sent.await {
        Ok(reply) => reply,
        Err(error) => return Outcome::Failed(error),
    };
    while let Some(chunk) = reply.body_mut().chunk().await {
        if let Err(error) = chunk {
            return Outcome::Half(Error::of_body(error));
        }
    }
    Outcome::Whole(reply.attempts())
}

fn body(sort: Sort) -> Body {
    struct Chunks(u64);
    impl futures_core::Stream for Chunks {
        type Item = std::io::Result<bytes::Bytes>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Self::Item>> {
            if self.0 == 0 {
                return Poll::Ready(None);
            }
            self.0 -= 10;
            Poll::Ready(Some(Ok(bytes::Bytes::from_static(b"0123456789"))))
        }
    }
    match sort {
        Sort::None => Body::empty(),
        Sort::Bytes => Body::from("0123456789".repeat(3)),
        Sort::Factory => Body::from_factory(Some(UPLOADED), || Chunks(UPLOADED)),
        Sort::Stream => Body::from_stream(Chunks(UPLOADED), Some(UPLOADED)),
    }
}

/// Runs `future`, and lets time pass whenever there is nothing else to do. `None` if it waits for
/// what never comes.
fn drive<T>(clock: &Manual, future: impl Future<Output = T>) -> Option<T> {
    struct Flag(AtomicBool);
    impl Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        if !flag.0.swap(false, Ordering::SeqCst) {
            clock.advance(clock.next()?);
        }
    }
}
