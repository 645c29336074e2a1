//! A request beside the table of its operation: every row, its value and what is wrong with it.

use serde_json::{Map, Value, json};
use tcloud_core::codec::{self, Document, Drift, DriftKind, SECRET, Violation};
use tcloud_core::node::{Node, Ref, RefVisitor};
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::schema::{Field, Flags, Kind, Place};

use super::struck;
use crate::recorded::Arrived;

/// How much of a value is shown, in characters.
const SHOWN: usize = 2_000;

/// What the table says of a request, and what the request says.
pub(super) struct Tree {
    /// The rows of the table, each with its value.
    pub(super) rows: Vec<Value>,
    /// What is wrong, in one list: path and reason.
    pub(super) problems: Vec<Value>,
}

/// What is wrong with a node.
struct Problem {
    path: String,
    text: String,
    /// Whether a row has said so.
    is_placed: bool,
}

/// The request that has arrived.
pub(super) fn of(arrived: &Arrived) -> Tree {
    let operation = arrived.operation();
    let mut document = Document::new(operation.request);
    let filled = arrived.fill(&mut document);
    let mut problems = Vec::new();
    match filled {
        Ok(drift) => problems.extend(drift.iter().filter_map(departure)),
        Err(error) => problems.push(Problem::new(String::new(), error.to_string())),
    }
    // A document that was not read says nothing of what it lacks.
    let is_whole = arrived.document().is_some() || !has_document(operation);
    if is_whole {
        let found = codec::violations(&document, root(operation));
        problems.extend(found.iter().map(Problem::of));
    }
    of_node(operation, &document, problems)
}

/// The table of an operation, of which nothing has arrived.
pub(super) fn empty(operation: &'static Operation) -> Tree {
    of_node(operation, &Document::new(operation.request), Vec::new())
}

fn of_node(operation: &Operation, document: &Document, mut problems: Vec<Problem>) -> Tree {
    let rows = rows(document, root(operation), true, &mut problems);
    let problems = problems.into_iter().map(|problem| {
        json!({ "path": problem.path, "text": problem.text, "placed": problem.is_placed })
    });
    Tree {
        rows,
        problems: problems.collect(),
    }
}

fn has_document(operation: &Operation) -> bool {
    matches!(
        operation.request_body,
        BodyFormat::Xml(_) | BodyFormat::Json
    )
}

fn root(operation: &Operation) -> &'static str {
    match operation.request_body {
        BodyFormat::Xml(root) => root,
        _ => "",
    }
}

impl Problem {
    fn new(path: String, text: String) -> Self {
        Self {
            path,
            text,
            is_placed: false,
        }
    }

    fn of(violation: &Violation) -> Self {
        Self::new(violation.path.clone(), violation.rule.clone())
    }
}

/// What a server does not accept of how a message departs from its table; the others are among the
/// violations.
fn departure(drift: &Drift) -> Option<Problem> {
    let text = match &drift.kind {
        DriftKind::Unknown => "is not in the table".to_owned(),
        DriftKind::Type { expected, found } => format!("must be {expected}, got {found}"),
        DriftKind::Fixed { expected, found } if !found.eq_ignore_ascii_case(expected) => {
            format!("must be {expected}, got {found}")
        }
        DriftKind::Repeated => "came more than once".to_owned(),
        DriftKind::Root { found } => format!("is called {found}"),
        DriftKind::LeftOut { count } => format!("{count} more are left out"),
        _ => return None,
    };
    Some(Problem::new(drift.path.clone(), text))
}

fn rows(node: &dyn Node, around: &str, outermost: bool, problems: &mut Vec<Problem>) -> Vec<Value> {
    let fields = node.structure().fields();
    let mut found = Vec::with_capacity(fields.len());
    node.refs(RefVisitor::new(&mut |refs| {
        for (field, value) in fields.iter().zip(refs) {
            let in_root = outermost && (around.is_empty() || field.place != Place::Body);
            let path = if in_root {
                field.name.to_owned()
            } else {
                format!("{around}.{}", field.name)
            };
            found.push(row(field, *value, &path, problems));
        }
    }));
    // What it holds may be a secret: nobody knows what it is.
    for (name, _) in node.unknown().iter() {
        let path = format!("{around}.{name}");
        let path = path.strip_prefix('.').unwrap_or(&path);
        let said = take(path, false, problems);
        found.push(json!({ "name": name, "unknown": true, "present": true, "problems": said }));
    }
    found
}

