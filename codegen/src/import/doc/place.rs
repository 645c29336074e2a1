//! Which file an operation goes to: the one that has it, or a new one.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Operation;
use super::outcome::{Outcome, Settings};
use super::refusal::Refusal;
use super::remark::{Remark, RemarkKind};
use super::{compare, link, merge, structures, unlike, write};
use crate::error::Error;
use crate::import::merge::Merge;
use crate::import::report::Report;
use crate::load::{ServiceSpec, SourceFile, Spec, load};
use crate::names::snake;
use crate::spec::OperationFile;

/// Where operations go.
pub(super) struct Place<'s> {
    pub(super) spec: &'s Spec,
    /// What rows are compared with.
    pub(super) known: &'s Spec,
    pub(super) structures: BTreeMap<&'s str, link::Structures<'s>>,
    /// The rows of all operations, by service.
    pub(super) others: BTreeMap<&'s str, unlike::Others<'s>>,
    /// Structures of this run, by service.
    pub(super) added: BTreeMap<String, BTreeSet<String>>,
    pub(super) settings: &'s Settings,
}

impl Place<'_> {
    /// Puts an operation into the file of its own.
    pub(super) fn put(
        &mut self,
        mut operation: Operation,
        files: &mut BTreeMap<String, String>,
        made: &mut BTreeMap<String, (String, String, String)>,
        document: &str,
    ) -> Result<Outcome, Refusal> {
        let lists = operation
            .request
            .lists()
            .into_iter()
            .chain(operation.response.lists());
        let rows = lists.map(|(_, rows)| rows.len()).sum();
        let known = self.find(self.known, &operation);
        if let Some(others) = self.others.get(operation.service()) {
            let own = known.and_then(|(_, path, _)| {
                let mut sources = self.known.sources.iter();
                sources.position(|source| source.path == path)
            });
            unlike::tell(&mut operation, others, own);
        }
        let comparison =
            known.map(|(service, _, file)| compare::compare(&operation, file, service));
        if let Some((_, _, file)) = known {
            file.operation.value.clone_into(&mut operation.name);
        }
        let outcome = |operation: Operation, path: String, changes| Outcome {
            operation: operation.name,
            path,
            rows,
            comparison,
            remarks: operation.remarks,
            changes,
        };
        if let Some((_, path, _)) = self.find(self.spec, &operation) {
            let path = path.to_owned();
            let changes = self.edition(&operation, &path, files, document)?;
            return Ok(outcome(operation, path, changes));
        }
        let structures = self.structures.get(operation.service.as_str());
        if operation.tc3 {
            let added = self.added.entry(operation.service.clone()).or_default();
            structures::complete(&mut operation, structures, added);
        } else if let Some(structures) = structures {
            link::link(&mut operation, structures);
        }
        let key = format!("{} {}", operation.service, operation.name);
        let route = format!("{} {}", operation.method, operation.path);
        if let Some((other, path, of)) = made.get(&key) {
            if same_route(of, &route)
                && let Some(changes) = self.edition(&operation, path, files, document)?
            {
                return Ok(outcome(operation, path.clone(), Some(changes)));
            }
            let text = format!(
                "{} is made of `{other}` already, of another request; this one was left out: import it alone, with `--name`",
                operation.name
            );
            operation.remarks.push(Remark {
                line: operation.line,
                kind: RemarkKind::Refused,
                item: "operation".to_owned(),
                text,
            });
            return Ok(outcome(operation, String::new(), None));
        }
        let (path, depth) = self.path(&operation);
        if files.contains_key(&path) {
            let problem =
                format!("{path} holds another operation already: give this one a name by `--name`");
            return Err(Refusal::new(document, problem));
        }
        files
            .entry(format!("{}/service.yaml", operation.service))
            .or_insert_with(|| write::service(&operation));
        files.insert(
            path.clone(),
            write::operation(&operation, depth, self.settings.draft),
        );
        made.insert(key, (document.to_owned(), path.clone(), route));
        Ok(outcome(operation, path, None))
    }

    /// Merges an edition of a document into the file `path` as it is by now; `None` if the operation
    /// there is another one.
    fn edition(
        &self,
        operation: &Operation,
        path: &str,
        files: &mut BTreeMap<String, String>,
        document: &str,
    ) -> Result<Option<Report>, Refusal> {
        let refused = |error: Error| Refusal::of_file(document, &error);
        let folder = format!("{}/", operation.service);
        let text = files.get(path).map_or("", String::as_str);
        let untouched = self
            .spec
            .sources
            .iter()
            .any(|source| source.path == path && source.text == text);
        let fresh;
        let current = if untouched {
            self.spec
        } else {
            // Another document of this run has changed the file, so that its places have moved.
            let own = [format!("{folder}service.yaml"), path.to_owned()];
            let sources = own.into_iter().filter_map(|path| {
                let text = files.get(&path)?.clone();
                Some(SourceFile { path, text })
            });
            fresh = spec(sources.collect()).map_err(refused)?;
            &fresh
        };
        let Some((_, _, file)) = self.find(current, operation) else {
            return Ok(None);
        };
        let mut report = Report::new(&operation.service, document);
        let mut merge = Merge {
            texts: files,
            edits: BTreeMap::new(),
            report: &mut report,
        };
        let draft = self.settings.draft;
        merge::merge(&mut merge, path, file, operation, draft).map_err(refused)?;
        for (path, edits) in merge.edits {
            if let Some(text) = files.get_mut(&path) {
                *text = edits.apply(text);
            }
        }
        Ok(Some(report))
    }

    /// The file that has the operation: the one of its route and tag, or of its name.
    fn find<'t>(
        &self,
        spec: &'t Spec,
        operation: &Operation,
    ) -> Option<(&'t ServiceSpec, &'t str, &'t OperationFile)> {
        let service = spec
            .services
            .iter()
            .find(|it| it.service.service == operation.service)?;
        let method = operation.method.as_str();
        let route = format!("{method} {}", operation.path);
        let by_name = || {
            service
                .operations
                .iter()
                .find(|(_, file)| file.operation.value == operation.name)
        };
        let found = if operation.tc3 || self.settings.named {
            by_name()
        } else {
            let same = |file: &OperationFile| {
                same_route(&file.http.value, &route) && fixed_tag(file) == tag(operation)
            };
            let same_method =
                |file: &OperationFile| file.http.value.split(' ').next() == Some(method);
            // Of several with one route, the one that requires most of what the document has.
            let of_route = service
                .operations
                .iter()
                .filter(|(_, file)| same(file))
                .filter_map(|found| Some((asked(&found.1, operation)?, found)))
                .rev()
                .max_by_key(|(asked, _)| *asked);
            of_route
                .map(|(_, found)| found)
                .or_else(|| by_name().filter(|(_, file)| same_method(file)))
        };
        found.map(|(source, file)| {
            let path = spec
                .sources
                .get(*source)
                .map_or("", |file| file.path.as_str());
            (service, path, file)
        })
    }

    /// The path of a new file, and the folders between it and the service's.
    fn path(&self, operation: &Operation) -> (String, usize) {
        let service = &operation.service;
        let name = snake(&operation.name);
        let first = |path: &str| {
            path.trim_start_matches('/')
                .split(['/', '?'])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let own = first(&operation.path);
        let own_service = self
            .spec
            .services
            .iter()
            .find(|it| it.service.service == *service);
        let beside = own_service
            .into_iter()
            .flat_map(|it| &it.operations)
            .filter_map(|(source, file)| {
                let (_, path) = file.http.value.split_once(' ')?;
                let file = self.spec.sources.get(*source)?.path.as_str();
                let folder = file
                    .strip_prefix(&format!("{service}/operations/"))?
                    .split_once('/')?
                    .0;
                (first(path) == own && !own.starts_with('{')).then(|| folder.to_owned())
            });
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for folder in beside {
            *counts.entry(folder).or_default() += 1;
        }
        match counts.into_iter().max_by_key(|(_, count)| *count) {
            Some((folder, _)) => (format!("{service}/operations/{folder}/{name}.yaml"), 2),
            None => (format!("{service}/operations/{name}.yaml"), 1),
        }
    }
}

