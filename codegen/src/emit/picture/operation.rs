//! One operation: its table, its type and the methods.

use std::fmt::Write as _;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::super::file::File;
use super::super::tokens::{docs, ident, number};
use super::file::{file, table};
use super::types::rust_type;
use crate::model::picture::{Kind, Operation, Parameter, Part, Slot, slots};

pub(super) fn emit(operation: &Operation) -> File {
    let name = ident(&operation.name);
    let doc = docs(&operation.doc, 0);
    let table = table_of(operation);
    let new = constructor(operation);
    let default = (arguments_of(operation).is_empty()).then(|| {
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    let head: Vec<_> = slots(&operation.head).collect();
    let heads = head.iter().enumerate().map(|(index, slot)| {
        let getter = format_ident!("get_{}", slot.argument);
        let kind = rust_type(&slot.kind);
        let doc = docs(&slot.doc, 4);
        let pattern = (0..head.len()).map(|it| if it == index { quote!(it) } else { quote!(_) });
        let types = head.iter().map(|it| rust_type(&it.kind));
        quote! {
            #doc
            pub fn #getter(&self) -> Option<#kind> {
                self.0.head::<(#(#types,)*)>().map(|(#(#pattern,)*)| it)
            }
        }
    });
    let methods = operation
        .parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| methods(index, parameter));
    file(
        &operation.module,
        vec![operation.source.clone()],
        quote! {
            #table
            #doc
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct #name(pub(crate) crate::picture::call::Call);
            impl #name {
                #new
                #(#heads)*
                #(#methods)*
                /// Segments that this version does not know.
                pub fn unknown(&self) -> impl Iterator<Item = &str> {
                    self.0.unknown()
                }
            }
            #default
        },
    )
}

/// The values that the operation means nothing without: those of its head, and of the parameters
/// that are required.
fn arguments_of(operation: &Operation) -> Vec<&Slot> {
    let required = operation.parameters.iter().filter(|it| it.required);
    let forms = required.filter_map(|it| it.forms.first());
    let parts = forms.flat_map(|form| slots(&form.parts));
    slots(&operation.head).chain(parts).collect()
}

