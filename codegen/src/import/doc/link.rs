//! Containers that are structures of the service already.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::facts::{Message, OPEN, Operation, Row};
use super::remark::{Remark, RemarkKind};
use crate::load::ServiceSpec;
use crate::rows::join;
use crate::spec;
use crate::words::Type;

/// Names that two containers share, in hundredths of all, from which on they are nearly equal.
const NEAR: usize = 75;

/// What a node is, as far as two containers have to agree.
type Signature = BTreeMap<String, (Shape, bool)>;

/// What travels, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Text,
    Integer,
    Float,
    Boolean,
    Container,
    Map,
    Other,
}

impl Shape {
    /// The word of the spec for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::Integer => "Int",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
            Self::Container => "Container",
            Self::Map => "Map",
            Self::Other => "Any",
        }
    }
}

pub(super) fn shape(kind: Type<'_>) -> Shape {
    match kind {
        Type::Text | Type::Timestamp => Shape::Text,
        Type::Integer => Shape::Integer,
        Type::Float => Shape::Float,
        Type::Boolean => Shape::Boolean,
        Type::Container | Type::Named(_) => Shape::Container,
        Type::Map | Type::MapOf(_) => Shape::Map,
        Type::Any => Shape::Other,
    }
}

/// Structures of a service by name.
pub(super) struct Structures<'s> {
    tables: BTreeMap<&'s str, (&'s str, Vec<&'s spec::Row>)>,
    signatures: BTreeMap<String, Signature>,
    /// The names right within each.
    direct: BTreeMap<String, BTreeSet<String>>,
    /// What rows of a name that hold structures hold, and how often.
    uses: BTreeMap<&'s str, BTreeMap<&'s str, usize>>,
}

impl<'s> Structures<'s> {
    pub(super) fn of(service: &'s ServiceSpec) -> Self {
        let mut tables: BTreeMap<&str, (&str, Vec<&spec::Row>)> = BTreeMap::new();
        for (_, structure) in service.structures() {
            let name = structure.value.name.as_str();
            let rows = structure.value.rows.iter().map(|row| &row.value).collect();
            tables.insert(name, (name, rows));
        }
        // Containers of operations that are published as structures.
        for (_, file) in &service.operations {
            for message in [&file.request, &file.response] {
                let rows: Vec<&Spanned<spec::Row>> = message.rows.iter().collect();
                for row in &rows {
                    let Some(name) = row.value.structure.as_deref() else {
                        continue;
                    };
                    let inside = rows.iter().map(|row| &row.value);
                    tables.entry(name).or_insert((name, inside.collect()));
                }
            }
        }
        let mut all = Self {
            tables,
            signatures: BTreeMap::new(),
            direct: BTreeMap::new(),
            uses: uses(service),
        };
        let names: Vec<&str> = all.tables.keys().copied().collect();
        for name in names {
            let signature = all.signature(service, name);
            all.direct.insert(name.to_owned(), direct(&signature));
            all.signatures.insert(name.to_owned(), signature);
        }
        all
    }

    /// Whether the service has a structure.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    /// The structure that rows of a name hold, if most of them hold the same.
    fn used(&self, row: &str) -> Option<&str> {
        let held = self.uses.get(row)?;
        let all: usize = held.values().sum();
        let (name, count) = held.iter().max_by_key(|(_, count)| **count)?;
        (count * 3 >= all * 2).then_some(*name)
    }

    fn signature(&self, service: &ServiceSpec, name: &str) -> Signature {
        let mut signature = Signature::new();
        let mut open = vec![(String::new(), name.to_owned(), 0_usize)];
        while let Some((around, name, depth)) = open.pop() {
            if depth > 6 || signature.len() > 400 {
                break;
            }
            for (path, kind, list, named) in self.rows_of(service, &name) {
                let path = join(&around, &path);
                signature.insert(path.clone(), (kind, list));
                if let Some(named) = named {
                    open.push((path, named, depth + 1));
                }
            }
        }
        signature
    }

    /// The rows of a structure: path below it, what it is, and the structure that it holds.
    fn rows_of(
        &self,
        service: &ServiceSpec,
        name: &str,
    ) -> Vec<(String, Shape, bool, Option<String>)> {
        let Some((_, rows)) = self.tables.get(name) else {
            return Vec::new();
        };
        let published = service.structures().all(|(_, it)| it.value.name != name);
        let base = if published {
            rows.iter()
                .find(|row| row.structure.as_deref() == Some(name))
                .map(|row| join(&row.parent, &row.name))
                .unwrap_or_default()
        } else {
            name.to_owned()
        };
        rows.iter()
            .filter_map(|row| {
                let parent = if row.parent.is_empty() && !published {
                    ""
                } else {
                    row.parent.strip_prefix(&base)?
                };
                let parent = parent.strip_prefix('.').unwrap_or(parent);
                if published && row.parent.is_empty() {
                    return None;
                }
                let (travels, list) = row.kind.read();
                let named = match travels {
                    Type::Named(name) => Some(name.to_owned()),
                    _ => None,
                };
                Some((join(parent, &row.name), shape(travels), list, named))
            })
            .collect()
    }
}

/// What rows of each name hold, where they hold structures.
fn uses(service: &ServiceSpec) -> BTreeMap<&str, BTreeMap<&str, usize>> {
    let of_operations = service
        .operations
        .iter()
        .flat_map(|(_, file)| file.request.rows.iter().chain(&file.response.rows));
    let of_structures = service.structures().flat_map(|(_, it)| &it.value.rows);
    let mut uses: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for row in of_operations.chain(of_structures) {
        if let Type::Named(name) = row.value.kind.read().0 {
            *uses
                .entry(row.value.name.as_str())
                .or_default()
                .entry(name)
                .or_default() += 1;
        }
    }
    uses
}

