//! One table for each container: rows leave the flat list of a document and join their parents.

use std::collections::BTreeMap;

use tcloud_core::schema::Place;

use super::key::Key;
use crate::error::Error;
use crate::names::{camel, snake};
use crate::rows::{self, Joined, root};
use crate::spec::{Body, Message, Row, StructureTable};
use crate::words::Type;

/// A container with its rows.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// What the table is for.
    pub role: Role,
    /// Module of the crate that holds its type.
    pub module: Vec<String>,
    /// File of shared types that holds it, if it is one.
    pub family: Option<String>,
    /// Names its type may have, the best one first.
    pub candidates: Vec<String>,
    /// What the document says of it.
    pub doc: &'a str,
    /// Its rows, in their order.
    pub rows: Vec<Placed<'a>>,
    /// The spec file it comes from.
    pub source: &'a str,
    /// Names of the containers around it, and its own.
    chain: Vec<String>,
}

/// What a table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The fields of a request.
    Request,
    /// The fields of a response.
    Response,
    /// A structure that tables name as a type.
    Named,
    /// A container within another table.
    Inline,
}

/// A row in its table.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    /// The row.
    pub row: &'a Row,
    /// The part of the message that carries it.
    pub place: Place,
    /// The document, or the place, requires it.
    pub required: bool,
    /// Key of the table of the container it is, or of the structure it holds.
    pub target: Option<Key>,
    /// A number or a truth value that is in quotes, in a document that distinguishes them from
    /// texts.
    pub quoted: bool,
}

impl<'a> Placed<'a> {
    /// A row that is not a container.
    pub(crate) fn new(row: &'a Row, place: Place, required: bool) -> Self {
        Self {
            row,
            place,
            required,
            target: match row.typed().0 {
                Type::Named(name) | Type::MapOf(name) => Some(Key::structure(name)),
                _ => None,
            },
            quoted: false,
        }
    }

    /// Key of the table of the container it is.
    pub(crate) fn child(&self) -> Option<&Key> {
        let is_container = self.row.typed().0 == Type::Container;
        self.target.as_ref().filter(|_| is_container)
    }
}

/// The tables of a service.
pub(crate) type Tables<'a> = BTreeMap<Key, Table<'a>>;

/// Adds the tables of a message: the message itself and every container in it.
pub(crate) fn add_message<'a>(
    tables: &mut Tables<'a>,
    source: &'a str,
    message: &'a Message,
    labels: Vec<Placed<'a>>,
    top: Table<'a>,
    key: Key,
) -> Result<(), Error> {
    let mut rows = labels;
    for (place, list) in [
        (Place::Path, &message.path),
        (Place::Query, &message.query),
        (Place::Header, &message.headers),
    ] {
        rows.extend(list.iter().map(|row| {
            let required = row.value.required || place == Place::Path;
            Placed::new(&row.value, place, required)
        }));
    }
    tables.insert(key.clone(), Table { rows, ..top });
    let body = rows::joined(&message.rows, root(message));
    let json = message.body == Some(Body::Json);
    add_rows(tables, source, body, key, json)
}

/// Adds a structure that has a table of its own.
pub(crate) fn add_structure<'a>(
    tables: &mut Tables<'a>,
    source: &'a str,
    family: &str,
    table: &'a StructureTable,
) -> Result<(), Error> {
    let top = Table::named(&table.name, family.to_owned(), &table.doc, source);
    let key = Key::structure(&table.name);
    if tables.insert(key.clone(), top).is_some() {
        return Err(Error::new(
            source,
            format!("a second structure `{}`", table.name),
        ));
    }
    let rows = rows::joined(&table.rows, &table.name);
    add_rows(tables, source, rows, key, false)
}

