//! Which file an operation or a structure is in: by subject, for a reader.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::merge::Known;
use super::table::{Facts, Tables};
use super::{paging, write};
use crate::import::edit;
use crate::import::report::{Change, Report};
use crate::names::snake;

/// Lines of a file that a reader still looks through. A row becomes some 25 lines of Rust.
const LONG: usize = 250;

/// Words at the end of an operation's name that do not say what it is about.
const FILLERS: [&str; 8] = [
    "detail", "details", "info", "infos", "list", "state", "status", "by_id",
];

/// Words at the start of a structure's name that do not say what it is about.
const VERBS: [&str; 4] = ["create", "delete", "describe", "modify"];

/// Words of a structure's name that say what it is for, and not what it is about.
const ROLES: [&str; 22] = [
    "config",
    "configure",
    "data",
    "destination",
    "detail",
    "for",
    "info",
    "input",
    "item",
    "list",
    "option",
    "options",
    "output",
    "param",
    "parameter",
    "req",
    "resp",
    "result",
    "set",
    "simple",
    "task",
    "update",
];

/// Writes what `known` does not have yet.
pub(super) fn place(
    tables: &Tables,
    known: &Known,
    files: &mut BTreeMap<String, String>,
    report: &mut Report,
) {
    let service = &tables.service;
    if let Entry::Vacant(own) = files.entry(format!("{service}/service.yaml")) {
        own.insert(write::service(tables, &paging::rules(tables)));
        report.add(Change::Added(format!(
            "service: {} operations, {} structures, {} rows",
            tables.operations.len(),
            tables.structures.len(),
            tables.rows()
        )));
    }
    let fresh = known.is_empty();
    let subjects = subjects(tables.operations.keys());
    for (name, operation) in &tables.operations {
        if known.operations.contains_key(name) {
            continue;
        }
        let folder = subjects
            .get(name.as_str())
            .filter(|subject| !subject.is_empty())
            .map(|subject| format!("{subject}/"))
            .unwrap_or_default();
        let path = format!("{service}/operations/{folder}{}.yaml", snake(name));
        let text = write::operation(name, operation, 1 + usize::from(!folder.is_empty()));
        files.insert(path, text);
        if !fresh {
            report.add(Change::Added(format!("operation {name}")));
        }
    }
    for (path, structures) in structures(tables, known, &subjects) {
        for (name, facts) in structures {
            let head = if path.contains("/operations/") {
                write::OWN_STRUCTURES
            } else {
                write::STRUCTURES
            };
            let text = files.remove(&path).unwrap_or_default();
            let text = edit::add_structure(text, head, &write::structure(name, facts));
            files.insert(path.clone(), text);
            if !fresh {
                report.add(Change::Added(format!("structure {name}")));
            }
        }
    }
}

/// The subject of each operation: what it is about, if another one is about the same.
fn subjects<'n>(names: impl Iterator<Item = &'n String> + Clone) -> BTreeMap<&'n str, String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.clone() {
        *counts.entry(noun(name)).or_default() += 1;
    }
    counts.retain(|_, count| *count > 1);
    names
        .map(|name| {
            let noun = noun(name);
            let ends = noun.match_indices('_').map(|(at, _)| at);
            let longest_first = [noun.len()].into_iter().chain(ends.rev());
            let subject = longest_first
                .filter_map(|end| noun.get(..end))
                .find(|subject| counts.contains_key(*subject));
            (name.as_str(), subject.unwrap_or_default().to_owned())
        })
        .collect()
}

/// The words behind the verb, in the singular.
fn noun(operation: &str) -> String {
    let name = snake(operation);
    let name = name.strip_prefix("batch_").unwrap_or(&name);
    let (_, mut noun) = name.split_once('_').unwrap_or(("", name));
    while let Some(shorter) = FILLERS.iter().find_map(|filler| {
        let rest = noun.strip_suffix(filler)?.strip_suffix('_')?;
        (!rest.is_empty()).then_some(rest)
    }) {
        noun = shorter;
    }
    singular(noun.trim_end_matches('_'))
}

fn singular(noun: &str) -> String {
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let plural = noun.ends_with('s') && !["ss", "us", "is"].iter().any(|end| noun.ends_with(end));
    noun.get(..noun.len() - usize::from(plural))
        .unwrap_or(noun)
        .to_owned()
}

type Structures<'t> = Vec<(&'t str, &'t [Facts])>;

/// The new structures by the file they go to.
fn structures<'t>(
    tables: &'t Tables,
    known: &Known,
    subjects: &BTreeMap<&str, String>,
) -> BTreeMap<String, Structures<'t>> {
    let service = &tables.service;
    let users = users(tables);
    let mut own: BTreeMap<&str, Structures<'t>> = BTreeMap::new();
    let mut shared: BTreeMap<String, Structures<'t>> = BTreeMap::new();
    for (name, facts) in &tables.structures {
        if known.structures.contains_key(name) {
            continue;
        }
        let entry = (name.as_str(), facts.as_slice());
        let users: Vec<&str> = users
            .get(name.as_str())
            .into_iter()
            .flatten()
            .copied()
            .collect();
        if let [only] = users.as_slice() {
            own.entry(only).or_default().push(entry);
            continue;
        }
        let mut about: BTreeSet<&str> = users
            .iter()
            .map(|user| subjects.get(user).map_or("", String::as_str))
            .collect();
        let family = match (about.pop_first(), about.is_empty()) {
            (None, _) => "unused".to_owned(),
            (Some(subject), true) if !subject.is_empty() => subject.to_owned(),
            _ => "common".to_owned(),
        };
        shared.entry(family).or_default().push(entry);
    }
    let mut placed: BTreeMap<String, Structures<'t>> = BTreeMap::new();
    for (operation, structures) in own {
        let path = match known.operations.get(operation) {
            Some(path) => path.clone(),
            None => operation_path(service, operation, subjects),
        };
        if lines(&structures) <= LONG {
            placed.entry(path).or_default().extend(structures);
        } else {
            shared
                .entry(snake(operation))
                .or_default()
                .extend(structures);
        }
    }
    for (family, structures) in shared {
        for (family, structures) in split(family, structures, 1) {
            let path = format!("{service}/structures/{family}.yaml");
            placed.entry(path).or_default().extend(structures);
        }
    }
    placed
}

