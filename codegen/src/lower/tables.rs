//! One table for each container: rows leave the flat list of a document and join their parents.

use std::collections::BTreeMap;

use super::names::camel;
use super::words::{self, Type};
use crate::Error;
use crate::spec::{Body, Message, Row, StructureTable};

/// A container with its rows.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// What the table is for.
    pub role: Role,
    /// Module of the crate in which its type stands.
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
    pub place: &'static str,
    /// The document, or the place, requires it.
    pub required: bool,
    /// The table of the container it is.
    pub child: Option<String>,
    /// A number or a truth value that stands in quotes, in a document that tells them from texts.
    pub quoted: bool,
}

impl Placed<'_> {
    /// Key of the table of the structure it holds.
    pub(crate) fn target(&self) -> Option<&str> {
        match words::of(self.row).0 {
            Type::Container => self.child.as_deref(),
            Type::Named(name) | Type::MapOf(name) => Some(name),
            _ => None,
        }
    }
}

/// Tables by key: the name of a structure, or the path of a container within its message.
pub(crate) type Tables<'a> = BTreeMap<String, Table<'a>>;

/// Key of an operation's request.
pub(crate) fn request_key(operation: &str) -> String {
    format!("{operation}/Request")
}

/// Key of an operation's response.
pub(crate) fn response_key(operation: &str) -> String {
    format!("{operation}/Response")
}

/// The root element that the rows of a message stand in; empty if they name none.
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

/// Adds the tables of a message: the message itself and every container in it.
pub(crate) fn add_message<'a>(
    tables: &mut Tables<'a>,
    source: &'a str,
    message: &'a Message,
    labels: Vec<Placed<'a>>,
    top: Table<'a>,
    key: &str,
) -> Result<(), Error> {
    let mut rows = labels;
    for (place, list) in [
        ("Path", &message.path),
        ("Query", &message.query),
        ("Header", &message.headers),
    ] {
        rows.extend(list.iter().map(|row| Placed {
            row: &row.value,
            place,
            required: row.value.required || place == "Path",
            child: None,
            quoted: false,
        }));
    }
    tables.insert(key.to_owned(), Table { rows, ..top });
    let body: Vec<&Row> = message.rows.iter().map(|row| &row.value).collect();
    let json = message.body == Some(Body::Json);
    add_rows(tables, source, &body, root(message), key, json)
}

/// Adds a structure that has a table of its own.
pub(crate) fn add_structure<'a>(
    tables: &mut Tables<'a>,
    source: &'a str,
    family: &str,
    table: &'a StructureTable,
) -> Result<(), Error> {
    let top = Table::named(&table.name, family.to_owned(), &table.doc, source);
    if tables.insert(table.name.clone(), top).is_some() {
        return Err(Error::new(
            source,
            format!("a second structure `{}`", table.name),
        ));
    }
    let rows: Vec<&Row> = table.rows.iter().map(|row| &row.value).collect();
    add_rows(tables, source, &rows, &table.name, &table.name, false)
}

/// Adds the rows of one document table to the table at `key` and to those of its containers.
fn add_rows<'a>(
    tables: &mut Tables<'a>,
    source: &'a str,
    rows: &[&'a Row],
    root: &str,
    key: &str,
    json: bool,
) -> Result<(), Error> {
    let mut keys = BTreeMap::from([(String::new(), key.to_owned())]);
    // A container's row may stand below those of its children.
    let mut containers: Vec<&Row> = rows
        .iter()
        .copied()
        .filter(|row| words::of(row).0 == Type::Container)
        .collect();
    containers.sort_by_key(|row| match below(&row.parent, root) {
        "" => 0,
        parent => parent.split('.').count(),
    });
    for row in containers {
        let parent = below(&row.parent, root);
        let Some(parent_key) = keys.get(parent).cloned() else {
            return Err(orphan(source, row));
        };
        let path = join(parent, &row.name);
        let (key, table) = if let Some(name) = &row.structure {
            let family = super::names::snake(name);
            (name.clone(), Table::named(name, family, &row.doc, source))
        } else {
            let Some(around) = tables.get(&parent_key) else {
                return Err(orphan(source, row));
            };
            let table = Table::inline(around, row, source);
            (format!("{parent_key}.{}", row.name), table)
        };
        if tables.insert(key.clone(), table).is_some() {
            return Err(Error::new(source, format!("a second container `{key}`")));
        }
        keys.insert(path, key);
    }
    for row in rows {
        let parent = below(&row.parent, root);
        let child = match words::of(row).0 {
            Type::Container => keys.get(&join(parent, &row.name)).cloned(),
            _ => None,
        };
        keys.get(parent)
            .and_then(|key| tables.get_mut(key))
            .ok_or_else(|| orphan(source, row))?
            .rows
            .push(Placed {
                row,
                place: "Body",
                required: row.required,
                child,
                quoted: json && is_quoted(row),
            });
    }
    Ok(())
}

/// Whether the document's column says text, where the value is no text.
fn is_quoted(row: &Row) -> bool {
    let is_number = |kind| matches!(kind, Type::Integer | Type::Float | Type::Boolean);
    !is_number(words::parse(&row.kind).0) && is_number(words::of(row).0)
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
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
