//! The rows of a table, each joined to the container that it is in: what the lint looks at and what
//! the model is made of.

use serde_saphyr::Spanned;

use crate::spec::{Message, Row};
use crate::words::Type;

/// A row, joined to its container.
pub(crate) struct Joined<'a> {
    /// The row.
    pub row: &'a Spanned<Row>,
    /// Path of the container around it, below the root.
    pub parent: &'a str,
    /// Path below the root.
    pub path: String,
    /// What it holds.
    pub kind: Type<'a>,
    /// It holds a list.
    pub list: bool,
}

/// The rows of a table whose paths start with `root`, in their order.
pub(crate) fn joined<'a>(rows: &'a [Spanned<Row>], root: &str) -> Vec<Joined<'a>> {
    rows.iter()
        .map(|row| {
            let parent = below(&row.value.parent, root);
            let (kind, list) = row.value.typed();
            Joined {
                row,
                parent,
                path: join(parent, &row.value.name),
                kind,
                list,
            }
        })
        .collect()
}

/// The root element that the rows of a message are in; empty if they name none.
pub(crate) fn root(message: &Message) -> &str {
    match (&message.root, message.rows.first()) {
        (Some(root), _) => root,
        (None, Some(row)) => row.value.parent.split('.').next().unwrap_or_default(),
        (None, None) => "",
    }
}

/// `path` without the root it may start with.
pub(crate) fn below<'p>(path: &'p str, root: &str) -> &'p str {
    match path.strip_prefix(root) {
        Some("") => "",
        Some(rest) => rest.strip_prefix('.').unwrap_or(path),
        None => path,
    }
}

/// Two parts of a path as one.
pub(crate) fn join(parent: &str, name: &str) -> String {
    match (parent, name) {
        ("", one) | (one, "") => one.to_owned(),
        (parent, name) => format!("{parent}.{name}"),
    }
}
