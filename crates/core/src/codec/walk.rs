//! The rows of a message, those of the structures in it included.

use std::fmt;
use std::ops::ControlFlow::{self, Continue};

use crate::node::{Node, Ref, RefVisitor};
use crate::schema::{Field, Place};

/// A row of a table, with its value.
pub(super) struct Row<'a> {
    pub(super) field: &'a Field,
    pub(super) value: Ref<'a>,
    /// A list or a map that is present and empty.
    pub(super) marked: bool,
    /// Where the node is: `Response.JobsDetail[0].Input`. A text is made of it by who needs one.
    pub(super) path: Path<'a>,
}

/// A place in a message. It refers to the one around it, so that a walk makes no texts.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    /// The root element of an XML document; any other document has none.
    Root(&'a str),
    Field(&'a Path<'a>, &'a Field),
    Item(&'a Path<'a>, usize),
    Entry(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    /// Whether it is a row of the message's own table, not of a structure in it.
    pub(super) fn is_outermost(&self) -> bool {
        matches!(self, Path::Field(Path::Root(_), _))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root(name) => f.write_str(name),
            // What is sent outside the body is not in its root.
            Path::Field(Path::Root(""), field) => f.write_str(field.name),
            Path::Field(_, field) if field.place != Place::Body => f.write_str(field.name),
            Path::Field(around, field) => write!(f, "{around}.{}", field.name),
            Path::Item(list, index) => write!(f, "{list}[{index}]"),
            Path::Entry(map, name) => write!(f, "{map}.{name}"),
        }
    }
}

/// Shows every row of `node` and of the structures in it, in the order of the tables, until `visit`
/// breaks off. `root` is the root element of an XML body, and empty for any other.
pub(super) fn walk(
    node: &dyn Node,
    root: &str,
    visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
) {
    // That it ended early is the visitor's own knowledge.
    let _ = inside(node, &Path::Root(root), visit);
}

fn inside(
    node: &dyn Node,
    around: &Path<'_>,
    visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let fields = node.structure().fields();
    let mut outcome = Continue(());
    node.refs(RefVisitor::new(&mut |refs| {
        let mut rows = fields.iter().zip(refs).enumerate();
        outcome = rows.try_for_each(|(position, (field, value))| {
            let row = Row {
                field,
                value: *value,
                marked: value.is_absent() && node.unknown().is_marked_empty(position),
                path: Path::Field(around, field),
            };
            visit(&row)?;
            below(&row, visit)
        });
    }));
    outcome
}

/// Shows the rows of the structures that a row holds.
fn below(row: &Row<'_>, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
    match row.value {
        Ref::Node(Some(child)) => inside(child, &row.path, visit),
        Ref::Nodes(list) => list
            .iter()
            .enumerate()
            .try_for_each(|(index, child)| inside(child, &Path::Item(&row.path, index), visit)),
        Ref::NodeMap(map) => {
            let mut outcome = Continue(());
            map.each(&mut |name, child| {
                if outcome.is_continue() {
                    outcome = inside(child, &Path::Entry(&row.path, name), visit);
                }
            });
            outcome
        }
        _ => Continue(()),
    }
}
