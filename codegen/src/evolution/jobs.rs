//! The jobs that operations start.

use super::report::Report;
use crate::model::{DescribedBy, Field, Job, Operation};

/// Reports what happened to the job that an operation starts.
pub(super) fn compare(report: &mut Report, old: &Operation, new: &Operation) {
    let module = format!("operation::{}", old.module);
    let item = format!("{module}::{}: Submitted", old.response.name);
    match (&old.job, &new.job) {
        (Some(_), None) => report.removed(
            item,
            "code that asks a reply for its `job_id` no longer builds",
        ),
        (None, Some(_)) => report.added(item, "a reply has the id of the job that was started"),
        (Some(before), Some(after)) if path(before) != path(after) => report.behaves(
            item,
            format!("takes the id of the job from `{}`", path(after)),
            format!("it was at `{}`", path(before)),
        ),
        _ => {}
    }
    let wait = format!("{module}::{}::submit_and_wait", old.builder);
    match (described(old), described(new)) {
        (Some(_), None) => report.removed(wait, "code that calls it no longer builds"),
        (None, Some(to)) => report.added(wait, format!("waits by {}", to.operation)),
        (Some(before), Some(after)) if before.operation != after.operation => report.reshaped(
            wait,
            format!("answers what {} describes", after.operation),
            "code that reads what it answers no longer builds",
        ),
        (Some(before), Some(after)) if before != after => report.behaves(
            wait,
            format!("asks {} in another way", after.operation),
            "another job may be waited for",
        ),
        _ => {}
    }
}

fn described(operation: &Operation) -> Option<&DescribedBy> {
    operation.job.as_ref()?.described_by.as_ref()
}

fn path(job: &Job) -> String {
    let names: Vec<_> = job
        .id
        .iter()
        .map(|field: &Field| field.wire.as_str())
        .collect();
    names.join(".")
}
