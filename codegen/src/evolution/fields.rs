//! Rows of two states of one structure.

use tcloud_core::schema::Place;

use super::change::What;
use super::pairs::matched;
use super::report::{OTHER_MESSAGE, Report};
use super::rust;
use super::types::Types;
use crate::model::{Field, Kind, Limits, Structure};

/// What a change of a field does to code that uses it.
const READS: &str = "code that reads or sets the field no longer builds";

/// Reports what happened to every field of the structure at `item`.
pub(super) fn compare(
    report: &mut Report,
    item: &str,
    before: &Structure,
    after: &Structure,
    types: &Types<'_>,
) {
    report.item(|_| (), before.doc != after.doc);
    for (old, new) in matched(&before.fields, &after.fields) {
        match (old, new) {
            (Some(old), Some(new)) => {
                report.item(
                    |report| pair(report, item, old, new, types),
                    old.doc != new.doc,
                );
            }
            (Some(old), None) => match &old.kind {
                Kind::Fixed(text) => {
                    let what = format!("sends no {} `{text}` any more", node(old));
                    report.behaves(item, what, OTHER_MESSAGE);
                }
                _ => report.removed(format!("{item}::{}", old.name), READS),
            },
            (None, Some(new)) => match &new.kind {
                Kind::Fixed(text) => {
                    let what = format!("always sends the {} `{text}`", node(new));
                    report.behaves(item, what, OTHER_MESSAGE);
                }
                _ => report.added(format!("{item}::{}", new.name), describe(new)),
            },
            (None, None) => {}
        }
    }
}

fn pair(report: &mut Report, structure: &str, old: &Field, new: &Field, types: &Types<'_>) {
    let item = format!("{structure}::{}", old.name);
    match (&old.kind, &new.kind) {
        (Kind::Fixed(before), Kind::Fixed(after)) => {
            if (node(old), before) != (node(new), after) {
                let what = format!(
                    "sends the {} `{after}`, sent the {} `{before}`",
                    node(new),
                    node(old)
                );
                report.behaves(structure, what, OTHER_MESSAGE);
            }
            return;
        }
        (_, Kind::Fixed(text)) => {
            let why = format!("{READS}; it is always `{text}` now");
            return report.removed(item, why);
        }
        (Kind::Fixed(text), _) => {
            let what = format!(
                "leaves the {} to the caller, always sent `{text}`",
                node(new)
            );
            return report.behaves(structure, what, OTHER_MESSAGE);
        }
        _ => {
            if old.name != new.name {
                report.reshaped(&item, format!("is called `{}`", new.name), READS);
            }
            if types.differ(&old.kind, &new.kind) || old.list != new.list || old.boxed != new.boxed
            {
                let what = format!("is `{}`, was `{}`", rust::field(new), rust::field(old));
                report.reshaped(&item, what, READS);
            }
        }
    }
    if node(old) != node(new) {
        let what = format!("is the {}, was the {}", node(new), node(old));
        report.behaves(&item, what, OTHER_MESSAGE);
    }
    if old.sensitive != new.sensitive {
        let (what, why) = if new.sensitive {
            ("is a secret", "`Debug` and logs hide it")
        } else {
            ("is no longer a secret", "`Debug` and logs show it")
        };
        report.behaves(&item, what.to_owned(), why);
    }
    if old.md5 != new.md5 {
        let what = if new.md5 {
            "is computed from the body unless it is set"
        } else {
            "is no longer computed from the body"
        };
        report.behaves(&item, what.to_owned(), OTHER_MESSAGE);
    }
    if old.token != new.token {
        let (what, why) = if new.token {
            (
                "is set by the call unless it is set",
                "a call may be tried again",
            )
        } else {
            (
                "is no longer set by the call",
                "a call is not tried again by itself",
            )
        };
        report.behaves(&item, what.to_owned(), why);
    }
    limits(report, &item, &old.limits, &new.limits);
    if new.deprecated && !old.deprecated {
        report.tell(
            item,
            What::Deprecated,
            "the service advises against its use",
        );
    }
}

fn limits(report: &mut Report, item: &str, old: &Limits, new: &Limits) {
    let bounds = |limits: &Limits| {
        let mut bounds = Vec::new();
        bounds.extend(limits.minimum.map(|least| format!("at least {least}")));
        bounds.extend(limits.maximum.map(|most| format!("at most {most}")));
        bounds.extend(
            limits
                .max_length
                .map(|most| format!("at most {most} characters")),
        );
        if bounds.is_empty() {
            return "unlimited".to_owned();
        }
        let unset = limits.unset.iter().map(|text| format!("or `{text}`"));
        let bounds = bounds.join(" and ");
        std::iter::once(bounds)
            .chain(unset)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let [before, after] = [old, new].map(bounds);
    if before != after {
        let what = format!("is {after}, was {before}");
        report.behaves(item, what, "servers refuse other values");
    }
    // A default that is stated for the first time was the service's all along.
    if let (Some(before), Some(after)) = (&old.default, &new.default)
        && before != after
    {
        let what = format!("is `{after}` by default, was `{before}`");
        report.behaves(item, what, "a call that leaves it out means something else");
    }
}

/// The constructor of a structure, if it asks for other values than before.
pub(super) fn compare_constructor(
    report: &mut Report,
    item: &str,
    before: &Structure,
    after: &Structure,
) {
    if let Some(Asked { what, effect }) = asked(before, after, [false; 2]) {
        report.reshaped(format!("{item}::new"), what, format!("calls {effect}"));
    }
}

/// What a constructor asks for now.
pub(super) struct Asked {
    /// The arguments, now and before.
    pub(super) what: String,
    /// What becomes of calls.
    pub(super) effect: &'static str,
}

/// Compares what two constructors ask for; `bodies` says which of them take a body as well.
pub(super) fn asked(before: &Structure, after: &Structure, bodies: [bool; 2]) -> Option<Asked> {
    let fields = matched(&before.fields, &after.fields);
    let successor = |old: &Field| {
        let pair = fields
            .iter()
            .find(|it| it.0.is_some_and(|it| it.name == old.name));
        pair.and_then(|it| it.1).map(|new| new.name.as_str())
    };
    let expected: Vec<_> = before.required_fields().map(successor).collect();
    let found: Vec<_> = after
        .required_fields()
        .map(|new| Some(new.name.as_str()))
        .collect();
    let [old_body, new_body] = bodies;
    if expected == found && old_body == new_body {
        return None;
    }
    let types = |structure: &Structure, body: bool| {
        let fields: Vec<_> = structure.required_fields().map(rust::field).collect();
        (fields, body)
    };
    Some(Asked {
        what: format!(
            "takes `{}`, took `{}`",
            rust::signature(after, new_body),
            rust::signature(before, old_body)
        ),
        effect: if types(before, old_body) == types(after, new_body) {
            "still build and give each value another meaning"
        } else {
            "no longer build"
        },
    })
}

/// Where a field is sent, and under which name.
fn node(field: &Field) -> String {
    let place = match field.place {
        Place::Host => "host label",
        Place::Path => "path segment",
        Place::Query => "query parameter",
        Place::Header => "header",
        _ if field.attribute => "attribute",
        _ if field.content => "text of the element, called",
        _ => "node",
    };
    format!("{place} `{}`", field.wire)
}

fn describe(field: &Field) -> String {
    let presence = if field.required {
        "required"
    } else {
        "optional"
    };
    format!("{presence} {}: `{}`", node(field), rust::field(field))
}
