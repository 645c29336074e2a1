//! The types that requests are made of, as far as operations share them: the crate's root has them,
//! too.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Kind, Path, Service, Structure};

/// Names that the generated root has itself.
const ROOT: [&str; 1] = ["Client"];

/// The shared structures and enumerations that a request can hold, however deep. Shared types have
/// one name each, so what is there stays there when operations come. What only one operation has is
/// left in its module: others have types of the same name.
pub(super) fn shared(service: &Service) -> BTreeSet<&str> {
    let structures = structures(service);
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Structure> = service.operations.iter().map(|it| &it.request).collect();
    while let Some(structure) = open.pop() {
        for field in &structure.fields {
            let (Kind::Enumeration(path) | Kind::Structure { path, .. } | Kind::MapOf { path, .. }) =
                &field.kind
            else {
                continue;
            };
            if path.module == ["types"] && !ROOT.contains(&path.name.as_str()) {
                found.insert(path.name.as_str());
            }
            if seen.insert(path) {
                open.extend(structures.get(path));
            }
        }
    }
    found
}

/// All structures of the service by the path of their type.
fn structures(service: &Service) -> BTreeMap<Path, &Structure> {
    let shared = service.families.values().flat_map(|family| {
        let module = vec!["types".to_owned()];
        family.structures.iter().map(move |it| (module.clone(), it))
    });
    let own = service.operations.iter().flat_map(|operation| {
        let module = vec!["operation".to_owned(), operation.module.clone()];
        let structures = operation.structures.iter();
        structures.map(move |it| (module.clone(), it))
    });
    shared
        .chain(own)
        .map(|(module, it)| {
            let name = it.name.clone();
            (Path { module, name }, it)
        })
        .collect()
}
