//! A mocked service of the official metadata.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tcloud_codegen::descriptor::catalog;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::import::tc3::examples::{self, Example};
use tcloud_codegen::import::tc3::{Metadata, import, package};
use tcloud_codegen::load::load;
use tcloud_codegen::lower::lower;
use tcloud_core::codec::{Document, DriftKind, json};
use tcloud_core::operation::{Catalog, Operation};

use super::MockService;
use crate::LocalError;

impl MockService {
    /// The service `wanted`, a `NAME`, of which the newest version counts, or `NAME@VERSION`, of the
    /// PyPI package `tccli`, which is unpacked in `from`.
    ///
    /// Its tables stay in memory until the program ends.
    ///
    /// # Errors
    ///
    /// [`LocalError::Mock`]: there is no such service, or its metadata cannot be read.
    pub fn from_package(from: &Path, wanted: &str) -> Result<Self, LocalError> {
        let read = || -> Result<Self, Box<dyn Error>> {
            let version = package::find(from, wanted)?;
            Ok(Self::parse(
                &version.read("api.json")?,
                &version.read("examples.json")?,
            )?)
        };
        read().map_err(|error| LocalError::Mock(format!("{wanted}: {error}")))
    }

    /// The service that `metadata`, an `api.json` of the package, describes, with the `examples` of its
    /// documents, an `examples.json`.
    ///
    /// # Errors
    ///
    /// [`LocalError::Mock`]: the texts are none.
    pub fn parse(metadata: &str, examples: &str) -> Result<Self, LocalError> {
        let read = || -> Result<Self, Box<dyn Error>> {
            let catalog = tables(metadata)?;
            Ok(Self {
                examples: Arc::new(answers(catalog, examples::read(examples)?)),
                catalog,
                seed: 0,
            })
        };
        read().map_err(|error| LocalError::Mock(error.to_string()))
    }
}

fn tables(metadata: &str) -> Result<&'static Catalog, Box<dyn Error>> {
    // Only their words: the files that they name are not on any disk.
    let problem = |error: tcloud_codegen::Error| error.problem;
    let metadata = Metadata::parse(metadata).map_err(problem)?;
    let import = import(&metadata, Vec::new()).map_err(problem)?;
    let spec = load(import.files).map_err(|found| {
        let found: Vec<String> = found.iter().map(Diagnostic::render).collect();
        found.join("\n")
    })?;
    let [service] = spec.services.as_slice() else {
        return Err("the metadata is not of one service".into());
    };
    let model = lower(&spec.sources, service).map_err(problem)?;
    Ok(catalog(&model).map_err(problem)?)
}

/// For each action the first example that keeps to the table, or else one that can be read.
fn answers(catalog: &Catalog, examples: BTreeMap<String, Vec<Example>>) -> BTreeMap<String, Value> {
    let answers = examples.into_iter().filter_map(|(action, examples)| {
        let operation = catalog.operation(&action)?;
        let read = examples.iter().filter_map(|it| answer(operation, it));
        let best = read.min_by_key(|(departures, _)| *departures)?;
        Some((action, best.1))
    });
    answers.collect()
}

/// The answer of an example, and in how many places it departs from its table. What is the refusal of
/// a request is no answer.
fn answer(operation: &Operation, example: &Example) -> Option<(usize, Value)> {
    let message = example.response().ok()?;
    if message.body.member("Error").is_some() {
        return None;
    }
    let drift = json::decode(
        &message.body.to_string(),
        "",
        &mut Document::new(operation.response),
    )
    .ok()?;
    // An id of a request is in every answer, whatever the document shows.
    let departs = |kind: &DriftKind| !matches!(kind, DriftKind::Missing);
    let departures = drift.iter().filter(|it| departs(&it.kind)).count();
    Some((departures, serde_json::to_value(&message.body).ok()?))
}
