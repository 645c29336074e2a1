//! JSON: structures are objects, lists are arrays.

mod decode;
mod encode;
mod reader;

pub use decode::{decode, decode_member, decode_styled};
pub use encode::{Style, encode, to_value};

#[cfg(test)]
mod tests;
