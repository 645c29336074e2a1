//! What changes for the users of the generated crates from one state of the spec to the next.
//!
//! Two models are compared, so names are those that users write, and a spec that says the same in
//! another way shows no change. Both have to be lowered by the same generator: what a new generator
//! writes differently is not seen here.
//!
//! | level | means | such as |
//! | --- | --- | --- |
//! | [breaking](Level::Breaking) | code that uses the item no longer builds, or builds and means something else | anything removed or renamed, the type of a field, what a constructor asks for |
//! | [behaviour](Level::Behaviour) | code builds as before; what travels, is retried, refused or shown differs | a name on the wire, a path, a limit, a secret |
//! | [deprecated](Level::Deprecated) | the service wants it to be used no longer | a row |
//! | [added](Level::Added) | there is more to use | an operation, a type, a field, a word |
//!
//! Structures and enumerations are `#[non_exhaustive]`, and whatever a table does not know survives
//! as unknown: that is why additions break nothing.
//! Descriptions, error codes and samples are documentation; they are counted and not listed.

mod fields;
mod operations;
mod render;
mod rust;
mod types;

use std::collections::BTreeMap;

use self::types::Types;
use crate::model::Service;

/// Why it matters that a message is written differently.
const OTHER_MESSAGE: &str = "what travels is another message";

/// All changes.
#[derive(Debug, Default)]
pub struct Evolution {
    /// The changes: service by service, first the operations in the order of the spec, then types.
    pub changes: Vec<Change>,
    /// How many items differ in their documentation only, by service.
    pub documentation: BTreeMap<String, usize>,
}

/// A change of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Short name of the service.
    pub service: String,
    /// The item's path in the generated crate; empty for the crate itself.
    pub item: String,
    /// What happened to it.
    pub what: What,
    /// Why that matters, or what the item is.
    pub why: String,
}

/// What happened to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is there no more.
    Removed,
    /// It cannot be used as before: how it is used now.
    Reshaped(String),
    /// It is used as before and does something else: what it does now.
    Behaves(String),
    /// The service wants it to be used no longer.
    Deprecated,
    /// It is new.
    Added,
}

/// What a change means for code that uses the item, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It no longer builds, or means something else.
    Breaking,
    /// It builds, and something differs at run time.
    Behaviour,
    /// It should be changed some day.
    Deprecated,
    /// It need not care.
    Added,
}

impl Level {
    /// All levels, the gravest first.
    pub const ALL: [Self; 4] = [
        Self::Breaking,
        Self::Behaviour,
        Self::Deprecated,
        Self::Added,
    ];
}

impl Change {
    /// What the change means for code that uses the item.
    pub const fn level(&self) -> Level {
        match self.what {
            What::Removed | What::Reshaped(_) => Level::Breaking,
            What::Behaves(_) => Level::Behaviour,
            What::Deprecated => Level::Deprecated,
            What::Added => Level::Added,
        }
    }
}

/// Compares the services of two states of the spec.
pub fn compare(before: &[Service], after: &[Service]) -> Evolution {
    let mut evolution = Evolution::default();
    for (before, after) in joined(before, after, |service| &service.name) {
        let Some(service) = after.or(before) else {
            continue;
        };
        let mut report = Report::default();
        match (before, after) {
            (Some(before), Some(after)) => compare_service(&mut report, before, after),
            (Some(_), None) => report.removed("", "nothing that uses the crate builds"),
            (None, _) => report.added("", &service.title),
        }
        evolution
            .changes
            .extend(report.changes.into_iter().map(|it| Change {
                service: service.name.clone(),
                ..it
            }));
        if report.documentation > 0 {
            evolution
                .documentation
                .insert(service.name.clone(), report.documentation);
        }
    }
    evolution
}

fn compare_service(report: &mut Report, before: &Service, after: &Service) {
    report.item(
        |report| {
            if before.version != after.version {
                let what = format!(
                    "asks for version `{}` of the API, asked for `{}`",
                    after.version, before.version
                );
                report.behaves("SERVICE", what, "every request says so");
            }
            if before.protocol != after.protocol {
                let what = format!(
                    "is of the protocol {}, was of {}",
                    after.protocol, before.protocol
                );
                report.behaves("SERVICE", what, "every request is signed differently");
            }
        },
        [&before.title, &before.doc, &before.document]
            != [&after.title, &after.doc, &after.document],
    );
    let types = Types::of(before, after);
    operations::compare(report, before, after, &types);
    types.compare(report);
}

/// What is known of a service so far.
#[derive(Default)]
struct Report {
    /// The changes, not yet signed with the service's name.
    changes: Vec<Change>,
    documentation: usize,
}

impl Report {
    fn tell(&mut self, item: impl Into<String>, what: What, why: impl Into<String>) {
        self.changes.push(Change {
            service: String::new(),
            item: item.into(),
            what,
            why: why.into(),
        });
    }

    fn removed(&mut self, item: impl Into<String>, why: impl Into<String>) {
        self.tell(item, What::Removed, why);
    }

    fn reshaped(&mut self, item: impl Into<String>, what: String, why: impl Into<String>) {
        self.tell(item, What::Reshaped(what), why);
    }

    fn behaves(&mut self, item: impl Into<String>, what: String, why: impl Into<String>) {
        self.tell(item, What::Behaves(what), why);
    }

    fn added(&mut self, item: impl Into<String>, why: impl Into<String>) {
        self.tell(item, What::Added, why);
    }

    /// Has `compare` look at one item, and counts it as documented anew if `described` says that
    /// its documentation differs and nothing else does.
    fn item(&mut self, compare: impl FnOnce(&mut Self), described: bool) {
        let known = self.changes.len();
        compare(self);
        if described && self.changes.len() == known {
            self.documentation += 1;
        }
    }
}

/// What one state has beside what the other has.
type Pair<'m, T> = (Option<&'m T>, Option<&'m T>);

/// Joins what has one name: first all of `before`, then what only `after` has.
fn joined<'m, T>(
    before: &'m [T],
    after: &'m [T],
    name: impl Fn(&'m T) -> &'m str,
) -> Vec<Pair<'m, T>> {
    let find = |list: &'m [T], wanted| list.iter().find(|it| name(it) == wanted);
    let known = before.iter().map(|old| (Some(old), find(after, name(old))));
    let new = after.iter().filter(|new| find(before, name(new)).is_none());
    known.chain(new.map(|new| (None, Some(new)))).collect()
}

/// Joins what has one name, then of the rest what is the same under another.
fn joined_or_renamed<'m, T>(
    before: &'m [T],
    after: &'m [T],
    name: impl Fn(&'m T) -> &'m str,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<Pair<'m, T>> {
    let (mut pairs, mut new): (Vec<_>, Vec<_>) = joined(before, after, name)
        .into_iter()
        .partition(|(old, _)| old.is_some());
    for (old, found) in &mut pairs {
        let renamed = new.iter().position(|(_, new)| {
            found.is_none() && old.zip(*new).is_some_and(|(old, new)| same(old, new))
        });
        if let Some(position) = renamed {
            *found = new.remove(position).1;
        }
    }
    pairs.extend(new);
    pairs
}
