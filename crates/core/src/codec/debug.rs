//! Structures as `Debug` shows them: present values by the names of the table, secrets never.

use std::fmt;

use serde_json::Value;

use super::held::{Held, scalars};
use crate::node::{Node, Ref, RefVisitor, Slot, SlotVisitor};
use crate::schema::{Field, Flags};

/// What is shown instead of a secret.
pub const SECRET: &str = "(secret)";

/// Writes `node` for `Debug`. Values of sensitive fields, and values that no table knows, are not
/// shown.
///
/// # Errors
/// The formatter's.
pub fn debug(node: &dyn Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let structure = node.structure();
    let mut out = f.debug_struct(structure.name);
    node.refs(RefVisitor::new(&mut |refs| {
        for (at, (field, value)) in structure.fields().iter().zip(refs).enumerate() {
            let absent = value.is_absent() && !node.unknown().is_marked_empty(at);
            if absent || matches!(value, Ref::Fixed) {
                continue;
            }
            out.field(
                field.name,
                &Shown {
                    field,
                    value: *value,
                },
            );
        }
    }));
    for (name, _) in node.unknown().iter() {
        out.field(name, &format_args!("(not in the table)"));
    }
    out.finish()
}

/// Replaces the value of every sensitive field, so that what is written of `node` can be shown.
/// What no table knows may be a secret, too, and is left out.
pub fn redact(node: &mut dyn Node) {
    let fields = node.structure().fields();
    node.unknown_mut().forget_nodes();
    node.slots(SlotVisitor::new(&mut |slots| {
        for (field, slot) in fields.iter().zip(slots) {
            let sensitive = field.flags.contains(Flags::SENSITIVE);
            match slot {
                Slot::Node(place) | Slot::Nodes(place) => place.each(&mut redact),
                Slot::NodeMap(place) => place.each(&mut redact),
                Slot::Text(Some(text)) if sensitive => SECRET.clone_into(text),
                Slot::Texts(list) if sensitive => {
                    list.iter_mut().for_each(|text| SECRET.clone_into(text));
                }
                _ => {}
            }
        }
    }));
}

struct Shown<'a> {
    field: &'a Field,
    value: Ref<'a>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.flags.contains(Flags::SENSITIVE) {
            return f.write_str(SECRET);
        }
        match self.value {
            Ref::Node(Some(node)) => debug(node, f),
            Ref::Nodes(list) => f.debug_list().entries(list.iter().map(Plain)).finish(),
            Ref::NodeMap(map) => {
                let mut out = f.debug_map();
                map.each(&mut |name, node| {
                    out.entry(&name, &Plain(node));
                });
                out.finish()
            }
            Ref::Any(Some(value)) => fmt::Display::fmt(value, f),
            Ref::Anys(list) => f.debug_list().entries(list.iter().map(Json)).finish(),
            Ref::Map(map) => f.debug_map().entries(map).finish(),
            Ref::Text(Some(text)) => fmt::Debug::fmt(text, f),
            scalar => {
                let mut texts = scalars(self.field, scalar).map(Held::into_text);
                if self.field.is_list() {
                    f.debug_list().entries(texts).finish()
                } else {
                    f.write_str(&texts.next().unwrap_or_default())
                }
            }
        }
    }
}

struct Plain<'a>(&'a dyn Node);

impl fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(self.0, f)
    }
}

struct Json<'a>(&'a Value);

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}
