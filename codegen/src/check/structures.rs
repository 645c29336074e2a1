//! Structures: each name means one, and each is used.

use std::collections::{BTreeMap, BTreeSet};

use super::service::{Operation, Service};
use crate::diagnostic::{Diagnostic, value_of};
use crate::words::Type;

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    for structure in &service.structures {
        let (file, name) = (structure.table.file, structure.table.root);
        if let Some(earlier) = first.insert(name, &file.path) {
            let range = value_of(&file.text, structure.spec, "name");
            found.push(Diagnostic::error(
                file,
                range,
                CODE,
                message(name),
                help(earlier),
            ));
        }
    }
    for table in service.operations.iter().flat_map(Operation::tables) {
        for node in &table.nodes {
            let row = node.site.row();
            let Some(name) = &row.structure else {
                continue;
            };
            if node.kind != Type::Container {
                found.push(node.site.error(
                    "structure",
                    "tcloud::structure_of_scalar",
                    format!("`{}` is not a container and cannot be published", row.name),
                    "remove `structure`; only a `Container` has rows to publish",
                ));
            } else if let Some(earlier) = first.insert(name, &table.file.path) {
                found.push(
                    node.site
                        .error("structure", CODE, message(name), help(earlier)),
                );
            }
        }
    }
    // The metadata of a service names structures that no operation uses.
    if !service.spec.imported {
        unused(service, found);
    }
}

const CODE: &str = "tcloud::duplicate_structure";

fn message(name: &str) -> String {
    format!("a second structure `{name}`")
}

fn help(earlier: &str) -> String {
    format!(
        "it is in {earlier} already: name it as the type here if both are one, else give this one \
         another name"
    )
}

fn unused(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let used: BTreeSet<&str> = service
        .rows()
        .filter_map(|site| match site.row().kind.read().0 {
            Type::Named(name) | Type::MapOf(name) => Some(name),
            _ => None,
        })
        .collect();
    for structure in &service.structures {
        let (file, name) = (structure.table.file, structure.table.root);
        if !used.contains(name) && !structure.spec.value.callback {
            let range = value_of(&file.text, structure.spec, "name");
            let message = format!("no row has the type `{name}`");
            let help = "remove the structure, name it in the row that holds it, or write `callback: true` if \
                        the service sends it by itself";
            let code = "tcloud::unused_structure";
            found.push(Diagnostic::error(file, range, code, message, help).advice());
        }
    }
}
