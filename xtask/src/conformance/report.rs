//! What a run found, and how it is reported.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::ops::AddAssign;
use std::time::Duration;

/// What became of one service.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// `NAME@VERSION`.
    pub(super) name: String,
    pub(super) counts: Counts,
    /// What the documents got wrong.
    pub(super) drift: Tallies,
    /// What the codec spells otherwise on purpose.
    pub(super) normalisations: Tallies,
    /// What must not be.
    pub(super) failures: Vec<String>,
    pub(super) took: Duration,
}

/// Numbers that add up over services.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) actions: usize,
    pub(super) structures: usize,
    pub(super) members: usize,
    /// Files and lines of the crate.
    pub(super) files: usize,
    pub(super) lines: usize,
    /// Examples of a request and its response.
    pub(super) examples: usize,
    /// Those of which both came out as they went in.
    pub(super) equal: usize,
    /// Those that depart from their tables, all of it reported and none of it lost.
    pub(super) drifted: usize,
    /// Those of which one of the two is not a message.
    pub(super) unreadable: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.actions += other.actions;
        self.structures += other.structures;
        self.members += other.members;
        self.files += other.files;
        self.lines += other.lines;
        self.examples += other.examples;
        self.equal += other.equal;
        self.drifted += other.drifted;
        self.unreadable += other.unreadable;
    }
}

/// How often each kind of thing was seen, and where first.
#[derive(Debug, Default, Clone)]
pub(super) struct Tallies(BTreeMap<String, Tally>);

#[derive(Debug, Clone)]
struct Tally {
    count: usize,
    first: String,
}

impl Tallies {
    /// Counts one of `kind`; the first is kept as its example.
    pub(super) fn add(&mut self, kind: impl Into<String>, example: impl FnOnce() -> String) {
        let tally = self.0.entry(kind.into()).or_insert_with(|| Tally {
            count: 0,
            first: example(),
        });
        tally.count += 1;
    }

    /// Adds those of a service that comes later in the report.
    fn merge(&mut self, other: &Self) {
        for (kind, tally) in &other.0 {
            match self.0.get_mut(kind) {
                Some(own) => own.count += tally.count,
                None => {
                    self.0.insert(kind.clone(), tally.clone());
                }
            }
        }
    }

    fn sum(&self) -> usize {
        self.0.values().map(|tally| tally.count).sum()
    }

    /// The kinds, the most frequent first.
    fn sorted(&self) -> Vec<(&str, &Tally)> {
        let mut all: Vec<(&str, &Tally)> = self
            .0
            .iter()
            .map(|(kind, it)| (kind.as_str(), it))
            .collect();
        all.sort_by_key(|(kind, tally)| (std::cmp::Reverse(tally.count), *kind));
        all
    }
}

/// The line of a service, without its time.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.counts)?;
        for (kind, tally) in self.drift.sorted() {
            write!(f, "; {} × {kind}", tally.count)?;
        }
        match self.failures.len() {
            0 => Ok(()),
            failures => write!(f, "; {failures} FAILURES"),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            actions,
            structures,
            members,
            files,
            lines,
            examples,
            equal,
            drifted,
            unreadable,
        } = self;
        write!(
            f,
            "{actions} actions, {structures} structures, {members} members in {files} files of \
             {lines} lines; {examples} examples: {equal} equal, {drifted} drifted, {unreadable} \
             unreadable"
        )
    }
}

/// The end of the report: totals, every kind of drift with an example, and what failed.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    let mut counts = Counts::default();
    let mut drift = Tallies::default();
    let mut normalisations = Tallies::default();
    for outcome in outcomes {
        counts += outcome.counts;
        drift.merge(&outcome.drift);
        normalisations.merge(&outcome.normalisations);
    }
    let mut text = format!("{} services: {counts}\n", outcomes.len());
    kinds(
        &mut text,
        "departures of examples from their tables",
        &drift,
    );
    kinds(&mut text, "differences made on purpose", &normalisations);
    let failures = outcomes.iter().flat_map(|outcome| {
        let failures = outcome.failures.iter();
        failures.map(|failure| format!("{}: {failure}", outcome.name))
    });
    let failures: Vec<String> = failures.collect();
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{} failures\n", failures.len());
    for failure in failures {
        let _ = writeln!(text, "  {failure}");
    }
    text
}

fn kinds(text: &mut String, title: &str, tallies: &Tallies) {
    let _ = write!(text, "\n{} {title}\n", tallies.sum());
    for (kind, tally) in tallies.sorted() {
        let _ = writeln!(text, "{:>8} {kind}", tally.count);
        let _ = writeln!(text, "         {}", tally.first);
    }
}
