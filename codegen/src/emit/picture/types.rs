//! Types of values that several operations take: lists of words, and choices among forms.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::enumeration;
use super::super::file::File;
use super::super::tokens::{docs, ident};
use super::file::file;
use crate::model::picture::{Choice, Form, Grammar, Kind, Slot, slots};

pub(super) fn words(grammar: &Grammar) -> File {
    let items = grammar.words.iter().map(|words| {
        let name = ident(&words.name);
        let whole = enumeration::emit(words);
        quote! {
            #whole
            impl crate::picture::shape::Scalar for #name {
                fn text(&self) -> String {
                    self.as_str().to_owned()
                }
                fn of(text: &str) -> Option<Self> {
                    Some(Self::from(text))
                }
            }
        }
    });
    file(
        "words",
        vec![grammar.words_source.clone()],
        quote!(#(#items)*),
    )
}

pub(super) fn choices(grammar: &Grammar) -> File {
    let items = grammar.choices.iter().map(choice);
    let mut sources: Vec<String> = grammar
        .choices
        .iter()
        .flat_map(|it| it.sources.iter().cloned())
        .collect();
    sources.sort();
    sources.dedup();
    file("choices", sources, quote!(#(#items)*))
}

/// The Rust type of what a slot holds.
pub(super) fn rust_type(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Integer(false) => quote!(u32),
        Kind::Integer(true) => quote!(i32),
        Kind::Decimal => quote!(f64),
        Kind::Switch => quote!(bool),
        Kind::Text | Kind::Base64 => quote!(String),
        Kind::Word(name) => {
            let name = ident(name);
            quote!(crate::picture::#name)
        }
    }
}

fn choice(choice: &Choice) -> TokenStream {
    let name = ident(&choice.name);
    let doc = docs(&choice.doc, 0);
    let kinds: Vec<_> = choice
        .forms
        .iter()
        .flat_map(|form| slots(&form.parts))
        .map(|slot| &slot.kind)
        .collect();
    let eq = (!kinds.iter().any(|it| **it == Kind::Decimal)).then(|| quote!(, Eq));
    let plain = |kind: &&Kind| matches!(kind, Kind::Integer(_) | Kind::Decimal | Kind::Switch);
    let copy = kinds.iter().all(plain).then(|| quote!(, Copy));
    let variants = choice.forms.iter().map(variant);
    let writes = choice.forms.iter().enumerate().map(|(index, form)| {
        let (pattern, arguments) = pattern(form);
        quote!(Self::#pattern => crate::picture::shape::Values::new(#index)#(.with(#arguments))*)
    });
    let reads = choice.forms.iter().enumerate().map(|(index, form)| {
        let value = read(form);
        quote!(#index => Self::#value)
    });
    let bare = choice.forms.iter().filter(|it| it.bare).map(|form| {
        let variant = ident(&form.variant);
        let kind = slots(&form.parts).next().map(|slot| rust_type(&slot.kind));
        quote! {
            impl From<#kind> for #name {
                fn from(value: #kind) -> Self {
                    Self::#variant(value)
                }
            }
        }
    });
    quote! {
        #doc
        #[derive(Clone #copy, Debug, PartialEq #eq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
        }
        impl crate::picture::shape::Shape for #name {
            fn write(&self) -> crate::picture::shape::Values {
                match self {
                    #(#writes,)*
                }
            }
            fn read(values: &crate::picture::shape::Values) -> Option<Self> {
                Some(match values.form {
                    #(#reads,)*
                    _ => return None,
                })
            }
        }
        #(#bare)*
    }
}

fn names(form: &Form) -> Vec<proc_macro2::Ident> {
    slots(&form.parts).map(|it| ident(&it.argument)).collect()
}

/// A variant: with one unnamed value, or with several named ones.
fn variant(form: &Form) -> TokenStream {
    let name = ident(&form.variant);
    let value = form.text.splitn(3, '/').nth(2).unwrap_or_default();
    let doc = docs(&format!("`{value}`: {}", form.doc), 4);
    let own: Vec<&Slot> = slots(&form.parts).collect();
    match own.as_slice() {
        [] => quote!(#doc #name),
        [slot] => {
            let kind = rust_type(&slot.kind);
            quote!(#doc #name(#kind))
        }
        several => {
            let fields = several.iter().map(|slot| {
                let doc = docs(&slot.doc, 8);
                let name = ident(&slot.argument);
                let kind = rust_type(&slot.kind);
                quote!(#doc #name: #kind)
            });
            quote!(#doc #name { #(#fields,)* })
        }
    }
}

/// The pattern that takes a variant apart, and the names it binds.
fn pattern(form: &Form) -> (TokenStream, Vec<proc_macro2::Ident>) {
    let variant = ident(&form.variant);
    let names = names(form);
    let pattern = match names.as_slice() {
        [] => quote!(#variant),
        [one] => quote!(#variant(#one)),
        several => quote!(#variant { #(#several),* }),
    };
    (pattern, names)
}

/// The variant made of what was read.
fn read(form: &Form) -> TokenStream {
    let variant = ident(&form.variant);
    let names = names(form);
    match names.as_slice() {
        [] => quote!(#variant),
        [_] => quote!(#variant(values.get(0)?)),
        several => {
            let indices = 0..several.len();
            quote!(#variant { #(#several: values.get(#indices)?),* })
        }
    }
}