fn constructor(operation: &Operation) -> TokenStream {
    let table = table(operation);
    let required = operation.parameters.iter().enumerate();
    let required = required
        .filter(|(_, it)| it.required)
        .filter_map(|(index, it)| {
            let slot = it
                .forms
                .first()
                .and_then(|form| slots(&form.parts).next())?;
            let value = conversion(slot, &it.method);
            Some((
                argument(slot, &it.method),
                quote!(.set_value(#index, #value)),
            ))
        });
    let (mut arguments, sets): (Vec<_>, Vec<_>) = required.unzip();
    let head: Vec<_> = slots(&operation.head).collect();
    let call = if head.is_empty() {
        quote!(crate::picture::call::Call::new(&#table))
    } else {
        let values = head.iter().map(|slot| conversion(slot, &slot.argument));
        let values: Vec<_> = values.collect();
        let own = head.iter().map(|slot| argument(slot, &slot.argument));
        arguments.splice(0..0, own);
        quote!(crate::picture::call::Call::of(&#table, &(#(#values,)*)))
    };
    let what = if arguments.is_empty() {
        "The operation, so far without parameters."
    } else {
        "The operation with what it needs."
    };
    let doc = docs(what, 4);
    quote! {
        #doc
        pub fn new(#(#arguments),*) -> Self {
            Self(#call #(#sets)*)
        }
    }
}

/// An argument of a method, called `name`.
fn argument(slot: &Slot, name: &str) -> TokenStream {
    let name = ident(name);
    let kind = rust_type(&slot.kind);
    match slot.kind {
        Kind::Text | Kind::Base64 => quote!(#name: impl Into<String>),
        _ => quote!(#name: #kind),
    }
}

/// The value of such an argument.
fn conversion(slot: &Slot, name: &str) -> TokenStream {
    let name = ident(name);
    match slot.kind {
        Kind::Text | Kind::Base64 => quote!(Into::<String>::into(#name)),
        _ => quote!(#name),
    }
}

/// The methods that set and get a parameter.
fn methods(index: usize, parameter: &Parameter) -> TokenStream {
    let setter = ident(&parameter.method);
    let getter = format_ident!("get_{}", parameter.method);
    let doc = docs(&described(parameter), 4);
    let told = docs(&format!("What [`Self::{}`] sets.", parameter.method), 4);
    let own: Vec<&Slot> = parameter
        .forms
        .first()
        .map(|form| slots(&form.parts).collect())
        .unwrap_or_default();
    let (arguments, set, kind, get) = if let Some(choice) = &parameter.choice {
        let choice = ident(choice);
        let kind = quote!(crate::picture::#choice);
        let get = quote!(self.0.get(#index));
        if parameter.forms.iter().any(|it| it.bare) {
            let set = quote!(set(#index, &Into::<#kind>::into(#setter)));
            (
                quote!(#setter: impl Into<#kind>),
                set,
                quote!(Option<#kind>),
                get,
            )
        } else {
            (
                quote!(#setter: #kind),
                quote!(set(#index, &#setter)),
                quote!(Option<#kind>),
                get,
            )
        }
    } else {
        match own.as_slice() {
            [] => (
                quote!(),
                quote!(set(#index, &())),
                quote!(bool),
                quote!(self.0.get::<()>(#index).is_some()),
            ),
            [slot] => {
                let kind = rust_type(&slot.kind);
                let value = conversion(slot, &slot.argument);
                let set = quote!(set_value(#index, #value));
                let argument = argument(slot, &slot.argument);
                (
                    argument,
                    set,
                    quote!(Option<#kind>),
                    quote!(self.0.value(#index)),
                )
            }
            several => {
                let arguments = several.iter().map(|it| argument(it, &it.argument));
                let values = several.iter().map(|it| conversion(it, &it.argument));
                let kinds = several.iter().map(|it| rust_type(&it.kind));
                (
                    quote!(#(#arguments),*),
                    quote!(set(#index, &(#(#values,)*))),
                    quote!(Option<(#(#kinds,)*)>),
                    quote!(self.0.get(#index)),
                )
            }
        }
    };
    quote! {
        #doc
        pub fn #setter(self, #arguments) -> Self {
            Self(self.0.#set)
        }
        #told
        pub fn #getter(&self) -> #kind {
            #get
        }
    }
}

/// What a parameter does, what its arguments are, and how it is written.
fn described(parameter: &Parameter) -> String {
    let mut text = parameter.doc.clone();
    let [form] = parameter.forms.as_slice() else {
        return text;
    };
    let documented = slots(&form.parts).filter(|it| !it.doc.is_empty());
    for (index, slot) in documented.enumerate() {
        text.push_str(if index == 0 { "\n\n" } else { "\n" });
        let _ = write!(text, "- `{}`: {}", slot.argument, slot.doc);
    }
    let _ = write!(text, "\n\n`{}`", form.text);
    let bounds = slots(&form.parts).filter_map(|slot| match slot.range {
        [Some(low), Some(high)] => Some(format!("{low} to {high}")),
        [Some(low), None] => Some(format!("at least {low}")),
        [None, Some(high)] => Some(format!("at most {high}")),
        [None, None] => None,
    });
    if let ([_], Some(bounds)) = (
        slots(&form.parts).collect::<Vec<_>>().as_slice(),
        bounds.last(),
    ) {
        let _ = write!(text, "; {bounds}");
    }
    text.push('.');
    text
}

/// The static table.
fn table_of(operation: &Operation) -> TokenStream {
    let name = &operation.name;
    let table = table(operation);
    let head = pieces(&operation.head);
    let parameters = operation.parameters.iter().map(|parameter| {
        let (name, required) = (&parameter.name, parameter.required);
        let forms = parameter.forms.iter().map(|form| {
            let (text, pieces) = (&form.text, pieces(&form.parts));
            quote!(crate::picture::grammar::Form::new(#text, &[#pieces]))
        });
        quote!(crate::picture::grammar::Parameter::new(#name, #required, &[#(#forms),*]))
    });
    quote! {
        /// The grammar of the operation.
        pub(super) static #table: crate::picture::grammar::Operation =
            crate::picture::grammar::Operation::new(#name, &[#head], &[#(#parameters),*]);
    }
}

fn pieces(parts: &[Part]) -> TokenStream {
    let pieces = parts.iter().map(|part| match part {
        Part::Literal(text) => quote!(crate::picture::grammar::Piece::Literal(#text)),
        Part::Slot(slot) => {
            let name = Literal::string(&slot.name);
            let kind = match &slot.kind {
                Kind::Integer(_) => quote!(Integer),
                Kind::Decimal => quote!(Decimal),
                Kind::Switch => quote!(Switch),
                Kind::Text => quote!(Text),
                Kind::Base64 => quote!(Base64),
                Kind::Word(name) => {
                    let name = ident(name);
                    quote!(Word(crate::picture::#name::WORDS))
                }
            };
            let bound = |it: Option<i32>| {
                it.map_or_else(
                    || quote!(None),
                    |it| {
                        let number = number(it.into());
                        quote!(Some(#number))
                    },
                )
            };
            let [low, high] = slot.range.map(bound);
            quote!(crate::picture::grammar::Piece::slot(
                #name, crate::picture::grammar::Kind::#kind, #low, #high
            ))
        }
    });
    quote!(#(#pieces),*)
}
