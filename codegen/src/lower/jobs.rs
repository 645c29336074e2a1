//! The jobs that operations start, each joined to the operation that describes it.

use super::key::{Key, Side};
use super::operations::{Fields, find, node};
use super::tables::Tables;
use crate::error::Error;
use crate::jobs;
use crate::load::ServiceSpec;
use crate::model::{DescribedBy, Field, Job, Kind, Operation};
use crate::spec::OperationFile;

/// Gives each of `operations`, which are those of `spec` in its order, the job that it starts.
pub(super) fn join(
    spec: &ServiceSpec,
    all: &Tables<'_>,
    fields: &Fields,
    operations: &mut [Operation],
) -> Result<(), Error> {
    for (_, file) in &spec.operations {
        let files = spec.operations.iter().map(|(_, file)| file);
        let Some(started) = jobs::started(&spec.service, files, file) else {
            continue;
        };
        let named = |name: &str| operations.iter().position(|it| it.name == name);
        let Some(starting) = named(&file.operation.value) else {
            continue;
        };
        let problem = |text: String| {
            let source = operations.get(starting).map_or("", |it| it.source.as_str());
            Error::new(source, text)
        };
        let id = path(file, &started.id, all, fields);
        let id = id
            .ok_or_else(|| problem(format!("`{}` is not a text node of the answer", started.id)))?;
        let described_by = match &started.described_by {
            None => None,
            Some(name) => {
                let both = named(name).and_then(|at| operations.get(at));
                let both = both.zip(operations.get(starting));
                let described = both.and_then(|(to, from)| described_by(to, from, &id));
                let described = described.ok_or_else(|| {
                    problem(format!(
                        "`{name}` cannot describe the job of this operation"
                    ))
                })?;
                Some(described)
            }
        };
        if let Some(operation) = operations.get_mut(starting) {
            operation.job = Some(Job { id, described_by });
        }
    }
    Ok(())
}

/// The fields from the response to the text at `path`.
fn path(file: &OperationFile, path: &str, all: &Tables<'_>, fields: &Fields) -> Option<Vec<Field>> {
    let mut key = Some(Key::message(&file.operation.value, Side::Response));
    let mut found = Vec::new();
    for name in node(&file.response, path).split('.') {
        let (placed, field) = find(key.as_ref()?, name, all, fields)?;
        key.clone_from(&placed.target);
        found.push(field.clone());
    }
    found.last().filter(|last| is_text(last))?;
    Some(found)
}

/// How `describing` is asked for the job whose id `starting` answers at `id`.
fn described_by(describing: &Operation, starting: &Operation, id: &[Field]) -> Option<DescribedBy> {
    let waiter = describing.waiter.as_ref()?;
    let id = named(describing, &id.last()?.wire)?;
    let mut copied = Vec::new();
    for to in describing.request.required_fields() {
        if to.position != id.position {
            let from = named(starting, &to.wire).filter(|_| is_text(to))?;
            copied.push((to.name.clone(), from.name.clone()));
        }
    }
    Some(DescribedBy {
        operation: describing.name.clone(),
        module: describing.module.clone(),
        request: describing.request.name.clone(),
        id: id.name.clone(),
        copied,
        interval: waiter.interval,
        timeout: waiter.timeout,
    })
}

/// The text of the request with this name, in whatever case it is written.
fn named<'o>(operation: &'o Operation, wire: &str) -> Option<&'o Field> {
    let mut fields = operation.request.own_fields();
    fields.find(|field| is_text(field) && field.wire.eq_ignore_ascii_case(wire))
}

fn is_text(field: &Field) -> bool {
    field.kind == Kind::Text && !field.list
}
