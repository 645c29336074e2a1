//! `picture/`: the grammar of picture processing as static tables, and a type an operation whose
//! methods name places in them.

mod file;
mod operation;
mod types;

use quote::quote;

use self::file::{file, table};
use super::file::File;
use super::tokens::{docs, ident};
use crate::model::picture::Grammar;

pub(super) fn emit(grammar: &Grammar) -> Vec<File> {
    if grammar.operations.is_empty() {
        return Vec::new();
    }
    let mut files = vec![root(grammar)];
    files.extend(grammar.operations.iter().map(operation::emit));
    files.extend((!grammar.words.is_empty()).then(|| types::words(grammar)));
    files.extend((!grammar.choices.is_empty()).then(|| types::choices(grammar)));
    files
}

/// `mod.rs`: the modules, the whole grammar and a step of a pipeline.
fn root(grammar: &Grammar) -> File {
    let operations = &grammar.operations;
    let modules: Vec<_> = operations.iter().map(|it| ident(&it.module)).collect();
    let names: Vec<_> = operations.iter().map(|it| ident(&it.name)).collect();
    let texts: Vec<_> = operations.iter().map(|it| &it.name).collect();
    let tables = operations.iter().map(table);
    let variants = operations.iter().map(|it| {
        let doc = docs(&format!("`{}`", it.head_text), 4);
        let name = ident(&it.name);
        quote!(#doc #name(#name))
    });
    let choices = (!grammar.choices.is_empty()).then(|| ident("choices"));
    let words = (!grammar.words.is_empty()).then(|| ident("words"));
    let shared: Vec<_> = choices.into_iter().chain(words).collect();
    let sources = operations.iter().map(|it| it.source.clone()).collect();
    file(
        "mod",
        sources,
        quote! {
            #(mod #shared;)*
            #(mod #modules;)*
            #(pub use self::#shared::*;)*
            #(pub use self::#modules::#names;)*
            /// The operations of the grammar.
            pub static GRAMMAR: &[&crate::picture::grammar::Operation] =
                &[#(&self::#modules::#tables),*];
            /// An operation of a pipeline.
            #[derive(Clone, Debug, PartialEq, Eq)]
            #[non_exhaustive]
            pub enum Step {
                #(#variants,)*
                /// An operation this version does not know, as it is written.
                Unknown(String),
            }
            impl Step {
                /// The operation as the engine has it; `None` for an unknown one.
                pub(crate) fn call(&self) -> Option<&crate::picture::call::Call> {
                    match self {
                        #(Self::#names(it) => Some(&it.0),)*
                        Self::Unknown(_) => None,
                    }
                }
                /// The text of an unknown operation; of any other one it is empty.
                pub(crate) fn unknown_text(&self) -> &str {
                    match self {
                        Self::Unknown(text) => text,
                        _ => "",
                    }
                }
                /// The operation that the engine has read.
                pub(crate) fn of(call: crate::picture::call::Call) -> Self {
                    match call.operation.name {
                        #(#texts => Self::#names(#names(call)),)*
                        _ => Self::Unknown(call.to_string()),
                    }
                }
            }
            #(impl From<#names> for Step {
                fn from(operation: #names) -> Self {
                    Self::#names(operation)
                }
            })*
        },
    )
}
