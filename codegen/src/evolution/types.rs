//! Structures and enumerations, matched by name or, if renamed, by the fields that hold them.

use std::collections::BTreeMap;

use super::pairs::{joined, matched};
use crate::model::{Enumeration, Kind, Operation, Path, Service, Structure};

/// A type of a generated crate.
#[derive(Clone, Copy)]
pub(super) enum Type<'m> {
    Structure(&'m Structure),
    Enumeration(&'m Enumeration),
}

/// The types of two states of a service, and which one became which.
pub(super) struct Types<'m> {
    /// Those of the earlier state.
    pub(super) before: BTreeMap<Path, Type<'m>>,
    /// Those of the later state.
    pub(super) after: BTreeMap<Path, Type<'m>>,
    /// What each became.
    pub(super) became: BTreeMap<Path, Path>,
    /// Names that the modules of operations give to shared types in the later state.
    pub(super) aliases: BTreeMap<Path, Path>,
}

impl<'m> Types<'m> {
    /// Matches the types of two states. Those of an operation that only one state has are left out:
    /// they come and go with it.
    pub(super) fn of(before: &'m Service, after: &'m Service) -> Self {
        let mut types = Self {
            before: all(before, after),
            after: all(after, before),
            became: BTreeMap::new(),
            aliases: aliases(after),
        };
        let (after_types, aliases) = (&types.after, &types.aliases);
        let same_name = types.before.keys().filter_map(|path| {
            let target = after_types.contains_key(path).then_some(path);
            Some((path.clone(), target.or_else(|| aliases.get(path))?.clone()))
        });
        types.became = same_name.collect();
        types.find_renamed(before, after);
        types
    }

    /// Follows all fields that hold a type which is gone, where they now hold one that is new.
    fn find_renamed(&mut self, before: &'m Service, after: &'m Service) {
        let mut open: Vec<_> = shared_operations(before, after)
            .flat_map(|(old, new)| [(&old.request, &new.request), (&old.response, &new.response)])
            .collect();
        let known = self.became.iter();
        open.extend(known.filter_map(|(old, new)| self.structures(old, new)));
        while let Some((old, new)) = open.pop() {
            for (old, new) in matched(&old.fields, &new.fields) {
                let kinds = old.zip(new).map(|(old, new)| (&old.kind, &new.kind));
                let Some((old, new)) = kinds.and_then(|(old, new)| named(old).zip(named(new)))
                else {
                    continue;
                };
                if !self.after.contains_key(old)
                    && !self.before.contains_key(new)
                    && !self.became.contains_key(old)
                    && !self.became.values().any(|taken| taken == new)
                {
                    self.became.insert(old.clone(), new.clone());
                    open.extend(self.structures(old, new));
                }
            }
        }
    }

    fn structures(&self, before: &Path, after: &Path) -> Option<(&'m Structure, &'m Structure)> {
        match (self.before.get(before)?, self.after.get(after)?) {
            (Type::Structure(before), Type::Structure(after)) => Some((before, after)),
            _ => None,
        }
    }

    /// Whether a value is of another type than before, renaming aside.
    pub(super) fn differ(&self, before: &Kind, after: &Kind) -> bool {
        match (named(before), named(after)) {
            (Some(before), Some(after)) => self.became.get(before) != Some(after),
            _ => before != after,
        }
    }
}

/// The operations that both states have.
fn shared_operations<'m>(
    before: &'m Service,
    after: &'m Service,
) -> impl Iterator<Item = (&'m Operation, &'m Operation)> {
    let both = joined(&before.operations, &after.operations, |it| &it.name);
    both.into_iter().filter_map(|(old, new)| old.zip(new))
}

/// The types of `service`: the shared ones, and those of operations that `other` has as well.
fn all<'m>(service: &'m Service, other: &Service) -> BTreeMap<Path, Type<'m>> {
    let mut types = BTreeMap::new();
    let mut add = |module: &[&str], structures: &'m [Structure], words: &'m [Enumeration]| {
        let path = |name: &String| Path {
            module: module.iter().map(ToString::to_string).collect(),
            name: name.clone(),
        };
        types.extend(
            structures
                .iter()
                .map(|it| (path(&it.name), Type::Structure(it))),
        );
        types.extend(
            words
                .iter()
                .map(|it| (path(&it.name), Type::Enumeration(it))),
        );
    };
    for family in service.families.values() {
        add(&["types"], &family.structures, &family.enumerations);
    }
    for operation in &service.operations {
        if other.operations.iter().any(|it| it.name == operation.name) {
            let module = ["operation", &operation.module];
            add(&module, &operation.structures, &operation.enumerations);
        }
    }
    types
}

/// What the modules of operations call the shared types they use.
fn aliases(service: &Service) -> BTreeMap<Path, Path> {
    let mut aliases = BTreeMap::new();
    for operation in &service.operations {
        for (target, own) in &operation.shared {
            let alias = Path {
                module: vec!["operation".to_owned(), operation.module.clone()],
                name: own.clone(),
            };
            // Of two with one name, the first has it.
            aliases.entry(alias).or_insert_with(|| target.clone());
        }
    }
    aliases
}

const fn named(kind: &Kind) -> Option<&Path> {
    match kind {
        Kind::Enumeration(path) | Kind::Structure { path, .. } | Kind::MapOf { path, .. } => {
            Some(path)
        }
        _ => None,
    }
}
