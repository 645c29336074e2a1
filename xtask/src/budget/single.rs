//! A service cut down to one operation.

use std::collections::{BTreeMap, BTreeSet};

use tcloud_codegen::model::{Kind, Service, Structure};

/// Leaves the operation called `name`, and of the shared types those it is made of.
pub(crate) fn single(service: &mut Service, name: &str) {
    service.operations.retain(|it| it.name == name);
    let wanted = types(service);
    for family in service.families.values_mut() {
        family.structures.retain(|it| wanted.contains(&it.name));
        family.enumerations.retain(|it| wanted.contains(&it.name));
    }
    service
        .families
        .retain(|_, family| !family.structures.is_empty() || !family.enumerations.is_empty());
}

/// The names of all types that the operations reach.
fn types(service: &Service) -> BTreeSet<String> {
    let shared: BTreeMap<&str, &Structure> = service
        .families
        .values()
        .flat_map(|family| &family.structures)
        .map(|structure| (structure.name.as_str(), structure))
        .collect();
    let mut open: Vec<&Structure> = service
        .operations
        .iter()
        .flat_map(|it| {
            [&it.request, &it.response]
                .into_iter()
                .chain(&it.structures)
        })
        .collect();
    let mut found = BTreeSet::new();
    while let Some(structure) = open.pop() {
        for field in &structure.fields {
            if let Kind::Structure { path, .. } | Kind::Enumeration(path) = &field.kind
                && found.insert(path.name.clone())
            {
                open.extend(shared.get(path.name.as_str()));
            }
        }
    }
    found
}