fn row(field: &Field, value: Ref<'_>, path: &str, problems: &mut Vec<Problem>) -> Value {
    let is_secret = field.flags.contains(Flags::SENSITIVE);
    let mut row = Map::new();
    let mut set = |name: &str, value: Value| {
        row.insert(name.to_owned(), value);
    };
    set("name", json!(field.name));
    set("place", json!(place(field.place)));
    set("kind", json!(kind(field.kind)));
    set("present", json!(!value.is_absent()));
    for (name, is) in [
        ("required", field.is_required()),
        ("list", field.is_list()),
        ("secret", is_secret),
        ("computed", field.is_computed()),
        ("deprecated", field.flags.contains(Flags::DEPRECATED)),
    ] {
        if is {
            set(name, json!(true));
        }
    }
    if let Kind::Enumeration(words) = field.kind {
        set("words", json!(words));
    }
    if let Some(limits) = field.limits {
        for (name, bound) in [("minimum", limits.minimum), ("maximum", limits.maximum)] {
            if let Some(bound) = bound {
                set(name, json!(bound));
            }
        }
        if let Some(most) = limits.max_length {
            set("maxLength", json!(most));
        }
        if let Some(default) = limits.default {
            set("default", json!(default));
        }
    }
    let said = take(path, is_secret, problems);
    if !said.is_empty() {
        set("problems", json!(said));
    }
    match value {
        Ref::Node(Some(child)) => set("rows", json!(rows(child, path, false, problems))),
        Ref::Nodes(list) if list.count() > 0 => {
            let items = list
                .iter()
                .enumerate()
                .map(|(index, child)| rows(child, &format!("{path}[{index}]"), false, problems));
            set("items", json!(items.collect::<Vec<_>>()));
        }
        Ref::NodeMap(map) if map.count() > 0 => {
            let mut entries = Map::new();
            map.each(&mut |name, child| {
                let child = rows(child, &format!("{path}.{name}"), false, problems);
                entries.insert(name.to_owned(), json!(child));
            });
            set("entries", Value::Object(entries));
        }
        Ref::Fixed => {
            if let Kind::Fixed(text) = field.kind {
                set("value", json!(text));
            }
        }
        _ if value.is_absent() => {}
        _ if is_secret => set("value", json!(SECRET)),
        value => set("value", scalar(value)),
    }
    Value::Object(row)
}

/// What is wrong with the node at `path`.
fn take(path: &str, is_secret: bool, problems: &mut [Problem]) -> Vec<String> {
    let own = problems.iter_mut().filter(|problem| problem.path == path);
    own.map(|problem| {
        problem.is_placed = true;
        // A rule repeats what was sent.
        if is_secret && problem.text != "is required" {
            "breaks a rule of the table; its value is secret".clone_into(&mut problem.text);
        }
        problem.text.clone()
    })
    .collect()
}

fn scalar(value: Ref<'_>) -> Value {
    match value {
        Ref::Text(Some(text)) => json!(cut(text)),
        Ref::Integer(number) => json!(number),
        Ref::Float(number) => json!(number),
        Ref::Boolean(truth) => json!(truth),
        Ref::Any(Some(value)) => json!(cut(&value.to_string())),
        Ref::Anys(list) => json!(
            list.iter()
                .map(|it| cut(&it.to_string()))
                .collect::<Vec<_>>()
        ),
        Ref::Map(map) => {
            let pairs = map
                .iter()
                .map(|(name, text)| (name.clone(), json!(cut(text))));
            Value::Object(pairs.collect())
        }
        Ref::Texts(list) => {
            let texts = (0..list.count()).filter_map(|at| list.item(at));
            json!(texts.map(cut).collect::<Vec<_>>())
        }
        Ref::Integers(list) => json!(list),
        Ref::Floats(list) => json!(list),
        Ref::Booleans(list) => json!(list),
        _ => Value::Null,
    }
}

fn cut(text: &str) -> String {
    let text = struck::value(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

const fn place(place: Place) -> &'static str {
    match place {
        Place::Host => "host",
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        _ => "body",
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "integer",
        Kind::Float => "number",
        Kind::Boolean => "boolean",
        Kind::Timestamp => "time",
        Kind::Enumeration(_) => "word",
        Kind::Fixed(_) => "fixed",
        Kind::Structure(table) => table.name,
        Kind::MapOf(_) | Kind::Map => "map",
        Kind::Any => "anything",
        _ => "text",
    }
}
