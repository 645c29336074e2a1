//! Containers that are equal become one type, so that a user meets `Input` once and not once an
//! operation.

use std::collections::{BTreeMap, BTreeSet};

use tcloud_core::schema::Place;

use super::key::Key;
use super::tables::{Placed, Role, Table, Tables};
use crate::names::{camel, snake};
use crate::spec::{Row, Values};

/// Containers that became one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The container's name.
    pub name: String,
    /// Where it is: operation, side and path.
    pub places: Vec<String>,
}

/// Two containers of one name that differ in few rows: perhaps a slip of one of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearly {
    /// The containers' name.
    pub name: String,
    /// Where they are.
    pub places: [String; 2],
    /// The rows that only one of them has just so.
    pub rows: Vec<String>,
}

/// Containers that become one type, while they do.
struct Group {
    name: String,
    places: Vec<Key>,
}

impl From<Group> for Merged {
    fn from(group: Group) -> Self {
        Self {
            name: group.name,
            places: group.places.iter().map(Key::to_string).collect(),
        }
    }
}

/// Makes one table of containers that have one name and equal rows, from the inside out.
pub(super) fn merge(tables: &mut Tables<'_>) -> Vec<Merged> {
    let mut merged: BTreeMap<Key, Group> = BTreeMap::new();
    loop {
        let groups = equal(tables);
        if groups.is_empty() {
            for (key, group) in &merged {
                if let Some(table) = tables.get_mut(key) {
                    table.candidates = candidates(table, group);
                }
            }
            return merged.into_values().map(Merged::from).collect();
        }
        for (first, others) in groups {
            let name = own_name(tables, &first);
            let entry = merged.entry(first.clone()).or_insert_with(|| Group {
                name: name.clone(),
                places: vec![first.clone()],
            });
            entry.places.extend(others.iter().cloned());
            entry.places.sort();
            for table in tables.values_mut() {
                for placed in &mut table.rows {
                    if placed.child().is_some_and(|it| others.contains(it)) {
                        placed.target = Some(first.clone());
                    }
                }
            }
            tables.retain(|key, _| !others.contains(key));
            if let Some(table) = tables.get_mut(&first) {
                share(table, &name);
            }
        }
    }
}

/// The keys of the merged tables among the containers of messages.
pub(super) fn shared<'t>(tables: &'t Tables<'_>, messages: &'t [Key]) -> BTreeSet<&'t Key> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Key> = messages.iter().collect();
    while let Some(table) = open.pop().and_then(|key| tables.get(key)) {
        for child in table.rows.iter().filter_map(|it| it.child()) {
            let merged = tables
                .get(child)
                .is_some_and(|table| table.role == Role::Named && child.is_in_message());
            if merged {
                found.insert(child);
            }
            open.push(child);
        }
    }
    found
}

/// Gives a table of an operation to the service.
fn share(table: &mut Table<'_>, name: &str) {
    table.role = Role::Named;
    table.module = vec!["types".to_owned()];
    table.family = Some(snake(name));
}

/// Names for a type that several operations share, the best first: after what the names of all
/// these operations say, after its few rows, or its own.
fn candidates(table: &Table<'_>, group: &Group) -> Vec<String> {
    let own = &group.name;
    let operations: BTreeSet<&str> = group.places.iter().filter_map(Key::operation).collect();
    let mut common: Option<Vec<String>> = None;
    for operation in operations {
        // The first word is the verb.
        let words = camel_words(operation).into_iter().skip(1).collect();
        common = Some(match common {
            None => words,
            Some(so_far) => in_both(&so_far, &words),
        });
    }
    let common = common.unwrap_or_default().concat();
    let rows: String = table.rows.iter().map(|it| camel(&it.row.name)).collect();
    let mut names = Vec::new();
    // `JobInput` would say no more than `Input`.
    if !common.is_empty() && common != "Job" {
        names.push(format!("{common}{own}"));
    }
    if table.rows.len() <= 2 {
        names.push(format!("{rows}{own}"));
    }
    names.extend([own.clone(), format!("{own}Structure")]);
    names
}

/// The words of a name in upper camel case.
fn camel_words(name: &str) -> Vec<String> {
    snake(name).split('_').map(camel).collect()
}

/// The longest list of words that both lists have in their order.
fn in_both(a: &[String], b: &[String]) -> Vec<String> {
    match (a.split_first(), b.split_first()) {
        (Some((x, rest_a)), Some((y, rest_b))) if x == y => {
            let mut words = vec![x.clone()];
            words.extend(in_both(rest_a, rest_b));
            words
        }
        (Some((_, rest_a)), Some((_, rest_b))) => {
            let [left, right] = [in_both(rest_a, b), in_both(a, rest_b)];
            if left.len() >= right.len() {
                left
            } else {
                right
            }
        }
        _ => Vec::new(),
    }
}

