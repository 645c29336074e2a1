//! One service, from its metadata to its last example.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tcloud_codegen::check::check;
use tcloud_codegen::descriptor::{self, Messages};
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::emit::emit;
use tcloud_codegen::import::tc3::examples::{self, Example, Fault, Message};
use tcloud_codegen::import::tc3::json::Json;
use tcloud_codegen::import::tc3::package::Version;
use tcloud_codegen::import::tc3::{Metadata, import};
use tcloud_codegen::load::{Spec, load};
use tcloud_codegen::lower::lower;
use tcloud_codegen::model;
use tcloud_core::codec::{Document, Drift, DriftKind, json};
use tcloud_core::schema::Structure;

use super::compare::{Normalisation, compare};
use super::report::Outcome;

/// Does everything to the service that can be done without compiling it. What it cannot continue
/// after is among the failures, a panic included.
pub(super) fn examine(version: &Version) -> Outcome {
    let started = Instant::now();
    let mut outcome = Outcome {
        name: version.to_string(),
        ..Outcome::default()
    };
    let ended = catch_unwind(AssertUnwindSafe(|| pass(version, &mut outcome)));
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => outcome.failures.push(error.to_string()),
        Err(panic) => outcome
            .failures
            .push(format!("panicked: {}", said(&*panic))),
    }
    outcome.took = started.elapsed();
    outcome
}

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "no word",
    }
}

fn pass(version: &Version, outcome: &mut Outcome) -> Result<(), Box<dyn Error>> {
    let model = model(version, &mut outcome.failures)?;
    count(&model, outcome);
    for file in emit(&model)? {
        outcome.counts.files += 1;
        outcome.counts.lines += file.text.lines().count();
    }
    let tables = descriptor::messages(&model)?;
    for (action, examples) in examples::read(&version.read("examples.json")?)? {
        let Some(messages) = tables.get(action.as_str()) else {
            let failure = format!("there are examples of {action}, but no such operation");
            outcome.failures.push(failure);
            continue;
        };
        for example in examples {
            Attempt::new(&action, outcome).example(&example, messages);
        }
    }
    Ok(())
}

/// The metadata through import, lint and lowering.
pub(super) fn model(
    version: &Version,
    failures: &mut Vec<String>,
) -> Result<model::Service, Box<dyn Error>> {
    let metadata = Metadata::parse(&version.read("api.json")?)?;
    let import = import(&metadata, Vec::new())?;
    let spec = load(import.files).map_err(|found| {
        let found: Vec<String> = found.iter().map(Diagnostic::render).collect();
        found.join("\n")
    })?;
    lint(&spec, failures);
    let [service] = spec.services.as_slice() else {
        return Err(format!("{} services became of one", spec.services.len()).into());
    };
    Ok(lower(&spec.sources, service)?)
}

fn lint(spec: &Spec, failures: &mut Vec<String>) {
    for found in check(spec).iter().filter(|found| found.is_error()) {
        failures.push(format!("{}:{}: {found}", found.file, found.line));
    }
}

fn count(model: &model::Service, outcome: &mut Outcome) {
    let shared = model
        .families
        .values()
        .flat_map(|family| &family.structures);
    let own = model.operations.iter().flat_map(|operation| {
        [&operation.request, &operation.response]
            .into_iter()
            .chain(&operation.structures)
    });
    for structure in shared.chain(own) {
        outcome.counts.structures += 1;
        outcome.counts.members += structure.fields.len();
    }
    outcome.counts.actions += model.operations.len();
}

/// An example on its way through the codec.
struct Attempt<'a> {
    action: &'a str,
    outcome: &'a mut Outcome,
    drifted: bool,
    unreadable: bool,
    lost: bool,
}

impl<'a> Attempt<'a> {
    fn new(action: &'a str, outcome: &'a mut Outcome) -> Self {
        Self {
            action,
            outcome,
            drifted: false,
            unreadable: false,
            lost: false,
        }
    }

