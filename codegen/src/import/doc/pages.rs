//! Pages of structures into files of their services.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Operation, Structure};
use super::outcome::{Outcome, Settings};
use super::reading::Reading;
use super::refusal::Refusal;
use super::remark::{Remark, RemarkKind};
use super::structures::named;
use super::write;
use crate::import::edit;
use crate::load::{ServiceSpec, Spec};
use crate::words::Type;

/// Bytes of a file from which on structures go to the next one.
const FULL: usize = 40_000;

/// Puts the structures of pages into files of their services, as far as these do not have them: those
/// that operations need, or all if no operation is there. Returns what became of each page.
pub(super) fn put(
    readings: &[Reading],
    spec: &Spec,
    settings: &Settings,
    files: &mut BTreeMap<String, String>,
    added: &mut BTreeMap<String, BTreeSet<String>>,
) -> BTreeMap<String, Result<Vec<Outcome>, Refusal>> {
    let operations = || {
        readings
            .iter()
            .filter_map(|reading| reading.operations.as_ref().ok())
            .flatten()
            .filter(|operation| operation.tc3)
    };
    let services: BTreeSet<&str> = operations().map(Operation::service).collect();
    let mut outcomes = BTreeMap::new();
    for reading in readings.iter().filter(|it| !it.structures.is_empty()) {
        // The one that the other pages are of, if nothing else is said.
        let only = services.first().copied().filter(|_| services.len() == 1);
        let Some(service) = reading.service.as_deref().or(only) else {
            let names: Vec<&str> = reading
                .structures
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            let problem = format!(
                "this page is one of data structures, {}: say of which service by `--service`, or \
                 import it together with the pages of the actions",
                names.join(", ")
            );
            outcomes.insert(
                reading.name.clone(),
                Err(Refusal::new(&reading.name, problem)),
            );
            continue;
        };
        let present = spec
            .services
            .iter()
            .find(|it| it.service.service == service);
        let needed = needed(
            operations().filter(|operation| operation.service() == service),
            present,
            &reading.structures,
        );
        let own = added.entry(service.to_owned()).or_default();
        outcomes.insert(
            reading.name.clone(),
            Ok(vec![page_of(
                reading, service, present, &needed, settings, files, own,
            )]),
        );
    }
    outcomes
}

fn page_of(
    reading: &Reading,
    service: &str,
    present: Option<&ServiceSpec>,
    needed: &BTreeSet<String>,
    settings: &Settings,
    files: &mut BTreeMap<String, String>,
    added: &mut BTreeSet<String>,
) -> Outcome {
    let known: BTreeSet<&str> = present
        .into_iter()
        .flat_map(|it| it.structures().map(|(_, it)| it.value.name.as_str()))
        .collect();
    let mut outcome = Outcome {
        operation: String::new(),
        path: String::new(),
        rows: 0,
        comparison: None,
        remarks: Vec::new(),
        changes: None,
    };
    let mut written = 0;
    for structure in &reading.structures {
        let left_out = if known.contains(structure.name.as_str()) {
            "the service has it already; `cargo xtask import tc3` brings it up to date"
        } else if added.contains(&structure.name) {
            "another page has it already"
        } else if !needed.is_empty() && !needed.contains(&structure.name) {
            "no operation needs it"
        } else {
            ""
        };
        if !left_out.is_empty() {
            outcome.remarks.push(Remark {
                line: structure.line,
                kind: RemarkKind::Note,
                item: structure.name.clone(),
                text: format!("{left_out}; it was left out"),
            });
            continue;
        }
        let mut path = format!("{service}/structures/data_types.yaml");
        let mut number = 1;
        while files.get(&path).is_some_and(|text| text.len() >= FULL) {
            number += 1;
            path = format!("{service}/structures/data_types_{number}.yaml");
        }
        let text = files.remove(&path).unwrap_or_default();
        let entry = write::structure(structure, settings.draft);
        files.insert(
            path.clone(),
            edit::add_structure(text, write::STRUCTURES, &entry),
        );
        outcome.path = path;
        outcome.rows += structure.rows.len();
        outcome.remarks.extend(structure.remarks.iter().cloned());
        added.insert(structure.name.clone());
        written += 1;
    }
    outcome.operation = format!("{written} structures");
    outcome.remarks.sort_by_key(|one| (one.line, one.kind));
    outcome
}

/// The structures of a page that operations need, with those within these.
fn needed<'o>(
    operations: impl Iterator<Item = &'o Operation>,
    present: Option<&ServiceSpec>,
    page: &[Structure],
) -> BTreeSet<String> {
    let mut open: Vec<String> = Vec::new();
    for operation in operations {
        for message in [&operation.request, &operation.response] {
            open.extend(message.rows.iter().filter_map(named));
        }
    }
    if let Some(service) = present {
        let rows = service
            .operations
            .iter()
            .flat_map(|(_, file)| file.request.rows.iter().chain(&file.response.rows))
            .chain(service.structures().flat_map(|(_, it)| &it.value.rows));
        open.extend(rows.filter_map(|row| match row.value.kind.read().0 {
            Type::Named(name) => Some(name.to_owned()),
            _ => None,
        }));
    }
    let mut needed = BTreeSet::new();
    while let Some(name) = open.pop() {
        if needed.insert(name.clone())
            && let Some(structure) = page.iter().find(|it| it.name == name)
        {
            open.extend(structure.rows.iter().filter_map(named));
        }
    }
    needed
}

/// Writes the head of a service that has structures and no operation.
pub(super) fn service(name: &str, files: &mut BTreeMap<String, String>) {
    let path = format!("{name}/service.yaml");
    let within = format!("{name}/");
    if !files.contains_key(&path) && files.keys().any(|path| path.starts_with(&within)) {
        let head = Operation {
            service: name.to_owned(),
            tc3: true,
            ..Operation::default()
        };
        files.insert(path, write::service(&head));
    }
}
