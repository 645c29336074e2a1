//! Texts that travel URL-encoded: keys of objects hold characters that XML cannot carry.

use super::bind::unset;
use super::lookup::text_of;
use crate::node::{Node, Slot, SlotVisitor};
use crate::operation::Encoding;
use crate::schema::Flags;
use crate::sign::encode;

/// The word for this encoding, in a request that asks for it and in an answer that uses it.
pub(crate) const URL: &str = "url";

/// Decodes the texts of an answer that declares them encoded, and removes the declaration. A text that cannot be
/// decoded stays as it came.
pub(crate) fn undo(encoding: Encoding, output: &mut dyn Node) {
    if is_told(encoding, output) {
        each(output, &mut |text| {
            if let Some(decoded) = encode::decode_path(text) {
                *text = decoded;
            }
        });
        for name in encoding.marked_by {
            unset(output, name);
        }
    }
}

/// Encodes the texts of an answer that declares them encoded.
#[cfg(feature = "server")]
pub(crate) fn apply(encoding: Encoding, output: &mut dyn Node) {
    if is_told(encoding, output) {
        each(output, &mut |text| *text = encode::component(text.as_str()));
    }
}

fn is_told(encoding: Encoding, output: &dyn Node) -> bool {
    let mut marked_by = encoding.marked_by.iter();
    marked_by.any(|name| text_of(output, name).as_deref() == Some(URL))
}

/// Shows the texts that can be encoded, in structures and lists of them, too.
fn each(node: &mut dyn Node, change: &mut dyn FnMut(&mut String)) {
    let fields = node.structure().fields();
    node.slots(SlotVisitor::new(&mut |slots| {
        for (field, slot) in fields.iter().zip(slots) {
            match slot {
                Slot::Text(Some(text)) if field.flags.contains(Flags::URL_ENCODED) => change(text),
                Slot::Node(place) | Slot::Nodes(place) => {
                    place.each(&mut |child| each(child, change));
                }
                _ => {}
            }
        }
    }));
}
