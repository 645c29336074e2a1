//! Rows that the document calls required and shows to be optional.

use std::collections::BTreeMap;

use super::body::{Body, Node};
use super::evidence;
use super::facts::{Message, Row};
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
