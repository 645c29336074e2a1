//! Answers that are streams of events: those of API 3.0, whose named rows exist, and messages in a
//! raw answer of Object Storage.

use super::service::{Names, Operation, Service};
use crate::diagnostic::Diagnostic;
use crate::load::nearest;
use crate::spec::{Body, Events, Protocol};
use crate::words::Type;

const CODE: &str = "tcloud::events";

pub(super) fn check(service: &Service<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    for operation in &service.operations {
        let Some(events) = &operation.spec.events else {
            continue;
        };
        found.extend(messages(service, operation, events));
        found.extend(asked_by(operation, events));
        found.extend(error(operation, known, events));
    }
}

/// Messages are a raw answer of Object Storage, and nothing asks for them; all other streams are of
/// API 3.0.
fn messages(
    service: &Service<'_>,
    operation: &Operation<'_>,
    events: &Events,
) -> Option<Diagnostic> {
    let (is_right, message, help) = if events.messages {
        let is_raw = operation.spec.response.body == Some(Body::Raw);
        let is_alone = events.asked_by.is_none() && events.error.is_none();
        (
            service.spec.protocol == Protocol::Cos && is_raw && is_alone,
            "only a raw answer of Object Storage is a stream of messages, and has no other key",
            "write `body: raw` for the response, and nothing but `messages`",
        )
    } else {
        (
            service.spec.protocol == Protocol::Tc3,
            "only answers of API 3.0 are streams of events",
            "remove the key, or write `messages: true`",
        )
    };
    (!is_right).then(|| operation.error(&["events"], CODE, message, help))
}

fn asked_by(operation: &Operation<'_>, events: &Events) -> Option<Diagnostic> {
    let name = events.asked_by.as_ref()?;
    let keys = ["events", "asked_by"];
    let rows = || {
        let nodes = operation.request.nodes.iter();
        nodes.filter(|node| node.parent.is_empty())
    };
    let Some(node) = rows().find(|node| node.site.row().name == *name) else {
        let names = rows().map(|node| node.site.row().name.as_str());
        let help = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a row of the request".to_owned(),
        };
        let message = format!("the request has no row `{name}`");
        return Some(operation.error(&keys, CODE, message, help));
    };
    (node.kind != Type::Boolean || node.list).then(|| {
        operation.error(
            &keys,
            CODE,
            format!("`{name}` is not a truth value"),
            "name the row that asks for events by `true`",
        )
    })
}

fn error(operation: &Operation<'_>, known: &Names<'_, '_>, events: &Events) -> Option<Diagnostic> {
    let name = events.error.as_ref()?;
    let path = format!("{name}.Code");
    let missing = known.follow(&operation.response, &path).err()?;
    Some(operation.error(
        &["events", "error"],
        CODE,
        format!("the response has no node `{missing}` on the way `{path}`"),
        "name the container that holds the `Code` of what went wrong",
    ))
}