/// How many parameters an operation requires; `None` if a document does not have them all.
fn asked(file: &OperationFile, operation: &Operation) -> Option<usize> {
    let required = file.request.query.iter().filter(|row| row.value.required);
    let found = |name: &str| operation.request.query.iter().any(|row| row.name == name);
    required
        .map(|row| found(&row.value.name).then_some(1))
        .sum()
}

fn fixed_tag(file: &OperationFile) -> Option<&str> {
    let row = file
        .request
        .rows
        .iter()
        .find(|row| row.value.name == "Tag")?;
    row.value.fixed.as_deref()
}

fn tag(operation: &Operation) -> Option<&str> {
    let row = operation
        .request
        .rows
        .iter()
        .find(|row| row.name == "Tag")?;
    row.fixed.as_deref()
}

/// Whether two routes are the same, whatever the names in their paths are called.
fn same_route(one: &str, other: &str) -> bool {
    let plain = |route: &str| -> String {
        let mut result = String::new();
        let mut inside = false;
        for c in route.chars() {
            match c {
                '{' => inside = true,
                '}' => {
                    inside = false;
                    result.push('*');
                }
                c if !inside => result.push(c),
                _ => {}
            }
        }
        result
    };
    plain(one) == plain(other)
}

/// The spec that files are.
pub(super) fn spec(present: Vec<SourceFile>) -> Result<Spec, Error> {
    load(present).map_err(|found| {
        let file = found.first().map_or("", |it| it.file.as_str());
        let problem = found.first().map_or("", |it| it.message.as_str());
        Error::new(
            file,
            format!("{problem}; `cargo xtask lint` shows the place"),
        )
    })
}
