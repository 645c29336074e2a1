//! What comes in any case is a node of a body.

use super::service::{Service, Site};
use crate::diagnostic::Diagnostic;

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    for (file, rows) in service.flat_lists() {
        let marked = rows.iter().filter(|row| row.value.any_case);
        found.extend(marked.map(|row| {
            let name = &row.value.name;
            Site { file, row }.error(
                "any_case",
                "tcloud::any_case",
                format!("`{name}` is no node of a body"),
                "remove `any_case`: parameters are written as the table spells them, and headers come in any case",
            )
        }));
    }
}
