//! From imported tables to a client that works: lint, generate, run the samples.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use serde_json::Value;
use tcloud_codegen::check::check;
use tcloud_codegen::descriptor::{self, Messages};
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::import::doc::Import;
use tcloud_codegen::load::{ServiceSpec, Spec, load};
use tcloud_codegen::lower::lower;
use tcloud_codegen::spec::{OperationFile, Protocol};
use tcloud_core::codec::{Document, Drift, json, xml};
use tcloud_core::schema::Structure;

use crate::print::say;
use crate::{files, lint, regenerate};

/// Lints, generates and runs the samples of what was imported into the folder `target`, and prints
/// what is still missing.
pub(super) fn run(target: &Path, import: &Import) -> Result<(), Box<dyn Error>> {
    let paths: Vec<&str> = import
        .documents
        .iter()
        .filter_map(|it| it.outcome.as_ref().ok())
        .flatten()
        .map(|it| it.path.as_str())
        .collect();
    let sources = files::read(target, "yaml")?;
    let sources = sources
        .into_iter()
        .map(|(path, text)| tcloud_codegen::load::SourceFile { path, text });
    let spec = load(sources.collect()).map_err(|found| lint::refused(&found))?;
    let found: Vec<Diagnostic> = check(&spec)
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect();
    let (own, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|it| paths.contains(&it.file.as_str()) || it.file.ends_with("/service.yaml"));
    let places = missing(&own);
    if !others.is_empty() {
        return Err(lint::refused(&others).into());
    }
    if !own.is_empty() {
        return Err(format!(
            "{places} places are to be completed before a client can be generated"
        )
        .into());
    }
    say!("lint: no errors");
    let mut ran = 0;
    for service in &spec.services {
        ran += samples(&spec, service, &paths)?;
    }
    say!("samples: {ran} decoded and encoded to the same");
    if target == files::workspace().join("api-spec") {
        regenerate::run(&regenerate::Arguments { check: false })?;
        say!("generated: the client has the operation now");
    } else {
        say!("the tables are not those of the workspace: nothing was written of the client");
    }
    Ok(())
}

/// The code of what an import has left to a person.
const OPEN: &str = "tcloud::to_be_completed";

/// Prints what a person has to complete, rows without a description in one line, and says how many places
/// there are.
fn missing(found: &[Diagnostic]) -> usize {
    let mut without: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut rest: Vec<&Diagnostic> = Vec::new();
    for diagnostic in found {
        if diagnostic.code == "tcloud::missing_doc" {
            without
                .entry(&diagnostic.file)
                .or_default()
                .push(diagnostic.line);
        } else {
            rest.push(diagnostic);
        }
    }
    let rows: usize = without.values().map(Vec::len).sum();
    for (file, lines) in without {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        say!(
            "{file}: rows want a `doc`, lines {}; `--draft-doc` makes neutral ones",
            lines.join(", ")
        );
    }
    // What is not decided may be wrong in other ways until it is.
    let open: BTreeSet<(&str, usize)> = rest
        .iter()
        .filter(|it| it.code == OPEN)
        .map(|it| (it.file.as_str(), it.line))
        .collect();
    rest.retain(|it| it.code == OPEN || !open.contains(&(it.file.as_str(), it.line)));
    for diagnostic in &rest {
        let Diagnostic {
            file, line, help, ..
        } = diagnostic;
        say!("{file}:{line}: {diagnostic}: {help}");
    }
    rows + rest.len()
}

/// Runs the samples of the files `paths`, and says how many bodies there were.
fn samples(spec: &Spec, service: &ServiceSpec, paths: &[&str]) -> Result<usize, Box<dyn Error>> {
    let model = lower(&spec.sources, service)?;
    let tables = descriptor::messages(&model)?;
    let mut ran = 0;
    for (source, file) in &service.operations {
        let path = spec
            .sources
            .get(*source)
            .map_or("", |file| file.path.as_str());
        if let Some(messages) = tables
            .get(file.operation.value.as_str())
            .filter(|_| paths.contains(&path))
        {
            ran += operation(service.service.protocol, file, messages)?;
        }
    }
    Ok(ran)
}

fn operation(
    protocol: Protocol,
    file: &OperationFile,
    tables: &Messages,
) -> Result<usize, Box<dyn Error>> {
    let mut ran = 0;
    for sample in &file.samples {
        let sample = &sample.value;
        for (side, text, table, root) in [
            (
                "Request",
                &sample.request,
                tables.request,
                &file.request.root,
            ),
            (
                "Response",
                &sample.response,
                tables.response,
                &file.response.root,
            ),
        ] {
            let Some(text) = text else { continue };
            ran += 1;
            let xml_root = root.as_deref().filter(|_| protocol != Protocol::Tc3);
            let drift = body(text, table, xml_root, side).map_err(|problem| {
                format!(
                    "{} of sample `{}`, {}: {problem}",
                    side, sample.name, file.operation.value
                )
            })?;
            let told = drift.iter().find(|it| {
                let path: String = it
                    .path
                    .split('[')
                    .map(|part| part.split_once(']').map_or(part, |(_, rest)| rest))
                    .collect();
                let with_side = format!("{side}.{path}");
                !sample.drift.contains_key(&path) && !sample.drift.contains_key(&with_side)
            });
            if let Some(drift) = told {
                return Err(format!(
                    "{side} of sample `{}`, {}: {drift}",
                    sample.name, file.operation.value
                )
                .into());
            }
        }
    }
    Ok(ran)
}

/// Decodes a body and encodes it again; what is lost on the way is an error.
fn body(
    text: &str,
    table: &'static Structure,
    root: Option<&str>,
    side: &str,
) -> Result<Vec<Drift>, Box<dyn Error>> {
    let mut document = Document::new(table);
    let mut again = Document::new(table);
    if let Some(root) = root {
        let drift = xml::decode(text.trim(), root, &mut document)?;
        xml::decode(&xml::encode(root, &document)?, root, &mut again)?;
        return same(&document, &again).map(|()| drift);
    }
    let whole: Value = serde_json::from_str(text)?;
    let inner = match whole.get("Response").filter(|_| side == "Response") {
        Some(inner) => inner.to_string(),
        None => whole.to_string(),
    };
    let drift = json::decode(&inner, "", &mut document)?;
    json::decode(
        &json::encode(&document, json::Style::Typed)?,
        "",
        &mut again,
    )?;
    same(&document, &again).map(|()| drift)
}

fn same(one: &Document, other: &Document) -> Result<(), Box<dyn Error>> {
    if one == other {
        return Ok(());
    }
    Err("it says something else once encoded".into())
}
