//! A generated file, before and after it is text.

use proc_macro2::TokenStream;

/// A file of a generated crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path below the crate's `src/generated`, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A file before it is text.
pub(super) struct File {
    /// Path below `src/generated`.
    pub(super) path: String,
    /// The spec files it is made from.
    pub(super) sources: Vec<String>,
    /// Documentation of the module.
    pub(super) doc: String,
    /// The module of the crate through which its items are seen.
    pub(super) module: Vec<String>,
    /// The items.
    pub(super) items: TokenStream,
}
