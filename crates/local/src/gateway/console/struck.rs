//! Documents and texts without what gives access.

use tcloud_core::codec::{self, Document, json, xml};
use tcloud_core::node::{Node, Slot, SlotVisitor};
use tcloud_core::operation::{BodyFormat, Operation};

use crate::fetch::shown;

/// The document `text` that a request of `operation` has, without its secrets and without what is not
/// in its table. `None` if it cannot be read.
pub(super) fn document(operation: &Operation, text: &str) -> Option<String> {
    let mut document = Document::new(operation.request);
    match operation.request_body {
        BodyFormat::Xml(root) => {
            xml::decode(text, root, &mut document).ok()?;
            strike(&mut document);
            xml::encode(root, &document).ok()
        }
        BodyFormat::Json => {
            json::decode(text, "", &mut document).ok()?;
            strike(&mut document);
            json::encode(&document, json::Style::Typed).ok()
        }
        _ => None,
    }
}

/// A value, without what an address in it gives access by.
pub(super) fn value(text: &str) -> String {
    if text.starts_with("http://") || text.starts_with("https://") {
        shown(text)
    } else {
        text.to_owned()
    }
}

fn strike(node: &mut dyn Node) {
    codec::redact(node);
    addresses(node);
}

fn addresses(node: &mut dyn Node) {
    node.slots(SlotVisitor::new(&mut |slots| {
        for slot in slots {
            match slot {
                Slot::Node(place) | Slot::Nodes(place) => place.each(&mut addresses),
                Slot::NodeMap(place) => place.each(&mut addresses),
                Slot::Text(Some(text)) => *text = value(text),
                Slot::Texts(list) => list.iter_mut().for_each(|text| *text = value(text)),
                _ => {}
            }
        }
    }));
}
