//! What changes for the users of the generated crates from one state of the spec to the next.
//!
//! Two models are compared, so names are those that users write, and a spec that says the same in
//! another way shows no change. Both have to be lowered by the same generator: what a new generator
//! writes differently is not seen here.
//!
//! | level | means | such as |
//! | --- | --- | --- |
//! | [breaking](Level::Breaking) | code that uses the item no longer builds, or builds and means something else | anything removed or renamed, the type of a field, what a constructor asks for |
//! | [behaviour](Level::Behaviour) | code builds as before; what is sent, retried, refused or shown differs | a name on the wire, a path, a limit, a secret |
//! | [deprecated](Level::Deprecated) | the service wants it to be used no longer | a row |
//! | [added](Level::Added) | there is more to use | an operation, a type, a field, a word |
//!
//! Structures and enumerations are `#[non_exhaustive]`, and whatever a table does not know survives
//! as unknown: that is why additions break nothing.
//! Descriptions, error codes and samples are documentation; they are counted and not listed.

mod change;
mod fields;
mod jobs;
mod operations;
mod pairs;
mod render;
mod report;
mod rust;
mod type_changes;
mod types;

pub use self::change::{Change, Evolution, Level, What};
use self::pairs::joined;
use self::report::Report;
use self::types::Types;
use crate::model::Service;

/// Compares the services of two states of the spec.
pub fn compare(before: &[Service], after: &[Service]) -> Evolution {
    let mut evolution = Evolution::default();
    for (before, after) in joined(before, after, |service| &service.name) {
        let Some(service) = after.or(before) else {
            continue;
        };
        let mut report = Report::default();
        match (before, after) {
            (Some(before), Some(after)) => compare_service(&mut report, before, after),
            (Some(_), None) => report.removed("", "nothing that uses the crate builds"),
            (None, _) => report.added("", &service.title),
        }
        evolution
            .changes
            .extend(report.changes.into_iter().map(|it| Change {
                service: service.name.clone(),
                ..it
            }));
        if report.documentation > 0 {
            evolution
                .documentation
                .insert(service.name.clone(), report.documentation);
        }
    }
    evolution
}

fn compare_service(report: &mut Report, before: &Service, after: &Service) {
    report.item(
        |report| {
            if before.version != after.version {
                let what = format!(
                    "asks for version `{}` of the API, asked for `{}`",
                    after.version, before.version
                );
                report.behaves("SERVICE", what, "every request says so");
            }
            if before.protocol != after.protocol {
                let what = format!(
                    "is of the protocol {}, was of {}",
                    after.protocol, before.protocol
                );
                report.behaves("SERVICE", what, "every request is signed differently");
            }
        },
        [&before.title, &before.doc, &before.document]
            != [&after.title, &after.doc, &after.document],
    );
    let types = Types::of(before, after);
    operations::compare(report, before, after, &types);
    type_changes::compare(report, &types);
}