/// The groups of equal containers: the first of each, and the others.
fn equal(tables: &Tables<'_>) -> Vec<(Key, BTreeSet<Key>)> {
    let mut groups: BTreeMap<(String, BTreeSet<String>), Vec<Key>> = BTreeMap::new();
    for (key, table) in containers(tables) {
        let shape = (own_name(tables, key), rows(table));
        groups.entry(shape).or_default().push(key.clone());
    }
    groups
        .into_values()
        .filter_map(|keys| {
            let mut keys = keys.into_iter();
            let first = keys.next()?;
            let others: BTreeSet<Key> = keys.collect();
            (!others.is_empty()).then_some((first, others))
        })
        .collect()
}

/// The pairs of containers that are nearly equal, in tables whose equal ones are merged.
pub(super) fn nearly(tables: &Tables<'_>) -> Vec<Nearly> {
    let shapes: Vec<_> = containers(tables)
        .map(|(key, table)| (key, own_name(tables, key), rows(table)))
        .collect();
    let mut found = Vec::new();
    for (index, (key, name, ours)) in shapes.iter().enumerate() {
        for (other, other_name, theirs) in shapes.iter().skip(index + 1) {
            let rows: Vec<String> = ours.symmetric_difference(theirs).cloned().collect();
            let common = ours.intersection(theirs).count();
            if name == other_name && common > 1 && is_slight(&rows) {
                found.push(Nearly {
                    name: name.clone(),
                    places: [key.to_string(), other.to_string()],
                    rows,
                });
            }
        }
    }
    found
}

/// The containers of operations, merged ones among them.
fn containers<'t, 'a>(tables: &'t Tables<'a>) -> impl Iterator<Item = (&'t Key, &'t Table<'a>)> {
    tables.iter().filter(|(key, _)| key.is_in_message())
}

fn own_name(tables: &Tables<'_>, key: &Key) -> String {
    tables
        .get(key)
        .map_or_else(String::new, |table| table.own_name().to_owned())
}

/// What the rows say to a program; their words for readers do not count.
fn rows(table: &Table<'_>) -> BTreeSet<String> {
    table.rows.iter().map(row).collect()
}

/// The row as text. Every key of a row is named here, so that a new one has to be thought of.
fn row(placed: &Placed<'_>) -> String {
    let Placed {
        row,
        place,
        required,
        target: _,
        quoted,
    } = placed;
    let Row {
        name,
        // By `placed`.
        parent: _,
        kind: _,
        really: _,
        required: _,
        nullable,
        omittable,
        default,
        values,
        range,
        max_length,
        unset,
        fixed,
        computed,
        idempotency_token,
        url_encoded,
        any_case,
        enumeration,
        // Such a container is not part of a message.
        structure: _,
        rename,
        lift,
        sensitive,
        attribute,
        content,
        deprecated,
        // For readers.
        doc: _,
        fix: _,
    } = row;
    let (word, list) = row.typed();
    let words: Vec<&str> = match values {
        None => Vec::new(),
        Some(Values::Plain(words)) => words.iter().map(String::as_str).collect(),
        Some(Values::Described(words)) => words.keys().map(String::as_str).collect(),
    };
    let mut notes = vec![match placed.child() {
        Some(key) => key.to_string(),
        None => format!("{word:?}"),
    }];
    notes.extend(list.then(|| "list".to_owned()));
    notes.extend((*place != Place::Body).then(|| format!("{place:?}")));
    notes.extend(required.then(|| "required".to_owned()));
    notes.extend(default.as_ref().map(|text| format!("default {text}")));
    notes.extend(fixed.as_ref().map(|text| format!("always {text}")));
    notes.extend(range.map(|range| format!("range {range:?}")));
    notes.extend(max_length.map(|length| format!("at most {length}")));
    notes.extend(unset.as_ref().map(|text| format!("unset {text}")));
    notes.extend(computed.map(|what| format!("computed {what:?}")));
    notes.extend(enumeration.clone());
    notes.extend(rename.as_ref().map(|name| format!("called {name}")));
    notes.extend((!words.is_empty()).then(|| words.join("|")));
    for (said, mark) in [
        (lift, "lifted"),
        (sensitive, "sensitive"),
        (attribute, "attribute"),
        (content, "content"),
        (deprecated, "deprecated"),
        (nullable, "nullable"),
        (omittable, "omittable"),
        (quoted, "in quotes"),
        (idempotency_token, "token"),
        (url_encoded, "URL-encoded"),
        (any_case, "any case"),
    ] {
        notes.extend(said.then(|| mark.to_owned()));
    }
    format!("{name}: {}", notes.join(", "))
}

/// Whether the rows that two containers do not share may be a slip: one row alone, or one row in
/// two forms.
fn is_slight(rows: &[String]) -> bool {
    let name = |row: &str| row.split(':').next().map(str::to_owned);
    match rows {
        [_] => true,
        [one, other] => name(one) == name(other),
        _ => false,
    }
}
