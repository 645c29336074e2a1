//! The whole of the official metadata, driven through the tables.
//!
//! Each service is imported, checked, lowered and generated. Then each request and response that
//! its documents print goes through the codec, by tables in memory instead of compiled ones, and
//! must come out as it went in. What the documents themselves got wrong is counted by kind;
//! anything else that differs fails the run.

mod compare;
mod compile;
mod report;
mod service;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rayon::iter::{ParallelBridge, ParallelIterator};
use tcloud_codegen::import::tc3::package::Version;

use self::report::Outcome;
use crate::arguments::{Conformance, Family};
use crate::metadata;
use crate::print::say;

/// If no service is done for so long, one hangs.
const PATIENCE: Duration = Duration::from_mins(5);

/// Drives the services of the metadata through the tables.
pub(crate) fn run(arguments: Conformance) -> Result<(), Box<dyn Error>> {
    let Family::Tc3 = arguments.family;
    let started = Instant::now();
    let from = metadata::package(arguments.from)?;
    let named = if arguments.service.is_empty() {
        &arguments.compile
    } else {
        &arguments.service
    };
    let outcomes = outcomes(subjects(&from, named)?, |outcome| {
        say!("{outcome} ({:.1} s)", outcome.took.as_secs_f64());
    })?;
    say!("\n{}", report::summary(&outcomes));
    say!("{:.1} s", started.elapsed().as_secs_f64());
    let failures: usize = outcomes.iter().map(|it| it.failures.len()).sum();
    let broken = compile::run(&from, &arguments.compile)?;
    if failures + broken > 0 {
        return Err(format!("{failures} failures, {broken} crates that do not compile").into());
    }
    Ok(())
}

/// The versions to look at, the most work first, so that no long one is left for the end.
fn subjects(from: &Path, services: &[String]) -> Result<Vec<Version>, Box<dyn Error>> {
    let mut chosen = if services.is_empty() {
        metadata::versions(from)?
    } else {
        let chosen = services.iter().map(|name| metadata::find(from, name));
        chosen.collect::<Result<_, _>>()?
    };
    let size = |version: &Version| fs::metadata(version.folder.join("api.json")).map(|it| it.len());
    chosen.sort_by_cached_key(|version| Reverse(size(version).unwrap_or_default()));
    Ok(chosen)
}

/// What became of each version, by name. `done` is called for each as it ends.
fn outcomes(
    versions: Vec<Version>,
    done: impl Fn(&Outcome),
) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let running = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&running);
    let (sender, ended) = channel();
    // Not joined: one that hangs would hang this program, too.
    thread::spawn(move || {
        let versions = versions.into_iter().par_bridge();
        versions.for_each_with(sender, |sender, version| {
            let lock = || running.lock().unwrap_or_else(PoisonError::into_inner);
            lock().insert(version.to_string());
            let outcome = service::examine(&version);
            lock().remove(&outcome.name);
            // Nobody listens only if this program has given up.
            let _ = sender.send(outcome);
        });
    });
    let mut outcomes: Vec<Outcome> = Vec::new();
    loop {
        match ended.recv_timeout(PATIENCE) {
            Ok(outcome) => {
                done(&outcome);
                outcomes.push(outcome);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let names: Vec<&str> = seen.iter().map(String::as_str).collect();
                return Err(format!("no end of: {}", names.join(", ")).into());
            }
        }
    }
    outcomes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_reported_as_it_was() {
        let from = crate::files::workspace().join("tests/data/tc3");
        let mut outcomes = outcomes(subjects(&from, &[]).unwrap(), |_| ()).unwrap();
        for outcome in &mut outcomes {
            // How much is written of a table is the generator's business.
            outcome.counts.lines = 0;
        }
        let mut lines: Vec<String> = outcomes.iter().map(ToString::to_string).collect();
        lines.push(String::new());
        lines.push(report::summary(&outcomes));
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_cannot_be_imported_is_a_failure() {
        let version = Version {
            service: "nothing".to_owned(),
            date: "2020-01-01".to_owned(),
            folder: crate::files::workspace().join("tests/data/tc3"),
        };
        let [outcome] = outcomes(vec![version], |_| ()).unwrap().try_into().unwrap();
        assert_eq!(outcome.failures.len(), 1);
        assert!(outcome.failures[0].contains("api.json"));
    }
}
