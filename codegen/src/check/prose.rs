//! What the rows say to readers.

use super::service::Service;
use crate::diagnostic::Diagnostic;

/// Most characters that are still read in a completion popup.
const LONG: usize = 400;

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    for site in service.rows() {
        let row = site.row();
        let doc = row.doc.trim();
        if row.name.is_empty() {
            found.push(site.error(
                "name",
                "tcloud::missing_name",
                "a row without a name",
                "add `name:`, the node as it travels",
            ));
        }
        if doc.is_empty() && service.spec.imported {
            continue;
        }
        if doc.is_empty() {
            found.push(site.error(
                "doc",
                "tcloud::missing_doc",
                format!("row `{}` does not say what it is", row.name),
                "add `doc:` with a sentence in your own words",
            ));
            continue;
        }
        let length = doc.chars().count();
        if length > LONG {
            let finding = site.error(
                "doc",
                "tcloud::long_doc",
                format!("the description of `{}` has {length} characters", row.name),
                format!(
                    "keep it below {LONG}: meanings of words belong into `values`, what concerns \
                     the whole call into the operation's `doc`"
                ),
            );
            found.push(finding.advice());
        }
        if !doc.ends_with(['.', '!', '?']) {
            let finding = site.error(
                "doc",
                "tcloud::unfinished_doc",
                format!(
                    "the description of `{}` does not end like a sentence",
                    row.name
                ),
                "end it with a full stop",
            );
            found.push(finding.advice());
        }
    }
}
