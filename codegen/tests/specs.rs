//! The specs of the repository are free of errors.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tcloud_codegen::check::check;
use tcloud_codegen::coverage::coverage;
use tcloud_codegen::load::{SourceFile, load};
use tcloud_codegen::schema::schemas;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../api-spec")
}

/// Adds the YAML files below `folder`, whose path in the specs is `prefix`.
fn collect(folder: &Path, prefix: &str, found: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), found)?;
        } else if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(SourceFile {
                path,
                text: fs::read_to_string(entry.path())?,
            });
        }
    }
    Ok(())
}

#[test]
fn every_spec_loads_and_checks_without_errors() {
    let mut found = Vec::new();
    collect(&root(), "", &mut found).unwrap();
    assert!(!found.is_empty());
    let findings = match load(found) {
        Ok(spec) => check(&spec),
        Err(problems) => problems,
    };
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .collect();
    let report: String = errors.iter().map(|error| error.render()).collect();
    assert!(errors.is_empty(), "{} errors\n{report}", errors.len());
}

#[test]
fn the_schemas_in_the_repository_are_those_of_the_types() {
    for (path, text) in schemas() {
        let kept = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(
            kept == text,
            "{path} is out of date: run `cargo xtask regenerate`"
        );
    }
}

/// Read it when it changes: a list that no rule finds has no paginator, and one that a wrong rule
/// finds asks for wrong pages.
#[test]
fn these_lists_go_on() {
    let mut found = Vec::new();
    collect(&root(), "", &mut found).unwrap();
    let services = coverage(&load(found).unwrap()).unwrap();
    let mut lists = String::new();
    for service in &services {
        for (operation, paging) in &service.paged {
            let by = match (&paging.output, paging.by_items) {
                (Some(output), _) => output.as_str(),
                (None, true) => "items",
                (None, false) => "pages",
            };
            let total = paging.total.as_deref().unwrap_or("-");
            let (service, input, items) = (&service.service, &paging.input, &paging.items.wire);
            writeln!(
                lists,
                "{service} {operation}: {input} by {by}, total {total}, items {items}"
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(lists);
}