fn operation_path(service: &str, name: &str, subjects: &BTreeMap<&str, String>) -> String {
    match subjects.get(name).map_or("", String::as_str) {
        "" => format!("{service}/operations/{}.yaml", snake(name)),
        subject => format!("{service}/operations/{subject}/{}.yaml", snake(name)),
    }
}

/// Parts of a long file, by one more word of the structures' names each time.
fn split(
    family: String,
    structures: Structures<'_>,
    words: usize,
) -> Vec<(String, Structures<'_>)> {
    if lines(&structures) <= LONG || words > 6 {
        return vec![(family, structures)];
    }
    let mut parts: BTreeMap<String, Structures<'_>> = BTreeMap::new();
    for entry in structures {
        let part: Vec<String> = snake(entry.0)
            .split('_')
            .skip_while(|word| VERBS.contains(word))
            .take(words)
            .map(str::to_owned)
            .collect();
        parts.entry(part.join("_")).or_default().push(entry);
    }
    let mut rest = Structures::new();
    let mut files = Vec::new();
    for (part, structures) in parts {
        if structures.len() < 4 {
            rest.extend(structures);
        } else {
            files.extend(split(part, structures, words + 1));
        }
    }
    files.extend(by_word(family, rest));
    files
}

/// What no first word holds together, by the word that most of the names have, until what is left
/// is short or shares no word.
fn by_word(family: String, mut rest: Structures<'_>) -> Vec<(String, Structures<'_>)> {
    let mut files = Vec::new();
    while lines(&rest) > LONG {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in rest.iter().flat_map(|(name, _)| subject_words(name)) {
            *counts.entry(word).or_default() += 1;
        }
        counts.retain(|_, count| *count > 1);
        // Of words that as many names have, the first of the alphabet.
        let Some((word, _)) = counts.into_iter().rev().max_by_key(|(_, count)| *count) else {
            break;
        };
        let (about, others) = rest
            .into_iter()
            .partition(|(name, _)| subject_words(name).contains(&word));
        files.push((word, about));
        rest = others;
    }
    if !rest.is_empty() {
        files.push((family, rest));
    }
    files
}

/// The words of a structure's name that say what it is about.
fn subject_words(name: &str) -> BTreeSet<String> {
    snake(name)
        .split('_')
        .filter(|word| word.len() > 2 && !VERBS.contains(word) && !ROLES.contains(word))
        .map(str::to_owned)
        .collect()
}

fn lines(structures: &[(&str, &[Facts])]) -> usize {
    structures.iter().map(|(_, rows)| rows.len() + 2).sum()
}

/// The operations that use each structure, directly or through others.
fn users(tables: &Tables) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, operation) in &tables.operations {
        let mut open: Vec<&str> = [&operation.request, &operation.response]
            .into_iter()
            .flatten()
            .filter_map(|row| row.structure.as_deref())
            .collect();
        while let Some(structure) = open.pop() {
            if users.entry(structure).or_default().insert(name) {
                let rows = tables.structures.get(structure).into_iter().flatten();
                open.extend(rows.filter_map(|row| row.structure.as_deref()));
            }
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Facts> {
        (0..38)
            .map(|index| Facts {
                name: format!("Row{index}"),
                kind: "String".to_owned(),
                structure: None,
                required: false,
                deprecated: false,
                nullable: false,
                omittable: false,
                token: false,
                rename: None,
            })
            .collect()
    }

    #[test]
    fn a_long_file_is_parted_by_subject_and_never_counted() {
        let rows = rows();
        let names = [
            "AddWatermark",
            "BlindWatermarkInput",
            "DrmInfo",
            "EraseArea",
            "EraseTimeArea",
            "HLSPullAddress",
            "PidSelector",
            "RTMPPullAddress",
            "SimpleDrm",
            "SpekeDrm",
            "WordResult",
        ];
        let structures = names.iter().map(|name| (*name, rows.as_slice())).collect();
        let parts: Vec<(String, Vec<&str>)> = split("common".to_owned(), structures, 1)
            .into_iter()
            .map(|(file, part)| (file, part.into_iter().map(|(name, _)| name).collect()))
            .collect();
        assert_eq!(
            parts,
            [
                ("drm".to_owned(), vec!["DrmInfo", "SimpleDrm", "SpekeDrm"]),
                (
                    "address".to_owned(),
                    vec!["HLSPullAddress", "RTMPPullAddress"]
                ),
                (
                    "common".to_owned(),
                    vec![
                        "AddWatermark",
                        "BlindWatermarkInput",
                        "EraseArea",
                        "EraseTimeArea",
                        "PidSelector",
                        "WordResult"
                    ]
                ),
            ]
        );
    }

    #[test]
    fn names_that_share_no_word_stay_together() {
        let rows = rows();
        let names = ["Ant", "Bee", "Cow", "Dog", "Elk", "Fox", "Gnu", "Hen"];
        let structures: Structures<'_> =
            names.iter().map(|name| (*name, rows.as_slice())).collect();
        let parts = split("animal".to_owned(), structures, 1);
        assert_eq!(parts.len(), 1);
        assert!(
            parts
                .iter()
                .all(|(file, part)| file == "animal" && part.len() == names.len())
        );
    }
}
