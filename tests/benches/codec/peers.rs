//! Generated types for serde, equal to ours.

pub mod ci;
pub mod mps;
