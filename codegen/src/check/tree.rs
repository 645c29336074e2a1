//! Rows and their containers: every parent exists, every container has rows, every type is known.

use std::collections::BTreeSet;

use super::service::{Names, Node, Service, Site, Table};
use crate::diagnostic::Diagnostic;
use crate::load::nearest;
use crate::spec::Body;
use crate::words::Type;

/// The words `type` takes besides names of structures.
const WORDS: [&str; 8] = [
    "String",
    "Int",
    "Float",
    "Boolean",
    "Timestamp",
    "Container",
    "Map",
    "Any",
];

pub(super) fn check(service: &Service<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    for table in service.tables() {
        let mut paths = BTreeSet::new();
        for node in &table.nodes {
            found.extend(orphan(table, node));
            found.extend(empty_container(table, node));
            found.extend(attribute(table, node));
            found.extend(content(table, node));
            if !paths.insert(node.path.as_str()) {
                found.push(duplicate(node.site, &table.shown(&node.path)));
            }
        }
    }
    for (file, rows) in service.flat_lists() {
        let mut names = BTreeSet::new();
        for row in rows {
            if !names.insert(row.value.name.as_str()) {
                found.push(duplicate(Site { file, row }, &row.value.name));
            }
        }
    }
    for operation in &service.operations {
        found.extend(operation.tables().into_iter().filter_map(repeated_root));
        found.extend(
            operation
                .request
                .nodes
                .iter()
                .filter_map(|node| optional(&operation.request, node)),
        );
    }
    for site in service.rows() {
        found.extend(unknown_type(site, known));
        found.extend(unknown_reading(site));
    }
}

/// How documents say in the parent column that a node is the root of the body.
const NO_PARENT: [&str; 4] = ["None", "none", "-", "无"];

/// Finds a row for the root element itself, which documents list and tables name by `root` or by
/// the parent of the other rows: an element without a name would be sent, or one inside itself.
fn repeated_root(table: &Table<'_>) -> Option<Diagnostic> {
    if table.format != Body::Xml {
        return None;
    }
    let is_none = |parent: &str| parent.is_empty() || NO_PARENT.contains(&parent);
    let node = table.nodes.iter().find(|node| {
        let row = node.site.row();
        is_none(&row.parent) && (is_none(table.root) || row.name == table.root)
    })?;
    let row = node.site.row();
    let is_parent =
        |other: &Node<'_>| other.site.row().parent.split('.').next() == Some(row.name.as_str());
    let (message, help) = if table.nodes.iter().any(is_parent) {
        (
            format!(
                "row `{}` is the root of the body, which needs no row of its own",
                row.name
            ),
            format!(
                "remove the row; `parent: {}` of the other rows names the root",
                row.name
            ),
        )
    } else {
        (
            format!("row `{}` is in no root element", row.name),
            "write the body's root element as its `parent`, or `root:` before `rows:`".to_owned(),
        )
    };
    Some(node.site.error("name", "tcloud::root", message, help))
}

fn orphan(table: &Table<'_>, node: &Node<'_>) -> Option<Diagnostic> {
    if node.parent.is_empty() {
        return None;
    }
    let row = node.site.row();
    let help = match table.node(node.parent).map(|parent| parent.kind) {
        Some(Type::Container) => return None,
        Some(Type::Named(name) | Type::MapOf(name)) => {
            format!(
                "add the row to the table of `{name}`, or make `{}` a `Container`",
                row.parent
            )
        }
        Some(_) => format!("make the row `{}` a `Container`", row.parent),
        None => {
            let containers = table
                .nodes
                .iter()
                .filter(|node| node.kind == Type::Container);
            let paths = containers
                .map(|node| table.shown(&node.path))
                .chain([table.root.to_owned()]);
            let near = paths
                .filter(|path| !path.is_empty())
                .min_by_key(|path| strsim::damerau_levenshtein(path, &row.parent));
            match near {
                Some(near) => {
                    format!(
                        "write `{near}`, or add a row of type `Container` for `{}`",
                        row.parent
                    )
                }
                None => "leave `parent` out for what is in the body itself".to_owned(),
            }
        }
    };
    let message = format!("row `{}`: no row is a container `{}`", row.name, row.parent);
    Some(
        node.site
            .error("parent", "tcloud::orphan_parent", message, help),
    )
}

