//! Structures of API 3.0: pages that list them, and what samples show of those that no page has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::facts::{OPEN, Operation, Row, Structure};
use super::kinds::Kind;
use super::link::Structures;
use super::model::Document;
use super::remark::{Remark, RemarkKind, Remarks};
use super::rows::is_name;
use super::shape::join;
use super::terms::Column;
use super::{action, page, table};
use crate::words::{self, Type};

/// Objects within objects that samples are read to.
const DEEP: usize = 12;

/// The structures of a page of these; none of any other page.
pub(super) fn read(document: &Document) -> Vec<Structure> {
    let page = page::read(document, &mut Remarks::default());
    let tables: Vec<&page::Found<'_>> = page.operations.iter().flat_map(|it| &it.tables).collect();
    let requests = page.operations.iter().any(|it| it.pattern.is_some());
    let parents =
        |found: &&page::Found<'_>| table::columns(found.table).contains(&Some(Column::Parent));
    let marks = [
        "used by actions",
        "被如下接口引用",
        "data types",
        "data structure",
        "数据结构",
    ];
    let told = tables
        .iter()
        .map(|found| found.intro.as_str())
        .chain(page.title.iter().map(|(_, title)| title.as_str()))
        .chain(page.preface.iter().map(|(_, text)| text.as_str()))
        .map(str::to_lowercase)
        .any(|text| marks.iter().any(|mark| text.contains(mark)));
    if requests
        || !told
        || tables
            .iter()
            .any(|found| found.structure().is_none() || parents(found))
    {
        return Vec::new();
    }
    let mut structures: Vec<Structure> = Vec::new();
    for found in tables {
        let mut remarks = Remarks::default();
        let mut structure = Structure {
            name: found.structure().unwrap_or_default().to_owned(),
            line: found.line,
            ..Structure::default()
        };
        for raw in table::rows(found.table, &mut remarks) {
            action::push(
                &mut structure.rows,
                &structure.name,
                true,
                &raw,
                &mut remarks,
            );
        }
        structure.remarks = remarks.0;
        if !structures.iter().any(|known| known.name == structure.name) {
            structures.push(structure);
        }
    }
    structures
}

/// The name of the structure that a row holds.
pub(super) fn named(row: &Row) -> Option<String> {
    match words::parse(&row.kind.word).0 {
        Type::Named(name) => Some(name.to_owned()),
        _ => None,
    }
}

/// Gives an operation the structures that it names and the service does not have, as far as its
/// samples show them, and says so.
pub(super) fn complete(
    operation: &mut Operation,
    structures: Option<&Structures<'_>>,
    added: &mut BTreeSet<String>,
) {
    let service = operation.service.clone();
    let samples: Vec<[Option<Value>; 2]> = operation
        .samples
        .iter()
        .map(|sample| {
            [&sample.request, &sample.response]
                .map(|text| serde_json::from_str(text.as_deref()?).ok())
        })
        .collect();
    let mut missing: BTreeMap<String, (usize, Structure)> = BTreeMap::new();
    for (side, message) in [&operation.request, &operation.response]
        .into_iter()
        .enumerate()
    {
        for row in &message.rows {
            let Some(name) = named(row) else { continue };
            if added.contains(&name) || structures.is_some_and(|it| it.has(&name)) {
                continue;
            }
            let (_, structure) = missing.entry(name.clone()).or_insert_with(|| {
                let structure = Structure {
                    name,
                    line: row.line,
                    ..Structure::default()
                };
                (row.line, structure)
            });
            for sample in &samples {
                let body = sample.get(side).and_then(Option::as_ref);
                let body = body.map(|body| match side {
                    0 => body,
                    _ => body.get("Response").unwrap_or(body),
                });
                if let Some(value) = body.and_then(|body| body.get(&row.name)) {
                    show(structure, "", value, 0);
                }
            }
        }
    }
    for (name, (line, structure)) in missing {
        let shown = !structure.rows.is_empty();
        let until = if shown {
            "; until then its rows are what the samples show"
        } else {
            ""
        };
        operation.remarks.push(Remark {
            line,
            kind: RemarkKind::Refused,
            item: name.clone(),
            text: format!(
                "`{name}` is a structure of another page, and {service} does not have it: import \
                 that page with this one, write it below `{service}/structures`, or `cargo xtask \
                 import tc3 --service {service}` brings all of them{until}"
            ),
        });
        if !shown {
            continue;
        }
        let rows = operation
            .request
            .rows
            .iter_mut()
            .chain(&mut operation.response.rows);
        for row in rows.filter(|row| named(row).as_ref() == Some(&name)) {
            row.explain(&format!(
                "{OPEN}: no page has {name}; its rows are what samples show."
            ));
        }
        operation.structures.push(structure);
        added.insert(name);
    }
}

/// Adds to a structure what a value of a sample shows within `around`.
fn show(structure: &mut Structure, around: &str, value: &Value, depth: usize) {
    match value {
        Value::Array(items) => {
            for item in items {
                show(structure, around, item, depth + 1);
            }
        }
        Value::Object(fields) if depth < DEEP => fields_of(structure, around, fields, depth),
        _ => {}
    }
}

fn fields_of(structure: &mut Structure, around: &str, fields: &Map<String, Value>, depth: usize) {
    for (name, value) in fields.iter().filter(|(name, _)| is_name(name)) {
        let parent = if around.is_empty() {
            String::new()
        } else {
            join(&structure.name, around)
        };
        let kind = kind_of(value);
        let known = structure
            .rows
            .iter_mut()
            .find(|row| row.name == *name && row.parent == parent);
        match known {
            // Numbers of which some have decimals.
            Some(row) if row.kind.word == "Int" && kind.word == "Float" => row.kind = kind,
            Some(_) => {}
            None => {
                let mut row = Row::new(structure.line, &parent, name, kind);
                row.nullable = value.is_null();
                row.explain("No page has it; a sample shows it.");
                structure.rows.push(row);
            }
        }
        show(structure, &join(around, name), value, depth + 1);
    }
}

fn kind_of(value: &Value) -> Kind {
    let (word, list) = match value {
        Value::Array(items) => (
            items
                .first()
                .map_or_else(|| "String".to_owned(), |item| kind_of(item).word),
            true,
        ),
        Value::Object(_) => ("Container".to_owned(), false),
        Value::Bool(_) => ("Boolean".to_owned(), false),
        Value::Number(number) if number.is_f64() => ("Float".to_owned(), false),
        Value::Number(_) => ("Int".to_owned(), false),
        Value::String(_) | Value::Null => ("String".to_owned(), false),
    };
    Kind {
        word,
        list,
        really: None,
    }
}
