//! What the bodies of a document show of a message, all of them together.

use std::collections::BTreeMap;

use super::body::{Body, Node, Scalar};

/// Texts of a node that are kept.
const TEXTS: usize = 8;

/// A node, in all bodies that have it.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The line of the document that first shows it.
    pub(super) line: usize,
    /// It holds other nodes.
    pub(super) container: bool,
    /// It comes more than once in one container.
    pub(super) repeated: bool,
    pub(super) attribute: bool,
    /// What it holds, where that is not empty.
    pub(super) texts: Vec<(usize, String, Scalar)>,
}

/// The nodes of a message by their path, the root's name first.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) root: Option<String>,
    pub(super) nodes: BTreeMap<String, Seen>,
    /// The paths in the order in which they are first seen.
    pub(super) order: Vec<String>,
    pub(super) json: bool,
}

impl Shape {
    /// Adds a body; `real` if it has values and not names.
    pub(super) fn add(&mut self, body: &Body, real: bool) {
        self.json |= body.json;
        if !body.json {
            if self
                .root
                .as_ref()
                .is_some_and(|root| *root != body.root.name)
            {
                return;
            }
            self.root = Some(body.root.name.clone());
        }
        self.node(&body.root, "", false, real);
    }

    /// Whether the bodies show a node.
    pub(super) fn get(&self, path: &str) -> Option<&Seen> {
        self.nodes.get(path)
    }

    fn node(&mut self, node: &Node, around: &str, repeated: bool, real: bool) {
        let path = join(around, &node.name);
        if !path.is_empty() {
            let seen = self.nodes.entry(path.clone()).or_insert_with(|| {
                self.order.push(path.clone());
                Seen {
                    line: node.line,
                    ..Seen::default()
                }
            });
            seen.container |= !node.children.is_empty();
            seen.repeated |= repeated || node.item;
            let known = seen.texts.iter().any(|(_, text, _)| *text == node.text);
            if real && !node.text.is_empty() && seen.texts.len() < TEXTS && !known {
                seen.texts.push((node.line, node.text.clone(), node.scalar));
            }
        }
        for name in &node.attributes {
            let path = join(&path, name);
            self.nodes.entry(path.clone()).or_insert_with(|| {
                self.order.push(path);
                Seen {
                    line: node.line,
                    attribute: true,
                    ..Seen::default()
                }
            });
        }
        let mut before = "";
        for child in &node.children {
            // Items of a list are neighbours; a node that comes again later is a slip.
            self.node(child, &path, before == child.name, real);
            before = child.name.as_str();
        }
    }
}

/// Two parts of a path as one.
pub(super) fn join(around: &str, name: &str) -> String {
    crate::rows::join(around, name)
}

/// The path around a node, and its name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}