fn duplicate(site: Site<'_>, path: &str) -> Diagnostic {
    site.error(
        "name",
        "tcloud::duplicate_node",
        format!("a second row `{path}`"),
        "keep one of the rows; a node that repeats is one row of type `… array`",
    )
}

fn empty_container(table: &Table<'_>, node: &Node<'_>) -> Option<Diagnostic> {
    if node.kind != Type::Container || table.nodes.iter().any(|other| other.parent == node.path) {
        return None;
    }
    let path = table.shown(&node.path);
    Some(node.site.error(
        "type",
        "tcloud::empty_container",
        format!("container `{path}` has no rows"),
        format!(
            "add rows with `parent: {path}`, name a structure as its type, or write `type: Any`"
        ),
    ))
}

fn attribute(table: &Table<'_>, node: &Node<'_>) -> Option<Diagnostic> {
    let row = node.site.row();
    let (key, what) = match (row.attribute, row.content) {
        (true, false) => ("attribute", "an attribute"),
        (false, true) => ("content", "the text of an element"),
        _ => return None,
    };
    if table.format == Body::Xml {
        return None;
    }
    Some(node.site.error(
        key,
        "tcloud::attribute_outside_xml",
        format!(
            "`{}` is {what}, but the body is not XML",
            table.shown(&node.path)
        ),
        format!("remove `{key}: true`"),
    ))
}

/// The text of an element is one value, and it has only one.
fn content(table: &Table<'_>, node: &Node<'_>) -> Option<Diagnostic> {
    if !node.site.row().content {
        return None;
    }
    let mut fellows = table.nodes.iter().filter(|it| it.parent == node.parent);
    let problem = if node.list || matches!(node.kind, Type::Container | Type::Named(_)) {
        "is the text of an element, but no single value"
    } else if fellows.any(|it| !it.site.row().attribute && it.path != node.path) {
        "is the text of an element that holds other nodes as well"
    } else {
        return None;
    };
    Some(node.site.error(
        "content",
        "tcloud::content",
        format!("`{}` {problem}", table.shown(&node.path)),
        "remove `content: true`, or the other rows",
    ))
}

/// What a container's rows require is required only with the container, which a caller may miss.
fn optional(table: &Table<'_>, node: &Node<'_>) -> Option<Diagnostic> {
    let around = table.node(node.parent)?.site.row();
    let single = around.kind.read() == (Type::Container, false);
    if !node.site.row().required || around.required || !single {
        return None;
    }
    let (path, container) = (table.shown(&node.path), table.shown(node.parent));
    let finding = node.site.error(
        "required",
        "tcloud::required_inside_optional",
        format!("`{path}` is required, the container around it is not"),
        format!(
            "if the document wants it in every request, set `required: true` on `{container}` too"
        ),
    );
    Some(finding.advice())
}

fn unknown_type(site: Site<'_>, known: &Names<'_, '_>) -> Option<Diagnostic> {
    let row = site.row();
    let (kind, _) = row.kind.read();
    let (Type::Named(name) | Type::MapOf(name)) = kind else {
        return None;
    };
    if known.get(name).is_some() {
        return None;
    }
    let message = match name {
        "" => format!("row `{}` has no type", row.name),
        name => format!("row `{}`: there is no type `{name}`", row.name),
    };
    let help = match nearest(name, known.all().chain(WORDS)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "add a structure of this name, or write one of `{}`, each also with ` array`",
            WORDS.join("`, `")
        ),
    };
    Some(site.error("type", "tcloud::unknown_type", message, help))
}

fn unknown_reading(site: Site<'_>) -> Option<Diagnostic> {
    let row = site.row();
    let really = row.really.as_ref()?;
    let readable = [Type::Integer, Type::Float, Type::Boolean, Type::Timestamp];
    let (travels, list) = really.read();
    if readable.contains(&travels) && !list {
        return None;
    }
    Some(site.error(
        "as",
        "tcloud::unknown_type",
        format!("row `{}`: a text cannot be read as `{really}`", row.name),
        "write `Boolean`, `Int`, `Float` or `Timestamp`; only `type` says whether it is a list",
    ))
}
