//! How samples depart from their tables.

use std::collections::BTreeMap;

use super::body::{Node, Scalar};
use super::facts::Row;
use super::figures::is_time;
use super::shape::join;

/// How a sample departs from its table, as its `drift` has to say.
pub(super) fn drift(rows: &[Row], root: &str, body: &Node) -> BTreeMap<String, String> {
    let mut drift = BTreeMap::new();
    let mut children: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        children.entry(row.parent.as_str()).or_default().push(row);
    }
    walk(&children, root, body, &mut drift);
    drift
}

/// A container that a body shows empty though it requires a row, and the row: the body is abridged.
pub(super) fn abridged<'r>(rows: &'r [Row], root: &str, body: &Node) -> Option<[&'r str; 2]> {
    let mut required: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.required) {
        required.entry(row.parent.as_str()).or_insert(row);
    }
    let mut open = vec![(root.to_owned(), body)];
    while let Some((path, node)) = open.pop() {
        let empty = node.children.is_empty() && node.attributes.is_empty();
        if let Some(row) = required.get(path.as_str()).filter(|_| empty) {
            return Some([row.parent.as_str(), row.name.as_str()]);
        }
        let children = node.children.iter();
        open.extend(children.map(|child| (join(&path, &child.name), child)));
    }
    None
}

fn walk(
    children: &BTreeMap<&str, Vec<&Row>>,
    path: &str,
    node: &Node,
    drift: &mut BTreeMap<String, String>,
) {
    let rows = children.get(path).map_or(&[][..], Vec::as_slice);
    let empty = node.children.is_empty() && node.text.is_empty() && node.attributes.is_empty();
    if empty {
        return;
    }
    for row in rows {
        let shown = node.children.iter().any(|child| child.name == row.name)
            || node.attributes.contains(&row.name);
        if row.required && !shown {
            drift.insert(
                join(path, &row.name),
                "The document's sample leaves it out.".to_owned(),
            );
        }
    }
    for (index, child) in node.children.iter().enumerate() {
        let path = join(path, &child.name);
        let Some(row) = rows.iter().find(|row| row.name == child.name) else {
            continue;
        };
        let again = || {
            node.children
                .iter()
                .take(index)
                .any(|other| other.name == child.name)
        };
        if !row.kind.list && again() {
            drift.insert(path, "The document prints it twice.".to_owned());
            continue;
        }
        if row.kind.is_container() {
            walk(children, &path, child, drift);
            continue;
        }
        let text = child.text.as_str();
        if text.is_empty() || child.scalar == Scalar::Null {
            continue;
        }
        let text = if row.kind.really == Some("Boolean") || row.kind.word == "Boolean" {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        };
        if !travels(row, &text) {
            drift.insert(path, "The document prints it so.".to_owned());
        }
    }
}

/// Whether the linter takes a text for the row.
fn travels(row: &Row, text: &str) -> bool {
    if row.fixed.as_deref().is_some_and(|fixed| fixed != text) {
        return false;
    }
    match row.kind.really.unwrap_or(row.kind.word.as_str()) {
        "Timestamp" => {
            text == "-"
                || text.parse::<i128>().is_ok()
                || text.ends_with(" GMT")
                || is_time(text) && !text.ends_with('>')
        }
        "String" => row.values.is_empty() || row.values.iter().any(|word| word == text),
        "Int" => text.parse::<i128>().is_ok_and(|number| match row.range {
            Some([low, high]) => {
                low.is_none_or(|low| number >= i128::from(low))
                    && high.is_none_or(|high| number <= i128::from(high))
            }
            None => true,
        }),
        "Float" => text.parse::<f64>().is_ok(),
        "Boolean" => matches!(text, "true" | "false"),
        _ => true,
    }
}
