//! From model to tables that work at once, without compiling a crate.
//!
//! `emit::structure` writes a model's structures down as Rust; here they become the same
//! [`Structure`]s in memory, row by row and in the same order, so that the codec reads and writes
//! messages of a service through [`Document`](tcloud_core::codec::Document). What one of the two
//! says of a row, the other must say, too.
//!
//! A structure may hold its own kind, so all are opened first and get their rows after.

use std::collections::BTreeMap;

use tcloud_core::operation::{self, BodyFormat, Catalog, Events, Operation, Protocol};
use tcloud_core::paging::Paging;
use tcloud_core::schema::{Field, Flags, Kind, Limits, Structure};

use crate::error::Error;
use crate::model::{self, Path, Service};

/// The tables of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Messages {
    /// What it takes.
    pub request: &'static Structure,
    /// What it answers.
    pub response: &'static Structure,
}

/// The tables of all operations of `service`, by the operation's name.
///
/// They live as long as the program: each call leaks what it makes.
///
/// # Errors
///
/// A row that refers to a type the model does not have.
pub fn messages(service: &Service) -> Result<BTreeMap<&str, Messages>, Error> {
    let types = Types::of(service);
    types.complete(service)?;
    service
        .operations
        .iter()
        .map(|operation| {
            let module = operation_module(operation);
            let messages = Messages {
                request: types.structure(service, &path(&module, &operation.request.table))?,
                response: types.structure(service, &path(&module, &operation.response.table))?,
            };
            Ok((operation.name.as_str(), messages))
        })
        .collect()
}

/// The operations of `service` as its crate would list them, for a server that routes and checks their
/// requests.
///
/// They live as long as the program: each call leaks what it makes.
///
/// # Errors
///
/// A row that refers to a type the model does not have, or a service that is none of API 3.0: the
/// others have hosts, paths and queries, of which nobody needs the tables at run time.
pub fn catalog(service: &Service) -> Result<&'static Catalog, Error> {
    if service.version.is_empty() {
        let problem = format!("`{}` is no service of API 3.0", service.name);
        return Err(Error::new(&service.source, problem));
    }
    let tables = messages(service)?;
    let own = &*Box::leak(Box::new(operation::Service::new(
        text(&service.name),
        text(&service.title),
        text(&service.version),
        Protocol::Tc3,
    )));
    let operations: Vec<&'static Operation> = service
        .operations
        .iter()
        .filter_map(|it| {
            Some(&*Box::leak(Box::new(routed(
                own,
                it,
                tables.get(it.name.as_str())?,
            ))))
        })
        .collect();
    Ok(Box::leak(Box::new(Catalog::new(own, operations.leak()))))
}

/// An operation with what a server needs to know of it.
fn routed(
    service: &'static operation::Service,
    operation: &model::Operation,
    tables: &Messages,
) -> Operation {
    let made = Operation::new(
        service,
        text(&operation.name),
        text(&operation.method),
        text(&operation.path),
        text(&operation.host),
        tables.request,
        tables.response,
    )
    .function(text(&operation.module))
    .subject(text(&operation.subject))
    .document(text(&operation.document))
    .permission(text(&operation.permission))
    .deprecated(operation.deprecated)
    .unsigned(operation.unsigned)
    .request_body(BodyFormat::Json)
    .response_body(BodyFormat::Json);
    let made = match &operation.paging {
        Some(paging) => made.paging(Box::leak(Box::new(pages(paging)))),
        None => made,
    };
    match &operation.events {
        Some(events) => {
            let asked_by = events.asked_by.as_deref().map_or("", text);
            made.events(Events::new().asked_by(asked_by))
        }
        None => made,
    }
}

fn pages(paging: &model::Paging) -> Paging {
    let node = |node: &Option<String>| node.as_deref().map(text);
    let also = paging.also.iter();
    let also: Vec<_> = also
        .map(|(input, output)| (text(input), text(output)))
        .collect();
    Paging {
        input: text(&paging.input),
        output: node(&paging.output),
        also: also.leak(),
        by_items: paging.by_items,
        more: node(&paging.more),
        total: node(&paging.total),
        items: text(&paging.items.wire),
    }
}

/// The types of a service by their names in the crate that would be generated.
struct Types {
    structures: BTreeMap<Path, &'static Structure>,
    words: BTreeMap<Path, &'static [&'static str]>,
}

impl Types {
    /// All of them, the structures still open.
    fn of(service: &Service) -> Self {
        let structures = structures(service)
            .map(|(module, it)| (path(&module, &it.table), open(&it.name)))
            .collect();
        let words = enumerations(service)
            .map(|(module, it)| (path(&module, &it.name), words(it)))
            .collect();
        Self { structures, words }
    }

