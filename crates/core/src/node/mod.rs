//! How a structure shows its fields to the codec.
//!
//! A generated type implements [`Node`]: its table, a view of its values ([`Ref`]) and its empty
//! places ([`Slot`]), each in the order of the table. Both are closed enums, so every format is one
//! function over trait objects and no code is instantiated per type.
//!
//! What is generic here is compiled once for each of thousands of types. It is therefore written
//! with patterns instead of adapters and closures, each of which would be one more function a type.

mod collections;
mod fields;
mod unknown;
mod values;
mod words;

pub use self::fields::{Node, NodeList, NodeMap, NodeMapSlot, NodeSlot, Ref, Slot};
pub use self::unknown::Unknown;
pub use self::values::{entries, many, one, pairs};
pub use self::words::{TextList, Word, WordSlot};
pub use serde_json::Value;