    fn example(mut self, example: &Example, tables: &Messages) {
        match example.request(self.action) {
            Ok(message) => self.message("Request", &message, tables.request),
            Err(fault) => self.unreadable(&fault),
        }
        match example.response() {
            Ok(message) => self.message("Response", &message, tables.response),
            Err(fault) => self.unreadable(&fault),
        }
        let counts = &mut self.outcome.counts;
        counts.examples += 1;
        match (self.lost, self.unreadable, self.drifted) {
            // It is among the failures.
            (true, _, _) => {}
            (false, true, _) => counts.unreadable += 1,
            (false, false, true) => counts.drifted += 1,
            (false, false, false) => counts.equal += 1,
        }
    }

    fn unreadable(&mut self, fault: &Fault) {
        self.unreadable = true;
        self.drift(fault.kind, &fault.found);
    }

    fn drift(&mut self, kind: &str, found: &str) {
        self.drifted = true;
        let (name, action) = (&self.outcome.name, self.action);
        let example = || format!("{name} {action}: {found}");
        self.outcome.drift.add(kind, example);
    }

    fn lose(&mut self, root: &str, what: &str) {
        self.lost = true;
        let failure = format!("{}: {root}: {what}", self.action);
        self.outcome.failures.push(failure);
    }

    /// Decodes the message, encodes it again, and compares.
    fn message(&mut self, root: &'static str, message: &Message, table: &'static Structure) {
        for fault in &message.faults {
            self.drift(fault.kind, &fault.found);
        }
        let mut document = Document::new(table);
        let drift = match json::decode(&message.body.to_string(), root, &mut document) {
            Ok(drift) => drift,
            Err(error) => return self.lose(root, &format!("not decoded: {error}")),
        };
        let again: Json = match encoded(&document) {
            Ok(again) => again,
            Err(error) => return self.lose(root, &format!("not encoded: {error}")),
        };
        let found = compare(&message.body, &again, root, &drift);
        for loss in &found.losses {
            self.lose(root, loss);
        }
        let mut typed = BTreeSet::new();
        for (normalisation, path) in &found.normalisations {
            if *normalisation == Normalisation::Typed {
                // Elsewhere it is drift, and reported as such.
                if !message.only_texts {
                    continue;
                }
                typed.insert(path.as_str());
            }
            let (name, action) = (&self.outcome.name, self.action);
            let example = || format!("{name} {action}: {path}");
            let kind = normalisation.to_string();
            self.outcome.normalisations.add(kind, example);
        }
        let refused = table.position("Error").is_none() && message.body.member("Error").is_some();
        if refused && root == "Response" {
            self.drift("an error instead of an answer", root);
        } else {
            let told = drift.iter().filter(|it| !typed.contains(it.path.as_str()));
            self.departures(told);
        }
    }

    /// Counts a departure once, however many items of a list show it.
    fn departures<'d>(&mut self, drift: impl Iterator<Item = &'d Drift>) {
        let mut kinds = BTreeMap::new();
        for departure in drift {
            let kind = kind_of(departure);
            kinds
                .entry((kind, without_indices(&departure.path)))
                .or_insert(departure);
        }
        for ((kind, _), departure) in kinds {
            self.drift(&kind, &departure.to_string());
        }
    }
}

fn encoded(document: &Document) -> Result<Json, Box<dyn Error>> {
    let text = json::encode(document, json::Style::Typed)?;
    Ok(serde_json::from_str(&text)?)
}

/// The kind of a departure, in words.
fn kind_of(drift: &Drift) -> String {
    match &drift.kind {
        DriftKind::Unknown => "a member that no table knows".to_owned(),
        DriftKind::Type { expected, found } => format!("{found} instead of {expected}"),
        DriftKind::Value { .. } => "an undocumented word, or a time that is none".to_owned(),
        DriftKind::Fixed { .. } => "another text than the fixed one".to_owned(),
        DriftKind::Repeated => "a member that came twice".to_owned(),
        DriftKind::Missing => "a required member that is missing".to_owned(),
        other => format!("{other:?}"),
    }
}

fn without_indices(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|c| {
            let shown = !inside && *c != '[';
            inside = !shown && *c != ']';
            shown
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_list_have_one_path() {
        assert_eq!(without_indices("R.A[10].B[2][3].C"), "R.A.B.C");
    }
}
