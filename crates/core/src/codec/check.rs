//! What a structure lacks, or holds against its table.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow::{Break, Continue};

use super::held::{Held, scalars};
use super::walk::{Row, walk};
use crate::node::{Node, Ref};
use crate::schema::{Field, Kind, Place};

/// Characters of a value that a violation repeats.
const SHOWN: usize = 64;

/// What a client has to know of a request before it writes it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Findings {
    /// The paths of all required nodes that are absent. A node inside an absent optional container
    /// is not required, and what is computed from the body need not be there yet.
    pub missing: Vec<String>,
    /// The numbers out of range and the texts too long. The words of an open enumeration are not
    /// among them, for the service may know more.
    pub out_of_bounds: Vec<Violation>,
    /// Whether any node of the body is present, fixed ones aside.
    pub has_body: bool,
}

/// What a value violates.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The node.
    pub path: String,
    /// What the table asks for, as a sentence's end: `must be from 0 to 2, got 3`.
    pub rule: String,
    /// Whether the node is required and absent.
    pub missing: bool,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.rule)
    }
}

/// Looks at a request before it is written, the bounds of its values only if `limits` says so.
/// Nothing is allocated if nothing is wrong.
///
/// `root` is the root element of an XML body, and empty for any other: XML cannot say that a list
/// is there and empty, JSON can.
pub fn check(node: &dyn Node, root: &str, limits: bool) -> Findings {
    let mut found = Findings {
        has_body: !node.unknown().is_empty(),
        ..Findings::default()
    };
    walk(node, root, &mut |row| {
        let Row { field, value, .. } = row;
        let in_body = field.place == Place::Body;
        if value.is_absent() {
            let empty = row.marked && root.is_empty() && in_body;
            if field.is_required() && !field.is_computed() && !empty {
                found.missing.push(row.path.to_string());
            }
            return Continue(());
        }
        if row.path.is_outermost() && in_body && !matches!(value, Ref::Fixed) {
            found.has_body = true;
        }
        if limits && let Some(rule) = first_broken(row, out_of_bounds) {
            found.out_of_bounds.push(violation(row, rule));
        }
        Continue(())
    });
    found
}

/// Everything in `node` that its table does not allow: absent required nodes, words outside the
/// documented ones, numbers out of range, texts too long. It is for the side that answers; `root`
/// is that of [`check`].
pub fn violations(node: &dyn Node, root: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    walk(node, root, &mut |row| {
        found.extend(violated(row));
        Continue(())
    });
    found
}

/// The first of the [`violations`], in the order of the table.
pub fn first_violation(node: &dyn Node, root: &str) -> Option<Violation> {
    let mut found = None;
    walk(node, root, &mut |row| {
        found = violated(row);
        match found {
            Some(_) => Break(()),
            None => Continue(()),
        }
    });
    found
}

fn violated(row: &Row<'_>) -> Option<Violation> {
    if !row.value.is_absent() {
        return first_broken(row, broken).map(|rule| violation(row, rule));
    }
    (row.field.is_required() && !row.marked).then(|| Violation {
        missing: true,
        ..violation(row, "is required".to_owned())
    })
}

fn violation(row: &Row<'_>, rule: String) -> Violation {
    Violation {
        path: row.path.to_string(),
        rule,
        missing: false,
    }
}

/// The first rule that a scalar of the row breaks.
fn first_broken(row: &Row<'_>, rule: fn(&Field, Held<'_>) -> Option<String>) -> Option<String> {
    scalars(row.field, row.value)
        .filter(|held| !is_unset(row.field, *held))
        .find_map(|held| rule(row.field, held))
}

/// Whether the scalar is what documents write where there is no value.
fn is_unset(field: &Field, held: Held<'_>) -> bool {
    let unset = field.limits.and_then(|limits| limits.unset);
    unset.is_some_and(|unset| held.is(unset))
}

/// The rule of the table that a scalar breaks.
fn broken(field: &Field, held: Held<'_>) -> Option<String> {
    if let Held::Text(text) = held {
        // The documents' own samples differ from their tables in the case of words.
        if let Kind::Enumeration(words) = field.kind
            && !words.iter().any(|word| word.eq_ignore_ascii_case(text))
        {
            return Some(format!(
                "must be one of {}, got {:?}",
                words.join(", "),
                cut(text)
            ));
        }
        if field.is_required() && text.is_empty() {
            return Some("must not be empty".to_owned());
        }
    }
    out_of_bounds(field, held)
}

/// The start of `text`: a rule repeats what was sent, which may be a megabyte.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// The bound of the table that a scalar passes.
fn out_of_bounds(field: &Field, held: Held<'_>) -> Option<String> {
    let limits = field.limits?;
    if let Some(most) = limits.max_length
        && held.into_text().chars().count() > usize::try_from(most).unwrap_or(usize::MAX)
    {
        return Some(format!("must have at most {most} characters"));
    }
    let (below, above) = match held {
        Held::Integer(number) => (
            limits.minimum.is_some_and(|least| number < least),
            limits.maximum.is_some_and(|most| number > most),
        ),
        Held::Float(number) => (
            limits.minimum.is_some_and(|least| number < to_float(least)),
            limits.maximum.is_some_and(|most| number > to_float(most)),
        ),
        Held::Text(_) | Held::Boolean(_) => return None,
    };
    if !below && !above {
        return None;
    }
    let text = held.into_text();
    let shown = cut(&text);
    Some(match (limits.minimum, limits.maximum) {
        (Some(least), Some(most)) => format!("must be from {least} to {most}, got {shown}"),
        (Some(least), None) => format!("must be at least {least}, got {shown}"),
        (None, Some(most)) => format!("must be at most {most}, got {shown}"),
        (None, None) => return None,
    })
}

/// Bounds in tables are small; one that `f64` rounds is still a bound.
#[expect(clippy::cast_precision_loss, reason = "tables state small bounds")]
fn to_float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
