//! Official metadata into spec files.

pub mod tc3;
