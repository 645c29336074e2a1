//! Rows that say otherwise than those of their name in the service's other tables. A document may be right
//! against all others, so that this is said and nothing is changed.

use std::collections::BTreeMap;

use super::facts::{Operation, Row};
use super::link::{Shape, shape};
use super::remark::{Remark, RemarkKind};
use super::shape::split;
use crate::load::ServiceSpec;
use crate::spec;
use crate::words;

/// Rows from which on others of a name say something.
const SOME: usize = 3;

/// What rows are alike by: list, name of the container, name.
type Key<'s> = (&'static str, &'s str, &'s str);

/// A row of another table.
struct Other {
    /// The source it is in.
    source: usize,
    answer: bool,
    shape: Shape,
    list: bool,
    required: bool,
}

/// The rows of a service's operations.
pub(super) struct Others<'s>(BTreeMap<Key<'s>, Vec<Other>>);

impl<'s> Others<'s> {
    pub(super) fn of(service: &'s ServiceSpec) -> Self {
        let mut others = Self(BTreeMap::new());
        for (source, file) in &service.operations {
            for (answer, message) in [(false, &file.request), (true, &file.response)] {
                let lists = [
                    ("query", &message.query),
                    ("headers", &message.headers),
                    ("rows", &message.rows),
                ];
                for (list, rows) in lists {
                    for row in rows {
                        others.add(list, answer, *source, &row.value);
                    }
                }
            }
        }
        others
    }

    fn add(&mut self, list: &'static str, answer: bool, source: usize, row: &'s spec::Row) {
        let (kind, is_list) = row.kind.read();
        let key = (list, split(&row.parent).1, row.name.as_str());
        self.0.entry(key).or_default().push(Other {
            source,
            answer,
            shape: shape(kind),
            list: is_list,
            required: row.required,
        });
    }

    /// What others say against a row: another type, if three of them and three of ten agree on it, or that
    /// it is not required, or is, if two of three do.
    fn against(
        &self,
        list: &'static str,
        side: &str,
        row: &Row,
        own: Option<usize>,
    ) -> Option<String> {
        let key = (list, split(&row.parent).1, row.name.as_str());
        let all = self.0.get(&key)?;
        let others = || all.iter().filter(|other| Some(other.source) != own);
        let (kind, is_list) = words::parse(&row.kind.word);
        let told = (shape(kind), row.kind.list || is_list);
        let mut counts: BTreeMap<(Shape, bool), usize> = BTreeMap::new();
        for other in others().filter(|other| (other.shape, other.list) != told) {
            *counts.entry((other.shape, other.list)).or_default() += 1;
        }
        let count = others().count();
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        if let Some(((shape, list), most)) =
            most.filter(|(_, most)| *most >= SOME && most * 10 >= count * 3)
        {
            let list = if list { " array" } else { "" };
            return Some(format!(
                "the type is {}, and {}{list} in {most} of {count} other rows of this name: look which it is",
                row.kind.text(),
                shape.word(),
            ));
        }
        let requests = || others().filter(|other| !other.answer);
        let count = requests().count();
        let unlike = requests()
            .filter(|other| other.required != row.required)
            .count();
        (side == "request" && unlike >= SOME && unlike * 3 >= count * 2).then(|| {
            let [own, other] = if row.required { ["", "not "] } else { ["not ", ""] };
            format!(
                "it is {own}required, and {other}required in {unlike} of {count} other rows of this \
                 name: look which it is"
            )
        })
    }
}

/// Says of rows that are not remarked on otherwise what the other tables say against them. `own` is the
/// source of the operation's own table.
pub(super) fn tell(operation: &mut Operation, others: &Others<'_>, own: Option<usize>) {
    let mut found = Vec::new();
    for (side, message) in [
        ("request", &operation.request),
        ("response", &operation.response),
    ] {
        for (list, rows) in message.lists() {
            for row in rows {
                if let Some(text) = others.against(list, side, row, own) {
                    found.push(Remark {
                        line: row.line,
                        kind: RemarkKind::Doubted,
                        item: format!("{side} {}", row.path()),
                        text,
                    });
                }
            }
        }
    }
    found.retain(|remark| {
        let said = |it: &Remark| it.item == remark.item && it.kind <= RemarkKind::Inferred;
        !operation.remarks.iter().any(said)
    });
    operation.remarks.extend(found);
    operation.remarks.sort_by_key(|it| (it.line, it.kind));
}