/// Links the containers of an operation that equal a structure, and names those that nearly do.
pub(super) fn link(operation: &mut Operation, structures: &Structures<'_>) {
    for (side, message) in [
        ("request", &mut operation.request),
        ("response", &mut operation.response),
    ] {
        let found = message_links(side, message, structures);
        operation.remarks.extend(found);
    }
}

fn message_links(side: &str, message: &mut Message, structures: &Structures<'_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut linked: BTreeSet<String> = BTreeSet::new();
    let signatures = own(&message.rows);
    for row in &mut message.rows {
        let path = row.path();
        let open = row.fix.as_deref().is_some_and(|fix| fix.starts_with(OPEN));
        if row.kind.is_container()
            && open
            && let Some(name) = structures.used(&row.name)
        {
            remarks.push(Remark {
                line: row.line,
                kind: RemarkKind::Inferred,
                item: format!("{side} {path}"),
                text: format!("no table has its rows; other rows of its name hold the structure {name}, which it is linked to"),
            });
            row.kind.word = name.to_owned();
            row.fix = Some("The document says Container and has its rows elsewhere.".to_owned());
            linked.insert(path);
            continue;
        }
        if !row.kind.is_container()
            || linked
                .iter()
                .any(|known| path.starts_with(&format!("{known}.")))
        {
            continue;
        }
        let Some(signature) = signatures.get(&path).filter(|it| it.len() >= 2) else {
            continue;
        };
        let equal: Vec<&String> = structures
            .signatures
            .iter()
            .filter(|(_, it)| *it == signature)
            .map(|(name, _)| name)
            .collect();
        // Of several, the one that is called like the row.
        let named = equal
            .iter()
            .find(|name| name.ends_with(row.name.as_str()))
            .or_else(|| equal.first());
        if let Some(name) = named {
            remarks.push(Remark {
                line: row.line,
                kind: RemarkKind::Inferred,
                item: format!("{side} {path}"),
                text: format!("its rows are those of the structure {name}, which it is linked to"),
            });
            row.kind.word.clone_from(name);
            row.explain(&format!("The document repeats the rows of {name} here."));
            linked.insert(path);
            continue;
        }
        if let Some((name, text)) = nearest(signature, structures) {
            remarks.push(Remark {
                line: row.line,
                kind: RemarkKind::Note,
                item: format!("{side} {path}"),
                text: format!("it is nearly the structure {name}: {text}"),
            });
        }
    }
    message.rows.retain(|row| {
        let parent = row.parent.as_str();
        !linked.iter().any(|path| {
            parent == path
                || parent
                    .strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    });
    remarks
}

/// What is in each container, by its path.
fn own(rows: &[Row]) -> BTreeMap<String, Signature> {
    let mut signatures: BTreeMap<String, Signature> = BTreeMap::new();
    for row in rows {
        let path = row.path();
        let (kind, list) = crate::words::parse(&row.kind.word);
        let told = (shape(kind), row.kind.list || list);
        // A row is in its container and in those around it.
        let mut around = row.parent.as_str();
        for _ in 0..12 {
            if around.is_empty() {
                break;
            }
            if let Some(inner) = path
                .strip_prefix(around)
                .and_then(|rest| rest.strip_prefix('.'))
            {
                signatures
                    .entry(around.to_owned())
                    .or_default()
                    .insert(inner.to_owned(), told);
            }
            around = around.rsplit_once('.').map_or("", |(before, _)| before);
        }
    }
    signatures
}

/// The names right within a container.
fn direct(signature: &Signature) -> BTreeSet<String> {
    signature
        .keys()
        .filter(|path| !path.contains('.'))
        .cloned()
        .collect()
}

/// The structure that shares most of the direct names, and what differs.
fn nearest<'s>(signature: &Signature, structures: &'s Structures<'_>) -> Option<(&'s str, String)> {
    let mine = direct(signature);
    if mine.len() < 3 {
        return None;
    }
    let (score, name, theirs) = structures
        .direct
        .iter()
        .map(|(name, theirs)| {
            let common = mine.intersection(theirs).count();
            let all = mine.len() + theirs.len() - common;
            // A part of a large structure is near it as well.
            let score =
                (common * 100 / all.max(1)).max(if common == mine.len() { NEAR } else { 0 });
            ((score, common * 100 / all.max(1)), name, theirs)
        })
        .max_by_key(|(score, _, _)| *score)?;
    if score.0 < NEAR {
        return None;
    }
    let list = |names: BTreeSet<&String>| {
        let shown: Vec<&str> = names.iter().take(5).map(|name| name.as_str()).collect();
        let more = names.len().saturating_sub(shown.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("`{}`{more}", shown.join("`, `"))
    };
    let (lacks, besides): (BTreeSet<_>, BTreeSet<_>) = (
        theirs.difference(&mine).collect(),
        mine.difference(theirs).collect(),
    );
    let mut parts = Vec::new();
    if !lacks.is_empty() {
        parts.push(format!("it lacks {}", list(lacks)));
    }
    if !besides.is_empty() {
        parts.push(format!("it has {} besides", list(besides)));
    }
    if parts.is_empty() {
        parts.push("types or lists differ".to_owned());
    }
    Some((name.as_str(), parts.join("; ")))
}
