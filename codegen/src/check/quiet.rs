//! Quiet operations: those that are known to be, and what they cannot have.

use super::service::{Operation, Service};
use crate::diagnostic::Diagnostic;
use crate::spec::Body;

const CODE: &str = "tcloud::quiet";

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(service.operations.iter().filter_map(silence));
}

fn silence(operation: &Operation<'_>) -> Option<Diagnostic> {
    let spec = operation.spec;
    if spec.quiet {
        let raw = [&spec.request, &spec.response].map(|message| message.body == Some(Body::Raw));
        return raw.contains(&true).then(|| {
            operation.error(
                &["quiet"],
                CODE,
                "quiet, with a raw body: no clock would end a call that is never answered",
                "remove the key",
            )
        });
    }
    let mut headers = spec.request.headers.iter();
    let message = if headers.any(|row| row.value.name == "x-cos-copy-source") {
        "a copy is done before it is answered"
    } else if operation.request.root == "CompleteMultipartUpload" {
        "the parts are put together before it is answered"
    } else {
        return None;
    };
    Some(operation.error(
        &["operation"],
        CODE,
        message,
        "add `quiet: true`, or calls end while the service works",
    ))
}
