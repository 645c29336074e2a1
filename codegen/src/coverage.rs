//! How much of each service the tables hold, and how much of it is described.

use crate::error::Error;
use crate::load::{ServiceSpec, Spec};
use crate::lower::lower;
use crate::model::{Enumeration, Paging};
use crate::spec::{Message, Row};

/// What the tables hold of a service.
#[derive(Debug)]
pub struct Coverage {
    /// Short name of the service.
    pub service: String,
    /// How many operations there are.
    pub operations: usize,
    /// How many structures, apart from requests and responses.
    pub structures: usize,
    /// The rows, table by table.
    pub tables: Vec<Table>,
    /// How many enumerations.
    pub enumerations: usize,
    /// How many words they know.
    pub words: usize,
    /// Operations whose lists are paged, by name.
    pub paged: Vec<(String, Paging)>,
    /// How many operations can be waited for.
    pub waiters: usize,
}

/// What is described of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Whose rows they are, such as `ListJobs request`.
    pub owner: String,
    /// How many rows there are.
    pub rows: usize,
    /// The rows without a description: their parents and names.
    pub undocumented: Vec<String>,
}

impl Coverage {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// How many of them are described.
    pub fn documented(&self) -> usize {
        let undocumented = self.tables.iter().map(|table| table.undocumented.len());
        self.rows().saturating_sub(undocumented.sum())
    }
}

/// Counts what there is of every service.
///
/// # Errors
///
/// The first thing in the spec that no Rust can be made of.
pub fn coverage(spec: &Spec) -> Result<Vec<Coverage>, Error> {
    spec.services
        .iter()
        .map(|service| {
            let model = lower(&spec.sources, service)?;
            let families = model.families.values();
            let own = model.operations.iter();
            let enumerations: Vec<&Enumeration> = families
                .clone()
                .flat_map(|family| &family.enumerations)
                .chain(own.clone().flat_map(|operation| &operation.enumerations))
                .collect();
            Ok(Coverage {
                operations: model.operations.len(),
                structures: families
                    .map(|family| family.structures.len())
                    .sum::<usize>()
                    + own
                        .clone()
                        .map(|operation| operation.structures.len())
                        .sum::<usize>(),
                tables: tables(service),
                enumerations: enumerations.len(),
                words: enumerations.iter().map(|it| it.words.len()).sum(),
                waiters: own.filter(|operation| operation.waiter.is_some()).count(),
                paged: model
                    .operations
                    .into_iter()
                    .filter_map(|operation| Some((operation.name, operation.paging?)))
                    .collect(),
                service: model.name,
            })
        })
        .collect()
}

/// The tables of a service: its host labels, the structures, and two of each operation.
fn tables(service: &ServiceSpec) -> Vec<Table> {
    let mut tables = vec![table(
        "host labels".to_owned(),
        service.service.host_labels.iter().map(|row| &row.value),
    )];
    for (_, structure) in service.structures() {
        let rows = structure.value.rows.iter().map(|row| &row.value);
        tables.push(table(structure.value.name.clone(), rows));
    }
    for (_, operation) in &service.operations {
        let name = &operation.operation.value;
        tables.push(table(format!("{name} request"), rows(&operation.request)));
        tables.push(table(format!("{name} response"), rows(&operation.response)));
    }
    tables.retain(|table| table.rows > 0);
    tables
}

fn rows(message: &Message) -> impl Iterator<Item = &Row> {
    let Message {
        path,
        query,
        headers,
        rows,
        body: _,
        root: _,
    } = message;
    let lists = [path, query, headers, rows];
    lists.into_iter().flatten().map(|row| &row.value)
}

fn table<'r>(owner: String, rows: impl Iterator<Item = &'r Row>) -> Table {
    let mut table = Table {
        owner,
        rows: 0,
        undocumented: Vec::new(),
    };
    for row in rows {
        table.rows += 1;
        if row.doc.trim().is_empty() {
            table.undocumented.push(match row.parent.as_str() {
                "" => row.name.clone(),
                parent => format!("{parent}.{}", row.name),
            });
        }
    }
    table
}
