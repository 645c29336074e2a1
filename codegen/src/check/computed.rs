//! What is computed from the body is a header of a request that has one.

use super::service::{Operation, Service, Site};
use crate::diagnostic::Diagnostic;
use crate::spec::Body;
use crate::words::Type;

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let headers: Vec<_> = service.operations.iter().flat_map(headers).collect();
    for site in service.rows().filter(|site| site.row().computed.is_some()) {
        let header = headers
            .iter()
            .find(|it| std::ptr::eq(it.site.row, site.row));
        found.extend(problem(site, header));
    }
}

/// A header of a request.
struct Header<'a> {
    site: Site<'a>,
    has_body: bool,
}

fn headers<'a>(operation: &Operation<'a>) -> impl Iterator<Item = Header<'a>> {
    let request = &operation.spec.request;
    let has_body = match request.body {
        Some(body) => body != Body::None,
        None => !request.rows.is_empty(),
    };
    let file = operation.file;
    request.headers.iter().map(move |row| Header {
        site: Site { file, row },
        has_body,
    })
}

fn problem(site: Site<'_>, header: Option<&Header<'_>>) -> Option<Diagnostic> {
    let row = site.row();
    let (problem, help) = match header {
        None => (
            "is not a header of a request",
            "remove `computed`, or move the row to `request.headers`",
        ),
        Some(header) if !header.has_body => (
            "is computed from a body, and the request has none",
            "remove `computed`",
        ),
        Some(_) if row.typed() != (Type::Text, false) => (
            "is computed, and what is computed is text",
            "write `type: String`, or remove `computed`",
        ),
        Some(_) if row.fixed.is_some() => (
            "is computed and always has the same text",
            "remove `computed` or `fixed`",
        ),
        Some(_) => return None,
    };
    Some(site.error(
        "computed",
        "tcloud::computed",
        format!("`{}` {problem}", row.name),
        help,
    ))
}
