//! A token by which a service knows a request again is one text of a request, where a call can set
//! it.

use super::service::{Operation, Service, Site};
use crate::diagnostic::Diagnostic;
use crate::spec::Body;
use crate::words::Type;

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let places: Vec<_> = service.operations.iter().map(places).collect();
    for site in service.rows().filter(|site| site.row().idempotency_token) {
        let place = places
            .iter()
            .find(|place| place.iter().any(|it| std::ptr::eq(it.row, site.row)));
        let tokens = place.map(|place| place.iter().filter(|it| it.row().idempotency_token));
        found.extend(problem(site, tokens.map(Iterator::count)));
    }
}

/// The rows of a request that a call can set.
fn places<'a>(operation: &Operation<'a>) -> Vec<Site<'a>> {
    let file = operation.file;
    let request = &operation.spec.request;
    let outside = request.query.iter().chain(&request.headers);
    let mut places: Vec<_> = outside.map(|row| Site { file, row }).collect();
    if matches!(operation.request.format, Body::Json | Body::Xml) {
        let nodes = operation.request.nodes.iter();
        let outermost = nodes.filter(|node| node.parent.is_empty());
        places.extend(outermost.map(|node| node.site));
    }
    places
}

/// What is wrong with the token of a request that has so many, if it is in a place for one.
fn problem(site: Site<'_>, tokens: Option<usize>) -> Option<Diagnostic> {
    let row = site.row();
    let (problem, help) = match tokens {
        None => (
            "is neither a parameter, nor a header, nor an outermost node of a request",
            "remove `idempotency_token`",
        ),
        Some(count) if count > 1 => ("is one of several", "keep one `idempotency_token`"),
        Some(_) if row.typed() != (Type::Text, false) => (
            "is a token, and a token is text",
            "write `type: String`, or remove `idempotency_token`",
        ),
        Some(_) if row.fixed.is_some() || row.computed.is_some() => (
            "is a token and has a text of its own",
            "remove `idempotency_token`, or `fixed` and `computed`",
        ),
        Some(_) if row.required => (
            "is set by the call, so that the caller need not",
            "remove `required`",
        ),
        Some(_) => return None,
    };
    Some(site.error(
        "idempotency_token",
        "tcloud::idempotency_token",
        format!("`{}` {problem}", row.name),
        help,
    ))
}
