//! A form of a request: every node, with a hint where a value belongs.

use std::collections::BTreeMap;

use serde_json::Value;
use tcloud_core::node::{Node, Ref, RefVisitor, SlotVisitor, Unknown};
use tcloud_core::schema::{Field, Kind, Structure};

/// Structures inside of structures are shown down to this depth.
const DEPTH: usize = 8;

/// A structure whose values are hints. It is shown in any format and never filled.
pub(super) struct Skeleton {
    structure: &'static Structure,
    hints: Vec<Hint>,
    unknown: Unknown,
}

enum Hint {
    Fixed,
    Text(String),
    Texts(Vec<String>),
    Map(BTreeMap<String, String>),
    Node(Option<Skeleton>),
    Nodes(Vec<Skeleton>),
    NodeMap(BTreeMap<String, Skeleton>),
}

impl Skeleton {
    /// The form of `structure`.
    pub(super) fn new(structure: &'static Structure) -> Self {
        Self::below(structure, &mut Vec::new())
    }

    fn below(structure: &'static Structure, above: &mut Vec<&'static Structure>) -> Self {
        above.push(structure);
        let hints = structure
            .fields()
            .iter()
            .map(|field| Hint::new(field, above))
            .collect();
        above.pop();
        Self {
            structure,
            hints,
            unknown: Unknown::new(),
        }
    }
}

impl Hint {
    fn new(field: &Field, above: &mut Vec<&'static Structure>) -> Self {
        match field.kind {
            Kind::Fixed(_) => Self::Fixed,
            Kind::Structure(inner) => {
                // A structure that holds itself would have no end.
                let ends = above.len() >= DEPTH || above.contains(&inner);
                let inner = (!ends).then(|| Skeleton::below(inner, above));
                if field.is_list() {
                    Self::Nodes(inner.into_iter().collect())
                } else {
                    Self::Node(inner)
                }
            }
            Kind::MapOf(inner) => {
                let ends = above.len() >= DEPTH || above.contains(&inner);
                let inner = (!ends).then(|| Skeleton::below(inner, above));
                let named = inner.map(|inner| ("NAME".to_owned(), inner));
                Self::NodeMap(named.into_iter().collect())
            }
            Kind::Map => Self::Map([("NAME".to_owned(), hint(field))].into()),
            _ if field.is_list() => Self::Texts(vec![hint(field)]),
            _ => Self::Text(hint(field)),
        }
    }

    fn view(&self) -> Ref<'_> {
        match self {
            Self::Fixed => Ref::Fixed,
            Self::Text(text) => Ref::Text(Some(text)),
            Self::Texts(list) => Ref::Texts(list),
            Self::Map(map) => Ref::Map(map),
            Self::Node(node) => Ref::node(node),
            Self::Nodes(nodes) => Ref::Nodes(nodes),
            Self::NodeMap(nodes) => Ref::NodeMap(nodes),
        }
    }
}

/// What belongs in a place: `(whole number, required, 0 to 2, default 0)`.
fn hint(field: &Field) -> String {
    let kind = match field.kind {
        Kind::Integer => "whole number".to_owned(),
        Kind::Float => "number".to_owned(),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Timestamp => "time".to_owned(),
        Kind::Enumeration(words) => words.join(" or "),
        Kind::Any => "anything".to_owned(),
        _ => "text".to_owned(),
    };
    let mut parts = vec![kind];
    if field.is_computed() {
        parts.push("computed from the body".to_owned());
    } else if field.is_required() {
        parts.push("required".to_owned());
    }
    if let Some(limits) = field.limits {
        match (limits.minimum, limits.maximum) {
            (Some(least), Some(most)) => parts.push(format!("{least} to {most}")),
            (Some(least), None) => parts.push(format!("at least {least}")),
            (None, Some(most)) => parts.push(format!("at most {most}")),
            (None, None) => {}
        }
        if let Some(most) = limits.max_length {
            parts.push(format!("at most {most} characters"));
        }
        match limits.unset {
            None => {}
            Some("") => parts.push("empty for no value".to_owned()),
            Some(text) => parts.push(format!("{text} for no value")),
        }
        if let Some(value) = limits.default {
            parts.push(format!("default {value}"));
        }
    }
    format!("({})", parts.join(", "))
}

impl Node for Skeleton {
    fn structure(&self) -> &'static Structure {
        self.structure
    }

    fn refs(&self, visitor: RefVisitor<'_>) {
        visitor.visit(&self.hints.iter().map(Hint::view).collect::<Vec<_>>());
    }

    fn slots(&mut self, visitor: SlotVisitor<'_>) {
        visitor.visit(&mut []);
    }

    fn unknown(&self) -> &Unknown {
        &self.unknown
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

/// What of a filled-in form says something: `filled` without the hints of `form` that are still
/// there, and without containers that hold nothing else.
pub(super) fn strip(filled: Value, form: &Value) -> Option<Value> {
    match (filled, form) {
        (Value::String(text), Value::String(hint)) if text == *hint => None,
        (Value::Object(nodes), Value::Object(hints)) => {
            let kept: serde_json::Map<_, _> = nodes
                .into_iter()
                .filter_map(|(name, value)| {
                    let value = match hints.get(&name) {
                        Some(hint) => strip(value, hint)?,
                        None => value,
                    };
                    Some((name, value))
                })
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        (Value::Array(items), Value::Array(hints)) => {
            let kept: Vec<_> = match hints.first() {
                Some(hint) => items
                    .into_iter()
                    .filter_map(|item| strip(item, hint))
                    .collect(),
                None => items,
            };
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        (filled, _) => Some(filled),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::strip;

    #[test]
    fn only_what_was_filled_in_is_kept() {
        let form =
            json!({"a": "(text)", "b": {"c": "(text)"}, "d": ["(text)"], "e": [{"f": "(text)"}]});
        assert_eq!(strip(form.clone(), &form), None);
        let filled = json!({"a": "x", "b": {"c": "(text)"}, "d": ["y", "(text)"], "e": [{"f": "z"}], "g": 1});
        assert_eq!(
            strip(filled, &form),
            Some(json!({"a": "x", "d": ["y"], "e": [{"f": "z"}], "g": 1}))
        );
    }
}
