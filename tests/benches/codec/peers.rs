//! Types for serde with the fields of ours: generated, so that the two sides cannot drift apart.

// The generator has its own layout.
#[rustfmt::skip]
pub mod ci;
#[rustfmt::skip]
pub mod mps;