    fn complete(&self, service: &Service) -> Result<(), Error> {
        for (module, structure) in structures(service) {
            let rows: Vec<Field> = structure
                .fields
                .iter()
                .map(|field| self.row(service, field))
                .collect::<Result<_, _>>()?;
            let table = self.structure(service, &path(&module, &structure.table))?;
            table.complete(rows.leak()).map_err(|_| {
                Error::new(&service.source, format!("two tables `{}`", structure.table))
            })?;
        }
        Ok(())
    }

    fn structure(&self, service: &Service, path: &Path) -> Result<&'static Structure, Error> {
        let found = self.structures.get(path).copied();
        found.ok_or_else(|| unknown(service, path))
    }

    fn row(&self, service: &Service, field: &model::Field) -> Result<Field, Error> {
        let kind = self.kind(service, &field.kind)?;
        let mut row = Field::new(text(&field.wire), kind)
            .at(field.place)
            .with(flags(field));
        if let Some(limits) = limits(&field.limits) {
            row = row.limited(Box::leak(Box::new(limits)));
        }
        Ok(row)
    }

    fn kind(&self, service: &Service, kind: &model::Kind) -> Result<Kind, Error> {
        Ok(match kind {
            model::Kind::Text => Kind::Text,
            model::Kind::Integer => Kind::Integer,
            model::Kind::Float => Kind::Float,
            model::Kind::Boolean => Kind::Boolean,
            model::Kind::Timestamp => Kind::Timestamp,
            model::Kind::Enumeration(name) => {
                let words = self.words.get(name).copied();
                Kind::Enumeration(words.ok_or_else(|| unknown(service, name))?)
            }
            model::Kind::Fixed(fixed) => Kind::Fixed(text(fixed)),
            model::Kind::Structure { table, .. } => {
                Kind::Structure(self.structure(service, table)?)
            }
            model::Kind::MapOf { table, .. } => Kind::MapOf(self.structure(service, table)?),
            model::Kind::Map => Kind::Map,
            model::Kind::Any => Kind::Any,
        })
    }
}

/// All structures with their modules.
fn structures(service: &Service) -> impl Iterator<Item = (Vec<String>, &model::Structure)> {
    let shared = service.families.values().flat_map(|family| {
        let structures = family.structures.iter();
        structures.map(|it| (shared_module(), it))
    });
    let own = service.operations.iter().flat_map(|operation| {
        [&operation.request, &operation.response]
            .into_iter()
            .chain(&operation.structures)
            .map(|it| (operation_module(operation), it))
    });
    shared.chain(own)
}

/// All enumerations with their modules.
fn enumerations(service: &Service) -> impl Iterator<Item = (Vec<String>, &model::Enumeration)> {
    let shared = service.families.values().flat_map(|family| {
        let enumerations = family.enumerations.iter();
        enumerations.map(|it| (shared_module(), it))
    });
    let own = service.operations.iter().flat_map(|operation| {
        let enumerations = operation.enumerations.iter();
        enumerations.map(|it| (operation_module(operation), it))
    });
    shared.chain(own)
}

fn shared_module() -> Vec<String> {
    vec!["types".to_owned()]
}

fn operation_module(operation: &model::Operation) -> Vec<String> {
    vec!["operation".to_owned(), operation.module.clone()]
}

fn path(module: &[String], name: &str) -> Path {
    Path {
        module: module.to_vec(),
        name: name.to_owned(),
    }
}

fn unknown(service: &Service, path: &Path) -> Error {
    let problem = format!("there is no `{}::{}`", path.module.join("::"), path.name);
    Error::new(&service.source, problem)
}

fn open(name: &str) -> &'static Structure {
    Box::leak(Box::new(Structure::open(text(name))))
}

fn words(enumeration: &model::Enumeration) -> &'static [&'static str] {
    let words: Vec<&'static str> = enumeration.words.iter().map(|it| text(&it.text)).collect();
    words.leak()
}

fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn flags(field: &model::Field) -> Flags {
    [
        (field.required, Flags::REQUIRED),
        (field.list, Flags::LIST),
        (field.sensitive, Flags::SENSITIVE),
        (field.attribute, Flags::ATTRIBUTE),
        (field.content, Flags::CONTENT),
        (field.quoted, Flags::QUOTED),
        (field.deprecated, Flags::DEPRECATED),
        (field.nullable, Flags::NULLABLE),
        (field.md5, Flags::MD5),
        (field.omittable, Flags::OMITTABLE),
        (field.token, Flags::IDEMPOTENCY_TOKEN),
        (field.url_encoded, Flags::URL_ENCODED),
        (field.any_case, Flags::ANY_CASE),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .fold(Flags::NONE, |all, (_, flag)| all.or(flag))
}

fn limits(limits: &model::Limits) -> Option<Limits> {
    let mut made = Limits::new();
    made.minimum = limits.minimum;
    made.maximum = limits.maximum;
    made.max_length = limits.max_length;
    made.unset = limits.unset.as_deref().map(text);
    made.default = limits.default.as_deref().map(text);
    (*limits != model::Limits::default()).then_some(made)
}
