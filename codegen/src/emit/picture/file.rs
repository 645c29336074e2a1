//! What the files of `picture/` share.

use super::super::file::File;
use super::super::tokens::ident;
use crate::model::picture::Operation;
use crate::names::shouty;

/// Below `src/generated`.
const FOLDER: &str = "picture";

/// The file `name` of the folder.
pub(super) fn file(name: &str, sources: Vec<String>, items: proc_macro2::TokenStream) -> File {
    File {
        path: format!("{FOLDER}/{name}.rs"),
        sources,
        doc: String::new(),
        module: vec![FOLDER.to_owned()],
        items,
    }
}

/// The name of an operation's table.
pub(super) fn table(operation: &Operation) -> proc_macro2::Ident {
    ident(&shouty(&operation.name))
}
