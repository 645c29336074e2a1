//! What a structure lacks, or holds against its table.

use std::borrow::Cow;
use std::fmt;

use crate::node::{Node, Ref};
use crate::schema::{Field, Kind, Place};

/// Characters of a value that a violation repeats.
const SHOWN: usize = 64;

/// The paths of all required nodes that are absent: what a client looks at before it sends. A node
/// inside an absent optional container is not required, and what is computed from the body need
/// not be there yet.
///
/// `root` is the root element of an XML body, and empty for any other: XML cannot say that a list is
/// there and empty, JSON can.
pub fn missing(node: &dyn Node, root: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(node, root, &mut |path, field, value, marked| {
        let empty = marked && root.is_empty() && field.place == Place::Body;
        if field.is_required() && !field.is_computed() && value.is_absent() && !empty {
            found.push(path.to_owned());
        }
    });
    found
}

/// Whether any node of the body is there, fixed ones aside.
pub fn has_body(node: &dyn Node) -> bool {
    let fields = node.structure().fields();
    let mut found = !node.unknown().is_empty();
    node.refs(&mut |refs| {
        found |= fields.iter().zip(refs).any(|(field, value)| {
            field.place == Place::Body && !value.is_absent() && !matches!(value, Ref::Fixed)
        });
    });
    found
}

/// What a value violates, for the side that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The node.
    pub path: String,
    /// What the table asks for, as a sentence's end: `must be from 0 to 2, got 3`.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.rule)
    }
}

/// Everything in `node` that its table does not allow: absent required nodes, words outside the
/// documented ones, numbers out of range, texts too long.
pub fn violations(node: &dyn Node, root: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    walk(node, root, &mut |path, field, value, marked| {
        if !marked && let Some(rule) = violated(field, value) {
            found.push(Violation {
                path: path.to_owned(),
                rule,
            });
        }
    });
    found
}

/// The numbers out of range and the texts too long: what a client looks at before it sends. The
/// words of an open enumeration are not among them, for the service may know more.
pub fn out_of_bounds(node: &dyn Node, root: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    walk(node, root, &mut |path, field, value, _| {
        if let Some(rule) = first_broken(field, value, out_of_bounds_text) {
            found.push(Violation {
                path: path.to_owned(),
                rule,
            });
        }
    });
    found
}

fn violated(field: &Field, value: Ref<'_>) -> Option<String> {
    if value.is_absent() {
        return field.is_required().then(|| "is required".to_owned());
    }
    first_broken(field, value, text_violation)
}

/// The first rule that a text of `value` breaks.
fn first_broken(
    field: &Field,
    value: Ref<'_>,
    rule: fn(&Field, &str) -> Option<String>,
) -> Option<String> {
    let mut broken = None;
    super::scalar::texts(field, value, &mut |text| {
        if broken.is_none() {
            broken = rule(field, text);
        }
    });
    broken
}

fn text_violation(field: &Field, text: &str) -> Option<String> {
    if is_unset(field, text) {
        return None;
    }
    // The documents' own samples differ from their tables in the case of words.
    if let Kind::Enumeration(words) = field.kind
        && !words.iter().any(|word| word.eq_ignore_ascii_case(text))
    {
        return Some(format!(
            "must be one of {}, got {}",
            words.join(", "),
            quoted(text)
        ));
    }
    if field.is_required() && text.is_empty() {
        return Some("must not be empty".to_owned());
    }
    out_of_bounds_text(field, text)
}

/// `text` in quotation marks.
fn quoted(text: &str) -> String {
    format!("{:?}", cut(text))
}

/// The start of `text`: a rule repeats what was sent, which may be a megabyte.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Whether `text` is what documents write where there is no value.
fn is_unset(field: &Field, text: &str) -> bool {
    field
        .limits
        .is_some_and(|limits| limits.unset == Some(text))
}

