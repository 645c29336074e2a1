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

pub use self::fields::{
    Node, NodeList, NodeMap, NodeMapSlot, NodeSlot, Ref, RefVisitor, Slot, SlotVisitor,
};
pub use self::unknown::Unknown;
pub use self::values::{entries, many, one, pairs};
pub use self::words::{TextList, Word, WordSlot};
pub use serde_json::Value;

/// Implements `Clone`, `PartialEq` and `Debug` for a [`Node`], which has to be `Default` as well.
/// All three go by the table, so a service's crate holds one line for each structure.
#[macro_export]
macro_rules! by_table {
    ($structure:ident) => {
        impl ::std::clone::Clone for $structure {
            #[inline]
            fn clone(&self) -> Self {
                $crate::codec::copy(self)
            }
        }

        impl ::std::cmp::PartialEq for $structure {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::codec::equal(self, other)
            }
        }

        impl ::std::fmt::Debug for $structure {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codec::debug(self, f)
            }
        }
    };
}
