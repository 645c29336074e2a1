//! The jobs that operations start: their ids are there, and can be looked up.

use super::service::{Names, Operation, Service, key};
use crate::diagnostic::Diagnostic;
use crate::jobs;
use crate::load::nearest;
use crate::spec::{Job, Protocol, Row};
use crate::words::Type;

const CODE: &str = "tcloud::job";

pub(super) fn check(service: &Service<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    if !service.spec.jobs.is_empty() && service.spec.protocol == Protocol::Tc3 {
        found.push(Diagnostic::error(
            service.file,
            key(&service.file.text, &["jobs"]),
            CODE,
            "the rule goes by paths, which operations of API 3.0 do not have",
            "write `job` into the files of the operations",
        ));
    }
    for operation in &service.operations {
        if operation.spec.several_jobs && operation.spec.job.is_some() {
            found.push(operation.error(
                &["several_jobs"],
                CODE,
                "the answer holds several jobs, and `job` names the only one",
                "keep one of the two",
            ));
        }
        let files = service.operations.iter().map(|it| it.spec);
        if let Some(job) = jobs::started(service.spec, files, operation.spec) {
            found.extend(id(operation, known, &job));
            found.extend(described(service, operation, &job));
        }
    }
}

/// The node with the id exists and is a text.
fn id(operation: &Operation<'_>, known: &Names<'_, '_>, job: &Job) -> Option<Diagnostic> {
    let (message, help) = match known.follow(&operation.response, &job.id) {
        Ok(node) if node.kind == Type::Text && !node.list => return None,
        Ok(_) => (
            format!("`{}` is not text", job.id),
            "name the row with the id of the job".to_owned(),
        ),
        Err(missing) => {
            let rows = operation.response.nodes.iter();
            let near = nearest(missing, rows.map(|node| node.site.row().name.as_str()));
            (
                format!("the response has no node `{missing}` with the id of the job"),
                near.map_or_else(
                    || "write the path of a row, with dots and without the root".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ),
            )
        }
    };
    Some(operation.error(&["job", "id"], CODE, message, help))
}

/// The describing operation exists, can be waited for, and requires nothing that is not at hand.
fn described(service: &Service<'_>, operation: &Operation<'_>, job: &Job) -> Option<Diagnostic> {
    let name = job.described_by.as_deref()?;
    let report = |message: String, help: String| {
        Some(operation.error(&["job", "described_by"], CODE, message, help))
    };
    let mut all = service.operations.iter();
    let Some(describing) = all.find(|it| it.spec.operation.value == name) else {
        let names = service.operations.iter();
        let near = nearest(name, names.map(|it| it.spec.operation.value.as_str()));
        return report(
            format!("there is no operation `{name}`"),
            near.map_or_else(
                || "name the operation that describes the job".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ),
        );
    };
    if describing.spec.waiter.is_none() {
        return report(
            format!("`{name}` has no `waiter`"),
            format!("add a `waiter` to `{name}`, or leave `described_by` out"),
        );
    }
    let id = job.id.rsplit('.').next().unwrap_or_default();
    if !rows(service, describing).any(|row| is_text(row) && row.name.eq_ignore_ascii_case(id)) {
        return report(
            format!("`{name}` has no parameter `{id}` for the id of the job"),
            "name the operation that takes the id by the name that the answer gives it".to_owned(),
        );
    }
    let missing = rows(service, describing).find(|needed| {
        let given = |row: &Row| is_text(row) && row.name.eq_ignore_ascii_case(&needed.name);
        needed.required
            && needed.fixed.is_none()
            && !needed.name.eq_ignore_ascii_case(id)
            && !(is_text(needed) && rows(service, operation).any(given))
    })?;
    report(
        format!(
            "`{name}` requires `{}`, which this request does not have",
            missing.name
        ),
        "leave `described_by` out: the job cannot be waited for by its id alone".to_owned(),
    )
}

/// The rows that a caller gives directly: labels, segments, parameters, headers, and what is at the
/// top of the body.
fn rows<'s>(
    service: &'s Service<'_>,
    operation: &'s Operation<'_>,
) -> impl Iterator<Item = &'s Row> {
    let request = &operation.spec.request;
    let labels = service.spec.host_labels.iter().filter(|label| {
        let label = format!("{{{}}}", label.value.name);
        operation.spec.host.contains(&label)
    });
    let flat = labels
        .chain(&request.path)
        .chain(&request.query)
        .chain(&request.headers);
    let top = operation.request.top();
    flat.map(|row| &row.value)
        .chain(top.nodes().map(|node| node.site.row()))
}

fn is_text(row: &Row) -> bool {
    row.typed() == (Type::Text, false) && row.fixed.is_none() && row.values.is_none()
}
