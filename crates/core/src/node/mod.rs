//! How a structure shows its fields to the codec.
//!
//! A generated type implements [`Node`]: its table, a view of its values ([`Ref`]) and its empty
//! places ([`Slot`]), each in the order of the table. Both are closed enums, so every format is one
//! function over trait objects and no code is instantiated per type.
//!
//! What is generic here is compiled once for each of thousands of types. It is therefore written
//! with patterns instead of adapters and closures, each of which would be one more function a type.
//! What is equal for all of them is in the macros [`node!`](crate::node!) and
//! [`words!`](crate::words!), so that a service's crate has no more than the facts.

mod collections;
mod fields;
mod implement;
mod unknown;
mod values;
mod views;
mod words;

pub use self::fields::{
    Node, NodeList, NodeMap, NodeMapSlot, NodeSlot, Ref, RefVisitor, Slot, SlotVisitor,
};
pub use self::unknown::Unknown;
pub use self::values::{entries, many, one, pairs};
pub use self::words::{TextList, Word, WordSlot};
pub use serde_json::Value;
