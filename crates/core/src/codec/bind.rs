//! Fields that are sent outside the body: labels of host and path, query parameters, headers.

use std::borrow::Cow;

use super::context::Context;
use super::drift::Drift;
use super::held::joined;
use super::scalar::{Put, Scalar, put};
use crate::node::{Node, Ref, RefVisitor, Slot, SlotVisitor};
use crate::schema::{Kind, Place};

/// The parts of a message outside its body, decoded: nothing is percent-encoded yet.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bound {
    /// Labels of the host name and of the path.
    pub labels: Vec<(&'static str, String)>,
    /// Parameters of the query string.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

/// Collects the fields of `node` that are sent outside the body.
pub fn bind(node: &dyn Node) -> Bound {
    let mut bound = Bound::default();
    let fields = node.structure().fields();
    node.refs(RefVisitor::new(&mut |refs| {
        for (field, value) in fields.iter().zip(refs) {
            if field.place == Place::Body || value.is_absent() {
                continue;
            }
            if let (Place::Header, Ref::Map(map)) = (field.place, value) {
                let named = |(name, text): (&String, &String)| {
                    (format!("{}{name}", field.name), text.clone())
                };
                bound.headers.extend(map.iter().map(named));
                continue;
            }
            let text = joined(field, *value);
            match field.place {
                Place::Host | Place::Path => bound.labels.push((field.name, text)),
                Place::Query => bound.query.push((field.name.to_owned(), text)),
                Place::Header | Place::Body => bound.headers.push((field.name.to_owned(), text)),
            }
        }
    }));
    bound
}

/// Fills the labels of host and path from what a router found.
pub fn fill_labels<'a>(
    node: &mut dyn Node,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Drift> {
    let labels: Vec<_> = labels.into_iter().collect();
    let mut drift = fill(node, Place::Host, &labels);
    drift.extend(fill(node, Place::Path, &labels));
    drift
}

/// Fills query parameters. Parameters that the table does not know are left alone.
pub fn fill_query<'a>(
    node: &mut dyn Node,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Drift> {
    fill(node, Place::Query, &query.into_iter().collect::<Vec<_>>())
}

/// Fills headers, by names in any case. Headers that the table does not know are left alone.
pub fn fill_headers<'a>(
    node: &mut dyn Node,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Drift> {
    fill(
        node,
        Place::Header,
        &headers.into_iter().collect::<Vec<_>>(),
    )
}

/// Empties the scalar called `name`, wherever in the message it is sent.
pub(crate) fn unset(node: &mut dyn Node, name: &str) {
    let Some(position) = node.structure().position(name) else {
        return;
    };
    node.slots(SlotVisitor::new(
        &mut |slots| match slots.get_mut(position) {
            Some(Slot::Text(place)) => **place = None,
            Some(Slot::Word(place)) => place.clear(),
            Some(Slot::Integer(place)) => **place = None,
            Some(Slot::Boolean(place)) => **place = None,
            _ => {}
        },
    ));
}

/// Sets the scalar called `name`, wherever in the message it is sent, from text. A name or a text
/// that does not fit leaves the node as it is.
pub fn set(node: &mut dyn Node, name: &str, text: &str) {
    unset(node, name);
    let structure = node.structure();
    let Some(position) = structure.position(name) else {
        return;
    };
    node.slots(SlotVisitor::new(&mut |slots| {
        if let (Some(field), Some(slot)) =
            (structure.fields().get(position), slots.get_mut(position))
        {
            put(slot, field, Scalar::Text(Cow::Borrowed(text)), false);
        }
    }));
}

fn fill(node: &mut dyn Node, place: Place, pairs: &[(&str, &str)]) -> Vec<Drift> {
    let mut context = Context::new(0);
    let structure = node.structure();
    let mut strangers = Vec::new();
    node.slots(SlotVisitor::new(&mut |slots| {
        for (field, slot) in structure.fields().iter().zip(slots) {
            if field.place != place {
                continue;
            }
            if let Slot::Map(map) = slot {
                for (name, text) in pairs {
                    if let Some(rest) = strip_prefix(name, field.name) {
                        map.insert(rest.to_owned(), (*text).to_owned());
                    }
                }
                continue;
            }
            let Some((_, text)) = pairs
                .iter()
                .find(|(name, _)| same_name(place, name, field.name))
            else {
                continue;
            };
            // An empty parameter of a kind that cannot be empty says no more than an absent one.
            if text.is_empty()
                && !matches!(
                    field.kind,
                    Kind::Text | Kind::Enumeration(_) | Kind::Timestamp
                )
            {
                continue;
            }
            let items: Vec<&str> = if field.is_list() {
                text.split(',').collect()
            } else {
                vec![text]
            };
            for item in items {
                if context.enter(Cow::Borrowed(field.name), None).is_err() {
                    return;
                }
                match put(slot, field, Scalar::Text(Cow::Borrowed(item)), false) {
                    Put::Kept | Put::Empty => {}
                    Put::Drifted(kind) => context.drifted(kind),
                    Put::Strange(value, kind) => {
                        context.drifted(kind);
                        strangers.push((field.name.to_owned(), value));
                    }
                }
                context.leave();
            }
        }
    }));
    for (name, value) in strangers {
        node.unknown_mut().insert(name, value);
    }
    context.into_drift()
}

fn same_name(place: Place, found: &str, name: &str) -> bool {
    if place == Place::Header {
        found.eq_ignore_ascii_case(name)
    } else {
        found == name
    }
}

fn strip_prefix<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = name.split_at_checked(prefix.len())?;
    (head.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
}
