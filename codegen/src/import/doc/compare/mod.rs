//! The rows of a document beside those of the committed tables.

mod values;

use std::collections::BTreeMap;

use crate::import::doc::facts::{Message, Operation};
use crate::import::doc::link::{Shape, shape};
use crate::import::doc::remark::RemarkKind;
use crate::load::ServiceSpec;
use crate::rows::join;
use crate::spec::{self, OperationFile};
use crate::words::{self, Type};

pub use self::values::{Tally, Values};

/// Containers within containers that are compared.
const DEEP: usize = 10;

/// How the rows of an operation compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Rows of the document that the tables have, too.
    pub compared: usize,
    /// Those that say the same.
    pub right: usize,
    /// Those that differ, and where a `fix` of the table or a remark says why.
    pub explained: Vec<String>,
    /// Those that differ and nothing says why: item and difference.
    pub wrong: Vec<String>,
    /// Rows of the document that the tables do not have.
    pub unknown: Vec<String>,
    /// Their defaults, words and ranges.
    pub values: Values,
}

/// A row of the committed tables.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Known {
    shape: Shape,
    list: bool,
    required: bool,
    explained: bool,
    /// It is in a structure that others use, too, or is one.
    shared: bool,
    /// The name of what it holds, if that is a structure of API 3.0.
    named: String,
    values: values::Known,
}

/// Compares an operation with the committed one.
pub(super) fn compare(
    operation: &Operation,
    file: &OperationFile,
    service: &ServiceSpec,
) -> Comparison {
    let mut comparison = Comparison::default();
    for (side, own, known) in [
        ("request", &operation.request, &file.request),
        ("response", &operation.response, &file.response),
    ] {
        message(side, own, known, operation, service, &mut comparison);
    }
    comparison
}

fn message(
    side: &str,
    own: &Message,
    known: &spec::Message,
    operation: &Operation,
    service: &ServiceSpec,
    comparison: &mut Comparison,
) {
    let known_rows = expanded(known, service);
    for (list, rows) in own.lists() {
        for row in rows {
            let path = row.path();
            let key = format!(
                "{list} {}",
                path.strip_prefix(&format!("{}.", own.root))
                    .filter(|_| !own.root.is_empty())
                    .unwrap_or(&path)
            );
            let item = format!("{side} {path}");
            let Some(other) = known_rows.get(&key) else {
                comparison.unknown.push(item);
                continue;
            };
            comparison.compared += 1;
            let shared = other.shared;
            comparison.values.add(&item, row, &other.values, shared);
            let (kind, _) = words::parse(&row.kind.word);
            let mut differences = Vec::new();
            let list = row.kind.list != other.list
                && !(other.shared && other.shape == Shape::Container && !row.kind.list);
            if shape(kind) != other.shape || list {
                differences.push(format!("type {} here", row.kind.text()));
            } else if let Type::Named(name) = kind
                && operation.tc3
                && name != other.named
            {
                differences.push(format!("type {name} here, {} there", other.named));
            }
            // What a structure requires holds wherever it is used.
            if row.required != other.required && side == "request" && !other.shared {
                differences.push(
                    if row.required {
                        "required here"
                    } else {
                        "not required here"
                    }
                    .to_owned(),
                );
            }
            // Where a text was read to be a number, that is what the remark says.
            let least = match row.kind.really {
                Some("Int" | "Float") if row.kind.word == "String" => RemarkKind::Read,
                _ => RemarkKind::Inferred,
            };
            let mut remarks = operation.remarks.iter();
            let remarked = remarks.any(|remark| remark.item == item && remark.kind <= least);
            if differences.is_empty() {
                comparison.right += 1;
                continue;
            }
            let text = format!("{item}: {}", differences.join(", "));
            if other.explained || row.fix.is_some() || remarked {
                comparison.explained.push(text);
            } else {
                comparison.wrong.push(text);
            }
        }
    }
}

/// All rows of a message by list and path, those of structures among them.
fn expanded(message: &spec::Message, service: &ServiceSpec) -> BTreeMap<String, Known> {
    let mut known = BTreeMap::new();
    let lists = [
        ("path", &message.path),
        ("query", &message.query),
        ("headers", &message.headers),
    ];
    for (list, rows) in lists {
        for row in rows {
            add(
                &mut known,
                list,
                &row.value.name,
                &row.value,
                [false, false],
            );
        }
    }
    let root = crate::rows::root(message);
    let mut open: Vec<(String, String, usize, bool)> = Vec::new();
    for row in &message.rows {
        let path = join(crate::rows::below(&row.value.parent, root), &row.value.name);
        let named = matches!(row.value.kind.read().0, Type::Named(_));
        add(&mut known, "rows", &path, &row.value, [false, named]);
        if let Type::Named(name) = row.value.kind.read().0 {
            open.push((path, name.to_owned(), 0, row.value.fix.is_some()));
        }
    }
    while let Some((around, name, depth, explained)) = open.pop() {
        if depth > DEEP || known.len() > 20_000 {
            continue;
        }
        for (base, row) in rows_of(service, &name) {
            let path = join(
                &around,
                &join(crate::rows::below(&row.parent, &base), &row.name),
            );
            add(&mut known, "rows", &path, row, [explained, true]);
            if let Type::Named(name) = row.kind.read().0 {
                open.push((
                    path,
                    name.to_owned(),
                    depth + 1,
                    explained || row.fix.is_some(),
                ));
            }
        }
    }
    known
}

fn add(
    known: &mut BTreeMap<String, Known>,
    list: &str,
    path: &str,
    row: &spec::Row,
    [explained, shared]: [bool; 2],
) {
    let (travels, list_of) = row.kind.read();
    let named = match travels {
        Type::Named(name) => name.to_owned(),
        _ => String::new(),
    };
    known.entry(format!("{list} {path}")).or_insert(Known {
        shape: shape(travels),
        list: list_of,
        required: row.required,
        explained: explained || row.fix.is_some(),
        shared,
        named,
        values: values::Known::of(row),
    });
}

/// The rows of a structure, each with the path that its parents begin with.
fn rows_of<'s>(service: &'s ServiceSpec, name: &str) -> Vec<(String, &'s spec::Row)> {
    if let Some((_, table)) = service.structures().find(|(_, it)| it.value.name == name) {
        return table
            .value
            .rows
            .iter()
            .map(|row| (name.to_owned(), &row.value))
            .collect();
    }
    for (_, file) in &service.operations {
        for message in [&file.request, &file.response] {
            let container = message
                .rows
                .iter()
                .find(|row| row.value.structure.as_deref() == Some(name));
            if let Some(container) = container {
                let base = join(&container.value.parent, &container.value.name);
                let within = |row: &&serde_saphyr::Spanned<spec::Row>| {
                    row.value
                        .parent
                        .strip_prefix(&base)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                return message
                    .rows
                    .iter()
                    .filter(within)
                    .map(|row| (base.clone(), &row.value))
                    .collect();
            }
        }
    }
    Vec::new()
}
