//! Rows that the document calls required and shows to be optional.

use std::collections::BTreeMap;

use super::body::{Body, Node};
use super::evidence;
use super::facts::{Message, Row};
use super::http::{self, Printed};
use super::page;
use super::remark::{RemarkKind, Remarks};
use super::shape::join;

/// Takes the requirement off rows of a request that have a default, or that a request of the
/// document's samples goes without.
pub(super) fn required(own: &page::Operation<'_>, request: &mut Message, remarks: &mut Remarks) {
    let lists = [&mut request.query, &mut request.headers, &mut request.rows];
    for row in lists.into_iter().flatten().filter(|row| row.required) {
        if let Some(default) = &row.default {
            let why = format!("has the default `{default}`");
            optional(row, &why, remarks);
        }
    }
    parameters(own, request, remarks);
    let mut missing = BTreeMap::new();
    let mut children: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in request.rows.iter().filter(|row| row.required) {
        children.entry(row.parent.clone()).or_default().push(row);
    }
    let samples = own.cases.iter().filter_map(|case| case.first()?.as_ref());
    for printed in samples {
        let body = Body::read(&printed.body, printed.body_line);
        if let Some(body) = body.filter(|it| it.json || it.root.name == request.root)
            && evidence::has_values(&body.root)
        {
            absent(&body.root, "", &children, &mut missing);
        }
    }
    for row in request.rows.iter_mut().filter(|row| row.required) {
        if let Some(line) = missing.get(&row.path()) {
            let why = format!("a sample goes without it (line {line})");
            optional(row, &why, remarks);
        }
    }
}

/// Takes the requirement off parameters that a request of the samples goes without.
fn parameters(own: &page::Operation<'_>, request: &mut Message, remarks: &mut Remarks) {
    let Some(pattern) = &own.pattern else { return };
    let path = |printed: &Printed| http::split(&printed.target).0.matches('/').count();
    let samples: Vec<&Printed> = own
        .cases
        .iter()
        .filter_map(|case| case.first()?.as_ref())
        .filter(|printed| printed.method == pattern.method && path(printed) == path(pattern))
        .collect();
    for row in request.query.iter_mut().filter(|row| row.required) {
        let without = samples.iter().find(|printed| {
            let (_, query) = http::split(&printed.target);
            !query
                .iter()
                .any(|part| part.name.eq_ignore_ascii_case(&row.name))
        });
        if let Some(printed) = without {
            let why = format!("a sample goes without it (line {})", printed.line);
            optional(row, &why, remarks);
        }
    }
}

/// The required nodes that containers of a body lack, with the line of the container.
fn absent(
    node: &Node,
    around: &str,
    required: &BTreeMap<String, Vec<&Row>>,
    missing: &mut BTreeMap<String, usize>,
) {
    let path = join(around, &node.name);
    // A container that is shown empty is abridged.
    if node.children.is_empty() {
        return;
    }
    for row in required.get(&path).into_iter().flatten() {
        let shown = node.children.iter().any(|child| child.name == row.name)
            || node.attributes.contains(&row.name);
        if !shown {
            missing.entry(row.path()).or_insert(node.line);
        }
    }
    for child in &node.children {
        absent(child, &path, required, missing);
    }
}

fn optional(row: &mut Row, why: &str, remarks: &mut Remarks) {
    row.required = false;
    row.explain(&format!("The document requires it and {why}."));
    remarks.add(
        row.line,
        RemarkKind::Contradicted,
        format!("request {}", row.path()),
        format!("it is required, and {why}: it is not"),
    );
}
