//! From spec to model: the passes that decide names, types and places.
//!
//! 1. `tables`: rows join their parents, and every container becomes a table; `merge` makes one of
//!    those that are equal;
//! 2. `naming`: every table and enumeration gets its Rust name;
//! 3. `fields`: rows become fields, boxed where `recursion` says so;
//! 4. `operations`: bodies, lifted rows, waiters, and with `paging` how lists are paged;
//! 5. `jobs`: what operations start is joined to what describes it.

mod documentation;
mod fields;
mod jobs;
mod key;
mod merge;
mod naming;
mod operations;
mod paging;
mod recursion;
mod tables;

use self::key::{Key, Side};
pub use self::merge::{Merged, Nearly};
use self::naming::{Names, Placement};
use self::tables::{Role, Table, Tables};
use crate::error::Error;
use crate::load::{ServiceSpec, SourceFile};
use crate::model::{Service, Structure};
use crate::names::snake;
use crate::spec::Protocol;
use crate::text::{markdown, sentence};

/// The model of one service.
///
/// # Errors
///
/// The first thing in the spec that no Rust can be made of.
pub fn lower(sources: &[SourceFile], spec: &ServiceSpec) -> Result<Service, Error> {
    let path = |index: usize| sources.get(index).map_or("", |file| file.path.as_str());
    let file = &spec.service;

    let mut tables = tables_of(sources, spec)?;
    merge::merge(&mut tables);
    let mut order = Vec::new();
    for (_, table) in spec.structures() {
        add_order(&mut order, &tables, &Key::structure(&table.value.name));
    }
    for (_, operation) in &spec.operations {
        for side in [Side::Request, Side::Response] {
            let key = Key::message(&operation.operation.value, side);
            add_order(&mut order, &tables, &key);
        }
    }

    // A merged container is in several tables.
    let mut seen = std::collections::BTreeSet::new();
    order.retain(|key| seen.insert(key.clone()));

    let mut names = Names::of(&tables, &order);
    let enumerations = names.enumerations(&tables, &order);
    let reach = recursion::Reach::of(&tables);
    let sizes = recursion::Sizes::of(&tables, &reach);
    let mut fields = operations::Fields::new();
    for (key, table) in &tables {
        fields.insert(key.clone(), fields::of(table, key, &names, &reach, &sizes)?);
    }

    let mut service = Service {
        name: file.service.clone(),
        title: file.title.clone(),
        version: file.version.clone(),
        protocol: match file.protocol {
            Protocol::Cos => "Cos",
            Protocol::Ci => "Ci",
            Protocol::Tc3 => "Tc3",
        },
        doc: markdown(&sentence(&file.doc)),
        document: file.document.clone(),
        source: path(spec.source).to_owned(),
        operations: Vec::new(),
        families: std::collections::BTreeMap::new(),
        pictures: crate::picture::lower(sources, spec)?,
    };
    let structure = |key: &Key| structure(&tables, &names, &fields, key);
    for (source, operation) in &spec.operations {
        let name = &operation.operation.value;
        let messages = [Side::Request, Side::Response].map(|side| Key::message(name, side));
        let [Some(request), Some(response)] = messages.each_ref().map(structure) else {
            continue;
        };
        let mut lowered = operations::of(
            path(*source),
            operation,
            file,
            [request, response],
            &tables,
            &fields,
        )?;
        for key in merge::shared(&tables, &messages) {
            let own = tables.get(key).map_or("", Table::own_name);
            lowered
                .shared
                .extend(names.structure(key).map(|(path, _)| (path, own.to_owned())));
        }
        service.operations.push(lowered);
    }
    jobs::join(spec, &tables, &fields, &mut service.operations)?;
    for key in &order {
        let (Some(table), Some(structure)) = (tables.get(key), structure(key)) else {
            continue;
        };
        if matches!(table.role, Role::Named | Role::Inline) {
            place_structure(&mut service, table, structure);
        }
    }
    for placement in enumerations {
        place_enumeration(&mut service, placement);
    }
    Ok(service)
}

/// The tables of a service, one for each container.
fn tables_of<'a>(sources: &'a [SourceFile], spec: &'a ServiceSpec) -> Result<Tables<'a>, Error> {
    let path = |index: usize| sources.get(index).map_or("", |file| file.path.as_str());
    let mut tables = Tables::new();
    for (source, table) in spec.structures() {
        let source = path(source);
        tables::add_structure(&mut tables, source, &family_of(source), &table.value)?;
    }
    for (source, operation) in &spec.operations {
        let labels = spec.service.host_labels.iter().map(|label| &label.value);
        operations::add_tables(&mut tables, path(*source), operation, labels)?;
    }
    Ok(tables)
}

/// The containers of a service that became one type, and those that nearly did.
///
/// # Errors
///
/// As [`lower`].
pub fn merges(
    sources: &[SourceFile],
    spec: &ServiceSpec,
) -> Result<(Vec<Merged>, Vec<Nearly>), Error> {
    let mut tables = tables_of(sources, spec)?;
    let merged = merge::merge(&mut tables);
    let nearly = merge::nearly(&tables);
    Ok((merged, nearly))
}

/// The keys of a table and of the containers in it, in the order of their rows.
fn add_order(order: &mut Vec<Key>, tables: &Tables<'_>, key: &Key) {
    order.push(key.clone());
    let rows = tables.get(key).map(|table| &table.rows);
    for child in rows
        .into_iter()
        .flatten()
        .filter_map(|placed| placed.child())
    {
        add_order(order, tables, child);
    }
}

fn structure(
    tables: &Tables<'_>,
    names: &Names,
    fields: &operations::Fields,
    key: &Key,
) -> Option<Structure> {
    let table = tables.get(key)?;
    let name = names.type_name(key).to_owned();
    let doc = fields::structure_doc(table, &name);
    Some(Structure {
        table: naming::table(&name),
        help: sentence(table.doc),
        doc,
        fields: fields.get(key)?.clone(),
        setters: table.role != Role::Request,
        name,
    })
}

fn place_structure(service: &mut Service, table: &Table<'_>, structure: Structure) {
    if let Some(family) = &table.family {
        let family = service.families.entry(family.clone()).or_default();
        add_source(&mut family.sources, table.source);
        family.structures.push(structure);
    } else if let Some(operation) = owner(service, &table.module) {
        operation.structures.push(structure);
    }
}

fn place_enumeration(service: &mut Service, placement: Placement) {
    if let Some(family) = placement.family {
        let family = service.families.entry(family).or_default();
        add_source(&mut family.sources, &placement.source);
        family.enumerations.push(placement.enumeration);
    } else if let Some(operation) = owner(service, &placement.module) {
        operation.enumerations.push(placement.enumeration);
    }
}

fn owner<'s>(
    service: &'s mut Service,
    module: &[String],
) -> Option<&'s mut crate::model::Operation> {
    let name = module.last()?;
    service
        .operations
        .iter_mut()
        .find(|operation| operation.module == *name)
}

fn add_source(sources: &mut Vec<String>, source: &str) {
    if !sources.iter().any(|known| known == source) {
        sources.push(source.to_owned());
    }
}

/// The file of shared types that a file of structures becomes.
fn family_of(source: &str) -> String {
    let file = source.rsplit('/').next().unwrap_or(source);
    snake(file.split('.').next().unwrap_or(file))
}
