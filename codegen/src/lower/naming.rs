//! Names of all types of a service, decided in one order: what a document names, then requests and
//! responses, then containers, then enumerations.

use std::collections::{BTreeMap, BTreeSet};

use tcloud_core::schema::Place;

use super::key::Key;
use super::tables::{Placed, Role, Table, Tables};
use crate::model::{Enumeration, Path, Word};
use crate::names::{camel, header, is_prelude, shouty, snake, unique};
use crate::spec::{Row, Values};
use crate::text::{markdown, sentence};
use crate::words::Type;

/// The names of a service's types.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Types of tables, by the table's key.
    types: BTreeMap<Key, Path>,
    /// Types of enumerations, by their key.
    enumerations: BTreeMap<EnumerationKey, Path>,
    taken: BTreeSet<Path>,
}

/// What an enumeration is found by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum EnumerationKey {
    /// The name that rows give it.
    Shared(String),
    /// The only row that holds it, by its table and name.
    Own(Key, String),
}

/// Where an enumeration is to be written, and what.
#[derive(Debug)]
pub(super) struct Placement {
    /// Module of the crate.
    pub module: Vec<String>,
    /// File of shared types, if it is a shared one.
    pub family: Option<String>,
    /// The spec file it comes from.
    pub source: String,
    /// The enumeration.
    pub enumeration: Enumeration,
}

impl Names {
    /// Names every table. `order` gives the keys in the order of the spec.
    pub(super) fn of(tables: &Tables<'_>, order: &[Key]) -> Self {
        let mut names = Self::default();
        for role in [Role::Named, Role::Request, Role::Response, Role::Inline] {
            for key in order {
                let Some(table) = tables.get(key).filter(|table| table.role == role) else {
                    continue;
                };
                let path = names.take(&table.module, &table.candidates);
                if let (Role::Request, Some(builder)) = (role, path.name.strip_suffix("Request")) {
                    names.take(&table.module, &[builder.to_owned()]);
                }
                names.types.insert(key.clone(), path);
            }
        }
        names
    }

    /// The type of the table at `key`, and its table.
    pub(super) fn structure(&self, key: &Key) -> Option<(Path, Path)> {
        let path = self.types.get(key)?.clone();
        let table = Path {
            module: path.module.clone(),
            name: table(&path.name),
        };
        Some((path, table))
    }

    /// Name of the type of the table at `key`.
    pub(super) fn type_name(&self, key: &Key) -> &str {
        self.types.get(key).map_or("", |path| path.name.as_str())
    }

    /// The enumeration that `row` of the table at `key` holds.
    pub(super) fn enumeration(&self, key: &Key, row: &Row) -> Option<Path> {
        self.enumerations.get(&enumeration_key(key, row)).cloned()
    }

    /// Names the enumerations that the rows make.
    pub(super) fn enumerations(&mut self, tables: &Tables<'_>, order: &[Key]) -> Vec<Placement> {
        let mut placements = Vec::new();
        for shared in [true, false] {
            for key in order {
                let Some(table) = tables.get(key) else {
                    continue;
                };
                for placed in &table.rows {
                    if placed.row.enumeration.is_some() == shared {
                        placements.extend(self.place(key, table, placed));
                    }
                }
            }
        }
        placements
    }

    fn place(&mut self, key: &Key, table: &Table<'_>, placed: &Placed<'_>) -> Option<Placement> {
        let row = placed.row;
        let values = row.values.as_ref()?;
        let enumeration_key = enumeration_key(key, row);
        if !is_enumeration(row) || self.enumerations.contains_key(&enumeration_key) {
            return None;
        }
        let own = match placed.place {
            Place::Header => camel(header(&row.name)),
            _ => camel(&row.name),
        };
        let around = self.type_name(key);
        let (module, family, candidates) = if let Some(name) = &row.enumeration {
            let name = camel(name);
            let family = table.family.clone().unwrap_or_else(|| snake(&name));
            let candidates = vec![name.clone(), format!("{name}Word")];
            (vec!["types".to_owned()], Some(family), candidates)
        } else {
            let mut candidates = vec![format!("{around}{own}")];
            if matches!(table.role, Role::Request | Role::Response) {
                candidates.insert(0, own);
            }
            (table.module.clone(), table.family.clone(), candidates)
        };
        let path = self.take(&module, &candidates);
        let enumeration = Enumeration {
            name: path.name.clone(),
            doc: match markdown(&sentence(&row.doc)) {
                doc if doc.is_empty() => format!("What the node `{}` may hold.", row.name),
                doc => doc,
            },
            words: variants(values),
        };
        self.enumerations.insert(enumeration_key, path);
        Some(Placement {
            module,
            family,
            source: table.source.to_owned(),
            enumeration,
        })
    }

    fn take(&mut self, module: &[String], candidates: &[String]) -> Path {
        let path = |name: &str| Path {
            module: module.to_vec(),
            name: name.to_owned(),
        };
        let name = unique(candidates, |name| {
            is_prelude(name) || self.taken.contains(&path(name))
        });
        let path = path(&name);
        self.taken.insert(path.clone());
        path
    }
}

/// Name of the table of the type called `name`.
pub(super) fn table(name: &str) -> String {
    format!("{}_TABLE", shouty(name))
}

/// Whether the words of `row` make an enumeration. Words of numbers only document them.
pub(super) fn is_enumeration(row: &Row) -> bool {
    row.values.is_some() && row.fixed.is_none() && row.typed().0 == Type::Text
}

fn enumeration_key(key: &Key, row: &Row) -> EnumerationKey {
    match &row.enumeration {
        Some(name) => EnumerationKey::Shared(name.clone()),
        None => EnumerationKey::Own(key.clone(), row.name.clone()),
    }
}

fn variants(values: &Values) -> Vec<Word> {
    let described: Vec<(&str, &str)> = match values {
        Values::Plain(words) => words.iter().map(|word| (word.as_str(), "")).collect(),
        Values::Described(words) => words
            .iter()
            .map(|(word, doc)| (word.as_str(), doc.as_str()))
            .collect(),
    };
    // The variant for a word no table knows.
    let mut taken = BTreeSet::from(["Unknown".to_owned()]);
    described
        .into_iter()
        .map(|(text, doc)| {
            let name = camel(text);
            let candidates = [name.clone(), format!("{name}Value")];
            let variant = unique(&candidates, |name| taken.contains(name));
            taken.insert(variant.clone());
            let described = markdown(&sentence(doc));
            Word {
                text: text.to_owned(),
                variant,
                doc: if described.is_empty() {
                    format!("`{text}`.")
                } else {
                    format!("`{text}`: {described}")
                },
            }
        })
        .collect()
}
