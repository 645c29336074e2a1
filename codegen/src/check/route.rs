//! Routes: a server can decide for every request which operation is meant.

use std::collections::BTreeMap;

use serde_saphyr::Spanned;

use super::http::Address;
use super::service::{Operation, Service};
use crate::diagnostic::{Diagnostic, rest_of_line};
use crate::spec::{Protocol, Row};

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    // The operations of API 3.0 are distinguished by their names.
    if service.spec.protocol == Protocol::Tc3 {
        return;
    }
    let routes: Vec<_> = service
        .operations
        .iter()
        .filter_map(|operation| Some((operation, Route::of(operation)?)))
        .collect();
    for (index, (operation, route)) in routes.iter().enumerate() {
        let earlier = routes
            .iter()
            .take(index)
            .find(|(_, other)| route.meets(other));
        if let Some((other, _)) = earlier {
            found.push(ambiguous(operation, other));
        }
    }
}

/// What a request must have to be of an operation.
#[derive(PartialEq, Eq)]
struct Shape<'a> {
    method: &'a str,
    host: &'a str,
    segments: Vec<&'a str>,
    /// A server tries the operation that asks for more first.
    query: Vec<&'a str>,
    parameters: Vec<&'a str>,
    headers: Vec<&'a str>,
}

struct Route<'a> {
    shape: Shape<'a>,
    /// Texts that rows always have, by their paths.
    fixed: BTreeMap<String, &'a str>,
}

impl<'a> Route<'a> {
    fn of(operation: &'a Operation<'_>) -> Option<Self> {
        let address = Address::of(&operation.spec.http.value)?;
        let request = &operation.spec.request;
        let mut query: Vec<_> = address.query.split('&').collect();
        query.sort_unstable();
        let shape = Shape {
            method: address.method,
            host: &operation.spec.host,
            segments: address.path.split('/').map(segment).collect(),
            query,
            parameters: required(&request.query),
            headers: required(&request.headers),
        };
        // A server looks at the nodes directly in the root.
        let own = operation.request.nodes.iter();
        let body = own
            .filter(|node| node.parent.is_empty())
            .filter_map(|node| {
                Some((
                    format!("body {}", node.path),
                    node.site.row().fixed.as_deref()?,
                ))
            });
        let fixed = body
            .chain(texts("query", &request.query))
            .chain(texts("header", &request.headers))
            .collect();
        Some(Self { shape, fixed })
    }

    /// Whether one request can be of both. Another text distinguishes them, and so does one that
    /// only one of them has: a server takes that one if the text is there.
    fn meets(&self, other: &Self) -> bool {
        let told_apart = self
            .fixed
            .iter()
            .any(|(path, text)| other.fixed.get(path).is_some_and(|theirs| theirs != text));
        let extends = |more: &Self, less: &Self| {
            more.fixed.len() > less.fixed.len()
                && less.fixed.keys().all(|path| more.fixed.contains_key(path))
        };
        self.shape == other.shape && !told_apart && !extends(self, other) && !extends(other, self)
    }
}

/// A segment with the name of its label left out.
fn segment(text: &str) -> &str {
    match (text.starts_with('{'), text.ends_with("+}")) {
        (true, true) => "{+}",
        (true, false) => "{}",
        _ => text,
    }
}

/// What is computed does not choose an operation: a request without it lacks it.
fn required(rows: &[Spanned<Row>]) -> Vec<&str> {
    let rows = rows.iter().map(|row| &row.value);
    let required = rows.filter(|row| row.required && row.computed.is_none());
    let mut names: Vec<_> = required.map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names
}

fn texts<'a>(place: &'a str, rows: &'a [Spanned<Row>]) -> impl Iterator<Item = (String, &'a str)> {
    rows.iter().filter_map(move |row| {
        Some((
            format!("{place} {}", row.value.name),
            row.value.fixed.as_deref()?,
        ))
    })
}

fn ambiguous(operation: &Operation<'_>, other: &Operation<'_>) -> Diagnostic {
    let (file, http) = (operation.file, &operation.spec.http);
    Diagnostic::error(
        file,
        rest_of_line(&file.text, http.defined),
        "tcloud::ambiguous_route",
        format!(
            "a request of `{}` can be one of `{}` as well",
            operation.spec.operation.value, other.spec.operation.value
        ),
        format!(
            "{} has the same method, host and path: distinguish them by a query in \
             `http`, a `required` parameter or header, or a row with another `fixed` text in each",
            other.file.path
        ),
    )
}
