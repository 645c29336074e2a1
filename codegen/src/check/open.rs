//! What an import has left to a person.

use super::service::Service;
use crate::diagnostic::Diagnostic;
use crate::open::OPEN;

/// Why an import has left a row to a person: what its `fix` says behind the mark.
fn reason(fix: &str) -> String {
    let rest = fix.trim_start().strip_prefix(OPEN).unwrap_or_default();
    let rest = rest
        .trim_start_matches([':', ' '])
        .trim_end_matches(['.', ' ']);
    if rest.is_empty() {
        return String::new();
    }
    format!(": {rest}")
}

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let is_open = |text: &str| text.trim_start().starts_with(OPEN);
    let code = "tcloud::to_be_completed";
    for site in service.rows() {
        let row = site.row();
        if row.fix.as_deref().is_some_and(is_open) {
            found.push(site.error(
                "fix",
                code,
                format!(
                    "row `{}` is not decided{}",
                    row.name,
                    row.fix.as_deref().map(reason).unwrap_or_default()
                ),
                "compare it with the document, mend the row, and write in `fix` why it differs, or \
                 remove the key if it does not",
            ));
        }
    }
    for (key, text, help) in [
        (
            "doc",
            &service.spec.doc,
            "say what the service is for, in a sentence or two",
        ),
        (
            "document",
            &service.spec.document,
            "write the address of the service's documents",
        ),
    ] {
        if is_open(text) {
            let message = format!("the `{key}` of {} is not written", service.spec.service);
            let range = super::service::key(&service.file.text, &[key]);
            found.push(Diagnostic::error(service.file, range, code, message, help));
        }
    }
    for operation in &service.operations {
        let name = &operation.spec.operation.value;
        for (keys, text) in [
            (&["summary"][..], operation.spec.summary.as_str()),
            (
                &["document", "url"][..],
                operation.spec.document.url.as_str(),
            ),
            (&["host"][..], operation.spec.host.as_str()),
        ] {
            if is_open(text) {
                let key = keys.join(".");
                found.push(operation.error(
                    keys,
                    code,
                    format!("the `{key}` of {name} is not written"),
                    match keys {
                        ["summary"] => "say in a line of your own words what the operation does",
                        ["host"] => {
                            "write the host, with `{bucket}` and `{region}` where they stand"
                        }
                        _ => "write the address of the document",
                    },
                ));
            }
        }
    }
}
