//! A service with its rows joined to their parents, as the rules look at it.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_saphyr::Spanned;

use crate::diagnostic::{Diagnostic, value_of};
use crate::load::{ServiceSpec, SourceFile, Spec};
use crate::rows::{self, Joined, below, join, root};
use crate::spec::{Body, Message, OperationFile, Protocol, Row, ServiceFile, StructureTable};
use crate::words::Type;

/// A service.
pub(super) struct Service<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) spec: &'a ServiceFile,
    pub(super) structures: Vec<Structure<'a>>,
    pub(super) operations: Vec<Operation<'a>>,
}

/// A structure with a table of its own.
pub(super) struct Structure<'a> {
    pub(super) spec: &'a Spanned<StructureTable>,
    pub(super) table: Table<'a>,
}

/// An operation.
pub(super) struct Operation<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) spec: &'a OperationFile,
    pub(super) request: Table<'a>,
    pub(super) response: Table<'a>,
}

/// The rows of a body or of a structure.
pub(super) struct Table<'a> {
    pub(super) file: &'a SourceFile,
    /// What every path in the table starts with; empty in the tables of API 3.0.
    pub(super) root: &'a str,
    pub(super) format: Body,
    pub(super) nodes: Vec<Node<'a>>,
}

/// A row in its table.
pub(super) struct Node<'a> {
    pub(super) site: Site<'a>,
    /// Path of the container around it, below the root.
    pub(super) parent: &'a str,
    /// Path below the root.
    pub(super) path: String,
    pub(super) kind: Type<'a>,
    pub(super) list: bool,
}

/// A row and the file it is in.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) row: &'a Spanned<Row>,
}

/// A container of a table; the table itself if the path is empty.
#[derive(Clone, Copy)]
pub(super) struct Container<'s, 'a> {
    pub(super) table: &'s Table<'a>,
    pub(super) path: &'s str,
}

/// The structures that type columns can name.
pub(super) struct Names<'s, 'a>(BTreeMap<&'a str, Container<'s, 'a>>);

impl<'a> Service<'a> {
    /// Joins the rows of a service; `None` if `files` is not of `spec`.
    pub(super) fn of(spec: &'a Spec, files: &'a ServiceSpec) -> Option<Self> {
        let protocol = files.service.protocol;
        let mut structures = Vec::new();
        for (source, structure) in files.structures() {
            structures.push(Structure {
                spec: structure,
                table: Table::of(
                    spec.sources.get(source)?,
                    &structure.value.name,
                    format(None, protocol),
                    &structure.value.rows,
                ),
            });
        }
        let mut operations = Vec::new();
        for (source, operation) in &files.operations {
            let file = spec.sources.get(*source)?;
            let table = |message: &'a Message| {
                Table::of(
                    file,
                    root(message),
                    format(message.body, protocol),
                    &message.rows,
                )
            };
            operations.push(Operation {
                file,
                spec: operation,
                request: table(&operation.request),
                response: table(&operation.response),
            });
        }
        Some(Self {
            file: spec.sources.get(files.source)?,
            spec: &files.service,
            structures,
            operations,
        })
    }

    /// Every table.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Table<'a>> {
        let messages = self.operations.iter().flat_map(Operation::tables);
        self.structures
            .iter()
            .map(|structure| &structure.table)
            .chain(messages)
    }

    /// Every list of rows that are named side by side outside a body: labels, segments,
    /// parameters, headers.
    pub(super) fn flat_lists(&self) -> impl Iterator<Item = (&'a SourceFile, &'a [Spanned<Row>])> {
        let labels = std::iter::once((self.file, self.spec.host_labels.as_slice()));
        labels.chain(self.operations.iter().flat_map(|operation| {
            [&operation.spec.request, &operation.spec.response]
                .into_iter()
                .flat_map(|message| [&message.path, &message.query, &message.headers])
                .map(|rows| (operation.file, rows.as_slice()))
        }))
    }

    /// Every row.
    pub(super) fn rows(&self) -> impl Iterator<Item = Site<'a>> {
        let flat = self
            .flat_lists()
            .flat_map(|(file, rows)| rows.iter().map(move |row| Site { file, row }));
        flat.chain(
            self.tables()
                .flat_map(|table| table.nodes.iter().map(|node| node.site)),
        )
    }
}

impl<'a> Operation<'a> {
    /// The tables of request and response.
    pub(super) fn tables(&self) -> [&Table<'a>; 2] {
        [&self.request, &self.response]
    }

    /// A finding about the line of a key of the operation: `["paging", "input"]`.
    pub(super) fn error(
        &self,
        keys: &[&str],
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(self.file, key(&self.file.text, keys), code, message, help)
    }
}

