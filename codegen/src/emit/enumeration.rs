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
        impl #name {
            /// The words this version knows.
            pub const WORDS: &'static [&'static str] = &[#(#texts),*];
            /// The word as it travels.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #texts,)*
                    Self::Unknown(text) => text,
                }
            }
        }
        impl ::tcloud_core::node::Word for #name {
            fn as_str(&self) -> &str {
                self.as_str()
            }
            fn from_text(text: String) -> Self {
                match text.as_str() {
                    #(#texts => Self::#variants,)*
                    _ => Self::Unknown(text),
                }
            }
            fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }
        impl From<String> for #name {
            fn from(text: String) -> Self {
                ::tcloud_core::node::Word::from_text(text)
            }
        }
        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }
        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    }
}
