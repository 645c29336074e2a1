//! What is in a structure at a name or a path.

use crate::node::{Node, Ref, RefVisitor};

/// The text of a scalar directly in `node`.
pub(crate) fn text_of(node: &dyn Node, name: &str) -> Option<String> {
    let mut found = None;
    with_field(node, name, &mut |value| {
        found = match value {
            Ref::Text(text) => text.map(str::to_owned),
            Ref::Integer(number) => number.map(|number| number.to_string()),
            Ref::Boolean(truth) => truth.map(|truth| truth.to_string()),
            _ => None,
        };
    });
    found
}

/// How many items the list directly in `node` has.
pub(crate) fn count_of(node: &dyn Node, name: &str) -> usize {
    let mut count = 0;
    with_field(node, name, &mut |value| {
        count = match value {
            Ref::Nodes(list) => list.count(),
            Ref::Texts(list) => list.count(),
            _ => 0,
        };
    });
    count
}

fn with_field(node: &dyn Node, name: &str, visit: &mut dyn FnMut(Ref<'_>)) {
    let Some(position) = node.structure().position(name) else {
        return;
    };
    node.refs(RefVisitor::new(&mut |refs| {
        if let Some(value) = refs.get(position) {
            visit(*value);
        }
    }));
}

/// The text at a path such as `JobsDetail.State`.
pub(crate) fn text_at(node: &dyn Node, path: &str) -> Option<String> {
    let Some((first, rest)) = path.split_once('.') else {
        return text_of(node, path);
    };
    let mut found = None;
    with_field(node, first, &mut |value| {
        found = match value {
            Ref::Node(Some(child)) => text_at(child, rest),
            Ref::Nodes(list) => list.item(0).and_then(|child| text_at(child, rest)),
            _ => None,
        };
    });
    found
}