fn out_of_bounds_text(field: &Field, text: &str) -> Option<String> {
    let limits = field.limits?;
    if is_unset(field, text) {
        return None;
    }
    if let Some(most) = limits.max_length
        && text.chars().count() > usize::try_from(most).unwrap_or(usize::MAX)
    {
        return Some(format!("must have at most {most} characters"));
    }
    let number: f64 = match field.kind {
        Kind::Integer | Kind::Float => text.parse().ok()?,
        _ => return None,
    };
    let below = limits.minimum.filter(|least| number < to_float(*least));
    let above = limits.maximum.filter(|most| number > to_float(*most));
    if below.is_none() && above.is_none() {
        return None;
    }
    let shown = cut(text);
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

/// Shows every field of the structure and of those in it by its path, and whether it is marked as
/// there and empty.
fn walk(node: &dyn Node, path: &str, visit: &mut dyn FnMut(&str, &Field, Ref<'_>, bool)) {
    let fields = node.structure().fields();
    node.refs(&mut |refs| {
        for (at, (field, value)) in fields.iter().zip(refs).enumerate() {
            // What travels outside the body does not stand in its root.
            let here = if path.is_empty() || field.place != Place::Body {
                field.name.to_owned()
            } else {
                format!("{path}.{}", field.name)
            };
            let marked = value.is_absent() && node.unknown().is_marked_empty(at);
            visit(&here, field, *value, marked);
            match value {
                Ref::Node(Some(child)) => walk(*child, &here, visit),
                Ref::Nodes(list) => {
                    for index in 0..list.count() {
                        if let Some(child) = list.item(index) {
                            walk(child, &format!("{here}[{index}]"), visit);
                        }
                    }
                }
                Ref::NodeMap(map) => {
                    map.each(&mut |name, child| walk(child, &format!("{here}.{name}"), visit));
                }
                _ => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::fixture::JOB;
    use super::super::{Document, json};
    use super::{missing, out_of_bounds, violations};
    use crate::schema::{Field, Flags, Kind, Limits, Structure};

    fn broken(text: &str) -> Vec<String> {
        let mut job = Document::new(&JOB);
        json::decode(text, "", &mut job).unwrap();
        violations(&job, "Job")
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn all_missing_paths_are_named_at_once() {
        let mut job = Document::new(&JOB);
        json::decode(r#"{"Input":{},"Parts":[{"Object":"o"},{}]}"#, "", &mut job).unwrap();
        assert_eq!(
            missing(&job, "Job"),
            ["Job.Input.Object", "Job.Parts[1].Object"]
        );
        assert_eq!(missing(&Document::new(&JOB), "Job"), Vec::<String>::new());
    }

    #[test]
    fn an_empty_list_is_there_where_the_format_can_say_so() {
        static LISTS: Structure = Structure::new(
            "Lists",
            &[
                Field::new("Names", Kind::Text).with(Flags::LIST.or(Flags::REQUIRED)),
                Field::new("Tags", Kind::Map).with(Flags::REQUIRED),
            ],
        );
        let mut lists = Document::new(&LISTS);
        assert_eq!(missing(&lists, ""), ["Names", "Tags"]);
        json::decode(r#"{"Names":[],"Tags":{}}"#, "", &mut lists).unwrap();
        assert_eq!(missing(&lists, ""), Vec::<String>::new());
        assert_eq!(violations(&lists, ""), []);
        assert_eq!(missing(&lists, "Root"), ["Root.Names", "Root.Tags"]);
    }

    #[test]
    fn a_client_looks_at_bounds_alone() {
        let mut job = Document::new(&JOB);
        let text = r#"{"Level":3,"Note":"fünfe","State":"Lost","Input":{}}"#;
        json::decode(text, "", &mut job).unwrap();
        let found: Vec<_> = out_of_bounds(&job, "Job")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "Job.Level must be from 0 to 2, got 3",
                "Job.Note must have at most 4 characters"
            ]
        );
    }

    #[test]
    fn what_documents_write_for_no_value_breaks_no_rule() {
        static BLACK_LEVEL: Limits = Limits::new().range(30, 100).unset("0");
        static FONT: Limits = Limits::new().unset("");
        static TEXT: Structure = Structure::new(
            "Text",
            &[
                Field::new("BlackLevel", Kind::Integer).limited(&BLACK_LEVEL),
                Field::new("Font", Kind::Enumeration(&["arial.ttf"]))
                    .limited(&FONT)
                    .with(Flags::REQUIRED),
            ],
        );
        let found = |text: &str| {
            let mut document = Document::new(&TEXT);
            json::decode(text, "", &mut document).unwrap();
            let bounds = out_of_bounds(&document, "").len();
            let rules = violations(&document, "").len();
            (missing(&document, "").len(), bounds, rules)
        };
        assert_eq!(found(r#"{"BlackLevel":0,"Font":""}"#), (0, 0, 0));
        assert_eq!(found(r#"{"BlackLevel":1,"Font":"other"}"#), (0, 1, 2));
        assert_eq!(found(r#"{"BlackLevel":0}"#), (1, 0, 1));
    }

    #[test]
    fn a_rule_repeats_the_start_of_a_long_value() {
        let long = "ü".repeat(1_000_000);
        let found = broken(&format!(r#"{{"State":"{long}"}}"#));
        let start = "ü".repeat(64);
        assert_eq!(
            found,
            [format!(
                "Job.State must be one of Submitted, Success, got \"{start}…\""
            )]
        );
    }

    #[test]
    fn each_rule_of_the_table_is_checked() {
        assert_eq!(broken(r#"{"Level":2,"Note":"four"}"#), Vec::<String>::new());
        assert_eq!(
            broken(r#"{"Level":3}"#),
            ["Job.Level must be from 0 to 2, got 3"]
        );
        assert_eq!(
            broken(r#"{"Level":-1}"#),
            ["Job.Level must be from 0 to 2, got -1"]
        );
        assert_eq!(
            broken(r#"{"Note":"fünfe"}"#),
            ["Job.Note must have at most 4 characters"]
        );
        assert_eq!(
            broken(r#"{"State":"Lost"}"#),
            ["Job.State must be one of Submitted, Success, got \"Lost\""]
        );
        assert_eq!(broken(r#"{"Input":{}}"#), ["Job.Input.Object is required"]);
        assert_eq!(
            broken(r#"{"Input":{"Object":""}}"#),
            ["Job.Input.Object must not be empty"]
        );
    }
}