impl<'a> Table<'a> {
    fn of(file: &'a SourceFile, root: &'a str, format: Body, rows: &'a [Spanned<Row>]) -> Self {
        let nodes = rows::joined(rows, root).into_iter();
        let nodes = nodes.map(|joined| Node::of(file, joined)).collect();
        Self {
            file,
            root,
            format,
            nodes,
        }
    }

    /// The table as a container.
    pub(super) fn top(&self) -> Container<'_, 'a> {
        Container {
            table: self,
            path: "",
        }
    }

    /// The first row of this path.
    pub(super) fn node(&self, path: &str) -> Option<&Node<'a>> {
        self.nodes.iter().find(|node| node.path == path)
    }

    /// `path` as the table writes it.
    pub(super) fn shown(&self, path: &str) -> String {
        join(self.root, path)
    }
}

impl<'a> Node<'a> {
    fn of(file: &'a SourceFile, joined: Joined<'a>) -> Self {
        let Joined {
            row,
            parent,
            path,
            kind,
            list,
        } = joined;
        Self {
            site: Site { file, row },
            parent,
            path,
            kind,
            list,
        }
    }
}

impl<'a> Site<'a> {
    /// The row.
    pub(super) fn row(self) -> &'a Row {
        &self.row.value
    }

    /// A finding about the value of `key`, or about the row if it has no such key.
    pub(super) fn error(
        self,
        key: &str,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let range = value_of(&self.file.text, self.row, key);
        Diagnostic::error(self.file, range, code, message, help)
    }
}

impl<'s, 'a> Container<'s, 'a> {
    /// The rows directly in it.
    pub(super) fn nodes(self) -> impl Iterator<Item = &'s Node<'a>> {
        self.table
            .nodes
            .iter()
            .filter(move |node| node.parent == self.path)
    }
}

impl<'s, 'a> Names<'s, 'a> {
    /// The structures of a service. Of two of one name the first counts.
    pub(super) fn of(service: &'s Service<'a>) -> Self {
        let mut names = BTreeMap::new();
        for structure in &service.structures {
            names
                .entry(structure.table.root)
                .or_insert(structure.table.top());
        }
        for table in service.tables() {
            for node in &table.nodes {
                if let Some(name) = &node.site.row().structure {
                    let published = Container {
                        table,
                        path: &node.path,
                    };
                    names.entry(name.as_str()).or_insert(published);
                }
            }
        }
        Self(names)
    }

    /// The structure called `name`.
    pub(super) fn get(&self, name: &str) -> Option<Container<'s, 'a>> {
        self.0.get(name).copied()
    }

    /// All names.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> {
        self.0.keys().copied()
    }

    /// The rows in `node`, if it holds any.
    pub(super) fn inside(
        &self,
        table: &'s Table<'a>,
        node: &'s Node<'a>,
    ) -> Option<Container<'s, 'a>> {
        match node.kind {
            Type::Container => Some(Container {
                table,
                path: &node.path,
            }),
            Type::Named(name) => self.get(name),
            _ => None,
        }
    }

    /// Goes down `path` from the top of `table`; else the part that does not exist.
    pub(super) fn follow<'p>(
        &self,
        table: &'s Table<'a>,
        path: &'p str,
    ) -> Result<&'s Node<'a>, &'p str> {
        let mut around = Some(table.top());
        let mut last = Err("");
        for part in below(path, table.root).split('.') {
            let inside = around.ok_or(part)?;
            let node = inside
                .nodes()
                .find(|node| node.site.row().name == part)
                .ok_or(part)?;
            around = self.inside(inside.table, node);
            last = Ok(node);
        }
        last
    }
}

/// The format of a body. What is sent as bytes has no rows, so that its format does not matter.
fn format(body: Option<Body>, protocol: Protocol) -> Body {
    body.unwrap_or(match protocol {
        Protocol::Tc3 => Body::Json,
        Protocol::Cos | Protocol::Ci => Body::Xml,
    })
}

/// The line of a key at the top of a file, or of a key in it.
pub(super) fn key(text: &str, keys: &[&str]) -> Range<usize> {
    let mut start = 0;
    for (depth, key) in keys.iter().enumerate() {
        let rest = text.get(start..).unwrap_or_default();
        let word = format!("{key}:");
        start += rest
            .match_indices(&word)
            .map(|(at, _)| at)
            .find(|at| {
                let before = rest.get(..*at).unwrap_or_default();
                match depth {
                    0 => before.is_empty() || before.ends_with('\n'),
                    _ => !before.ends_with(char::is_alphanumeric),
                }
            })
            .unwrap_or_default();
    }
    let line = text
        .get(start..)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    start..start + line.trim_end().len()
}
