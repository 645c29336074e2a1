//! The rows of a body: each in its container, of a type, once.

mod make;
mod place;

use std::collections::BTreeSet;

use super::facts::Row;
use super::kinds::{self, Kind};
use super::parent::{self, Containers, How};
use super::remark::{RemarkKind, Remarks};
use super::shape::{Shape, join};
use super::table::RawRow;
use super::vocabulary;

/// The rows of a table, and the text before it.
pub(super) struct Source {
    pub(super) rows: Vec<RawRow>,
    pub(super) intro: String,
}

/// A row on its way to its container.
#[derive(Clone)]
struct Pending {
    raw: RawRow,
    name: String,
    /// The table that it is from.
    table: usize,
    /// What the document calls the container; several if it names several.
    written: Option<Vec<String>>,
    kind: Option<Kind>,
    /// Paths of the containers, with how each was found.
    found: Vec<(String, How)>,
}

/// Reads the rows of a body: the name of its root and its rows in their order.
pub(super) fn body(
    side: &str,
    sources: &[Source],
    shape: &Shape,
    remarks: &mut Remarks,
) -> (String, Vec<Row>) {
    let mut pending = Vec::new();
    for (table, source) in sources.iter().enumerate() {
        for raw in &source.rows {
            pending.extend(names(raw, side, remarks).into_iter().map(|name| Pending {
                written: raw.parent.as_deref().map(parent::written),
                kind: raw.kind.as_deref().and_then(kinds::kind),
                raw: raw.clone(),
                name,
                table,
                found: Vec::new(),
            }));
        }
    }
    let tops: Vec<&str> = pending
        .iter()
        .filter(|row| {
            let top = row
                .written
                .as_ref()
                .is_some_and(|it| it.iter().all(String::is_empty));
            top && row.kind.as_ref().is_some_and(Kind::is_container)
        })
        .map(|row| row.name.as_str())
        .collect();
    let parents: Vec<String> = pending
        .iter()
        .filter_map(|row| row.written.as_ref()?.first().cloned())
        .collect();
    let root = if shape.json {
        String::new()
    } else {
        parent::root(shape, &tops, &parents).unwrap_or_default()
    };
    let tops: BTreeSet<String> = tops.into_iter().map(str::to_owned).collect();
    let begins: BTreeSet<&str> = parents
        .iter()
        .filter_map(|parent| parent.split('.').next())
        .collect();
    pending.retain(|row| {
        let slip = !begins.contains(row.name.as_str()) && is_other_root(row, &root, &tops, shape);
        if slip {
            remarks.add(
                row.raw.line,
                RemarkKind::Contradicted,
                format!("{side} {root}"),
                format!(
                    "the table calls the root `{}`; bodies call it `{root}`",
                    row.name
                ),
            );
        }
        !slip
    });
    let intros: Vec<&str> = sources.iter().map(|source| source.intro.as_str()).collect();
    let mut placing = Placing {
        side,
        shape,
        containers: Containers::new(&root),
        intros: &intros,
        nodes: pending.iter().map(|row| row.name.clone()).collect(),
        inferred: Vec::new(),
        looks: 1000,
    };
    placing.place(&mut pending, remarks);
    let rows = placing.rows(pending, remarks);
    (root, rows)
}

/// Whether a row stands for the root and calls it otherwise than bodies do: a container without a
/// parent that no body shows, and no row has the root's name.
fn is_other_root(row: &Pending, root: &str, tops: &BTreeSet<String>, shape: &Shape) -> bool {
    shape.root.as_deref() == Some(root)
        && row.name != root
        && tops.contains(&row.name)
        && !tops.contains(root)
        && row
            .written
            .as_ref()
            .is_some_and(|it| it.iter().all(String::is_empty))
        && shape.get(&join(root, &row.name)).is_none()
}

/// The names that the cell of a name holds: usually one.
pub(super) fn names(raw: &RawRow, side: &str, remarks: &mut Remarks) -> Vec<String> {
    let text: String = raw.name.chars().map(vocabulary::half).collect();
    let text = text.replace(['`', '*', '\\'], "").replace('\n', " ");
    let whole: String = text.split_whitespace().collect();
    if is_name(&whole) && text.split_whitespace().count() <= 2 && !text.contains(" or ") {
        return vec![whole];
    }
    let bare = text.split('(').next().unwrap_or_default().trim();
    let bare = bare
        .trim_start_matches(['-', '>', '•', '└', '├', '─', '│', '+', ' ', '·'])
        .trim();
    if is_name(bare) {
        return vec![bare.to_owned()];
    }
    let parts: Vec<&str> = bare
        .split(['/', ',', '、', ' '])
        .map(str::trim)
        .filter(|part| !part.is_empty() && !matches!(*part, "or" | "and" | "或" | "和"))
        .collect();
    if parts.len() > 1
        && parts.len() <= 8
        && parts.iter().all(|part| is_name(part))
        && !bare.starts_with('/')
    {
        remarks.add(
            raw.line,
            RemarkKind::Repaired,
            format!("{side} {bare}"),
            "one line of the table names several nodes; each has a row",
        );
        return parts.into_iter().map(str::to_owned).collect();
    }
    remarks.add(
        raw.line,
        RemarkKind::Refused,
        format!("{side} {bare}"),
        "this is no name of a node; the line of the table was left out",
    );
    Vec::new()
}

/// Whether a text can be the name of a node.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 100
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'))
        && !text.ends_with(['.', ':'])
}

struct Placing<'s> {
    side: &'s str,
    shape: &'s Shape,
    containers: Containers,
    intros: &'s [&'s str],
    /// Names of all rows.
    nodes: BTreeSet<String>,
    /// Containers that no table has.
    inferred: Vec<Row>,
    /// Containers that may still be looked for in the bodies, so that no text is slow.
    looks: usize,
}
