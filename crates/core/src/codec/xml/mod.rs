//! XML: nodes are elements, lists are repeated elements.

mod decode;
mod encode;
mod pieces;

pub use decode::{decode, decode_any};
pub use encode::encode;

#[cfg(test)]
mod tests;
