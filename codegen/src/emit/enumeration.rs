//! An open enumeration.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{docs, ident};
use crate::model::Enumeration;

/// Everything of one enumeration.
pub(super) fn emit(enumeration: &Enumeration) -> TokenStream {
    let name = ident(&enumeration.name);
    let doc = docs(&enumeration.doc, 0);
    let texts: Vec<&str> = enumeration
        .words
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    let variants: Vec<_> = enumeration
        .words
        .iter()
        .map(|word| ident(&word.variant))
        .collect();
    let variant_docs = enumeration.words.iter().map(|word| docs(&word.doc, 4));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variant_docs #variants,)*
            /// A word this version does not know.
            Unknown(String),
        }
        tcloud_core::words!(#name: #(#variants = #texts),*);
    }
}