/// Adds the rows of one document table to the table at `key` and to those of its containers.
fn add_rows<'a>(
    tables: &mut Tables<'a>,
    source: &'a str,
    rows: Vec<Joined<'a>>,
    key: Key,
    json: bool,
) -> Result<(), Error> {
    let mut keys = BTreeMap::from([(String::new(), key)]);
    // A container's row may come after those of its children.
    let mut containers: Vec<&Joined<'_>> = rows
        .iter()
        .filter(|joined| joined.kind == Type::Container)
        .collect();
    containers.sort_by_key(|joined| match joined.parent {
        "" => 0,
        parent => parent.split('.').count(),
    });
    for joined in containers {
        let row = &joined.row.value;
        let Some(around) = keys.get(joined.parent) else {
            return Err(orphan(source, row));
        };
        let (key, table) = if let Some(name) = &row.structure {
            let table = Table::named(name, snake(name), &row.doc, source);
            (Key::structure(name), table)
        } else {
            let Some(table) = tables.get(around) else {
                return Err(orphan(source, row));
            };
            let table = Table::inline(table, row, source);
            (around.container(&row.name), table)
        };
        if tables.insert(key.clone(), table).is_some() {
            return Err(Error::new(source, format!("a second container `{key}`")));
        }
        keys.insert(joined.path.clone(), key);
    }
    for joined in rows {
        let row = &joined.row.value;
        let mut placed = Placed::new(row, Place::Body, row.required);
        if joined.kind == Type::Container {
            placed.target = keys.get(&joined.path).cloned();
        }
        placed.quoted = json && is_quoted(row);
        keys.get(joined.parent)
            .and_then(|key| tables.get_mut(key))
            .ok_or_else(|| orphan(source, row))?
            .rows
            .push(placed);
    }
    Ok(())
}

/// Whether the document's column says text, where the value is not text.
fn is_quoted(row: &Row) -> bool {
    let is_number = |kind| matches!(kind, Type::Integer | Type::Float | Type::Boolean);
    !is_number(row.kind.read().0) && is_number(row.typed().0)
}

fn orphan(source: &str, row: &Row) -> Error {
    Error::new(
        source,
        format!(
            "row `{}` has the parent `{}`, which no row describes",
            row.name, row.parent
        ),
    )
}

impl<'a> Table<'a> {
    /// The container's own name.
    pub(crate) fn own_name(&self) -> &str {
        self.chain.last().map_or("", String::as_str)
    }

    /// A request or a response.
    pub(crate) fn message(
        role: Role,
        operation: &str,
        module: &str,
        doc: &'a str,
        source: &'a str,
    ) -> Self {
        let own = if role == Role::Request {
            "Request"
        } else {
            "Response"
        };
        Self {
            role,
            module: vec!["operation".to_owned(), module.to_owned()],
            family: None,
            candidates: vec![format!("{}{own}", camel(operation))],
            doc,
            rows: Vec::new(),
            source,
            chain: vec![own.to_owned()],
        }
    }

    fn named(name: &str, family: String, doc: &'a str, source: &'a str) -> Self {
        let own = camel(name);
        Self {
            role: Role::Named,
            module: vec!["types".to_owned()],
            family: Some(family),
            candidates: vec![own.clone(), format!("{own}Structure")],
            doc,
            rows: Vec::new(),
            source,
            chain: vec![own],
        }
    }

    fn inline(around: &Self, row: &'a Row, source: &'a str) -> Self {
        let own = camel(&row.name);
        let mut chain = around.chain.clone();
        chain.push(own.clone());
        // Within an operation the container's own name comes first, then as many of the names
        // around it as it takes. A shared type always shows what it is a part of.
        let mut candidates: Vec<String> = (0..chain.len())
            .rev()
            .map(|from| chain.iter().skip(from).map(String::as_str).collect())
            .collect();
        if around.family.is_some() {
            let top = chain.first().cloned().unwrap_or_default();
            candidates.retain(|name| name.starts_with(&top));
            candidates.insert(
                0,
                if own.starts_with(&top) {
                    own
                } else {
                    format!("{top}{own}")
                },
            );
        }
        Self {
            role: Role::Inline,
            module: around.module.clone(),
            family: around.family.clone(),
            candidates,
            doc: &row.doc,
            rows: Vec::new(),
            source,
            chain,
        }
    }
}
