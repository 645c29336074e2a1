//! A structure: its type, its table and its view for the codec.
//!
//! Every method is generic or `#[inline]`: the crate itself compiles none of them, and a program
//! compiles those of the operations that it calls.

use proc_macro2::TokenStream;
use quote::quote;
use tcloud_core::schema::Place;

use super::tokens::{docs, ident, number, path};
use super::value::{self, Setting};
use crate::model::{Field, Kind, Limits, Structure};

/// Everything of one structure.
pub(super) fn emit(structure: &Structure) -> TokenStream {
    let definition = definition(structure);
    let methods = methods(structure);
    let table = table(structure);
    let node = node(structure);
    quote! {
        #definition
        #methods
        #table
        #node
    }
}

fn definition(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let doc = docs(&structure.doc, 0);
    let fields = structure.own_fields().map(|field| {
        let doc = docs(&field.doc, 4);
        let name = ident(&field.name);
        let kind = value::field_type(field);
        quote!(#doc pub #name: #kind)
    });
    quote! {
        #doc
        #[non_exhaustive]
        pub struct #name {
            #(#fields,)*
            unknown: ::tcloud_core::node::Unknown,
        }
    }
}

fn methods(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let new = new(structure);
    let setters = structure
        .own_fields()
        .filter(|_| structure.setters)
        .map(|field| {
            let doc = docs(&format!("Sets [`{0}`](field@Self::{0}).", field.name), 4);
            let place = ident(&field.name);
            let mark = mark(field, &quote!(self));
            setter(field, &doc, |value| quote!(self.#place = #value; #mark))
        });
    quote! {
        impl #name {
            #new
            #(#setters)*
        }
    }
}

/// A method that does `put` with the value made from its argument and gives the receiver back.
pub(super) fn setter(
    field: &Field,
    doc: &TokenStream,
    put: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let name = ident(&field.setter);
    let argument = ident(Setting::ARGUMENT);
    let Setting {
        generics,
        kind,
        value,
    } = value::setting(field);
    let put = put(value);
    // Generic, by `impl` at least, so that `#[inline]` would say nothing new.
    quote! {
        #doc
        pub fn #name #generics (mut self, #argument: #kind) -> Self {
            #put
            self
        }
    }
}

/// Notes in the structure `node` whether the list that was just put there is empty.
fn mark(field: &Field, node: &TokenStream) -> Option<TokenStream> {
    let (name, position) = (ident(&field.name), position(field));
    field
        .is_many()
        .then(|| quote!(#node.unknown.mark_empty(#position, #node.#name.is_empty());))
}

/// The field's place in its table, as the mark of an empty list names it.
pub(super) fn position(field: &Field) -> proc_macro2::Literal {
    proc_macro2::Literal::usize_unsuffixed(field.position)
}

fn new(structure: &Structure) -> TokenStream {
    let arguments = value::arguments(structure.required_fields());
    if arguments.is_empty() {
        return quote! {
            /// Starts without any field set.
            #[inline]
            pub fn new() -> Self {
                Self::default()
            }
        };
    }
    let values = structure.required_fields().map(|field| {
        let name = ident(&field.name);
        let value = value::argument_value(field);
        quote!(#name: #value)
    });
    let made = quote!(Self { #(#values,)* ..Self::default() });
    let marks: Vec<TokenStream> = structure
        .required_fields()
        .filter_map(|field| mark(field, &quote!(new)))
        .collect();
    let made = if marks.is_empty() {
        made
    } else {
        quote!(let mut new = #made; #(#marks)* new)
    };
    quote! {
        /// Starts with what is required.
        #[inline]
        pub fn new(#(#arguments),*) -> Self { #made }
    }
}

fn table(structure: &Structure) -> TokenStream {
    let name = &structure.name;
    let table = ident(&structure.table);
    let rows = structure.fields.iter().map(row);
    quote! {
        pub(crate) static #table: ::tcloud_core::schema::Structure =
            ::tcloud_core::schema::Structure::new(#name, &[#(#rows),*]);
    }
}

fn row(field: &Field) -> TokenStream {
    let wire = &field.wire;
    let kind = kind(&field.kind);
    let place = (field.place != Place::Body).then(|| {
        let place = ident(&format!("{:?}", field.place));
        quote!(.at(::tcloud_core::schema::Place::#place))
    });
    let flags = flags(field);
    let limits = limits(&field.limits);
    quote!(::tcloud_core::schema::Field::new(#wire, #kind) #place #flags #limits)
}

fn kind(kind: &Kind) -> TokenStream {
    let of = quote!(::tcloud_core::schema::Kind);
    match kind {
        Kind::Text => quote!(#of::Text),
        Kind::Integer => quote!(#of::Integer),
        Kind::Float => quote!(#of::Float),
        Kind::Boolean => quote!(#of::Boolean),
        Kind::Timestamp => quote!(#of::Timestamp),
        Kind::Enumeration(name) => {
            let name = path(name);
            quote!(#of::Enumeration(#name::WORDS))
        }
        Kind::Fixed(text) => quote!(#of::Fixed(#text)),
        Kind::Structure { table, .. } => {
            let table = path(table);
            quote!(#of::Structure(&#table))
        }
        Kind::MapOf { table, .. } => {
            let table = path(table);
            quote!(#of::MapOf(&#table))
        }
        Kind::Map => quote!(#of::Map),
        Kind::Any => quote!(#of::Any),
    }
}

fn flags(field: &Field) -> Option<TokenStream> {
    [
        (field.required, "REQUIRED"),
        (field.list, "LIST"),
        (field.sensitive, "SENSITIVE"),
        (field.attribute, "ATTRIBUTE"),
        (field.content, "CONTENT"),
        (field.quoted, "QUOTED"),
        (field.deprecated, "DEPRECATED"),
        (field.nullable, "NULLABLE"),
        (field.md5, "MD5"),
        (field.omittable, "OMITTABLE"),
        (field.token, "IDEMPOTENCY_TOKEN"),
        (field.url_encoded, "URL_ENCODED"),
        (field.any_case, "ANY_CASE"),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, name)| {
        let name = ident(name);
        quote!(::tcloud_core::schema::Flags::#name)
    })
    .reduce(|all, flag| quote!(#all.or(#flag)))
    .map(|flags| quote!(.with(#flags)))
}

fn limits(limits: &Limits) -> Option<TokenStream> {
    let range = match (limits.minimum, limits.maximum) {
        (Some(minimum), Some(maximum)) => {
            let [minimum, maximum] = [minimum, maximum].map(number);
            Some(quote!(.range(#minimum, #maximum)))
        }
        (Some(minimum), None) => {
            let minimum = number(minimum);
            Some(quote!(.at_least(#minimum)))
        }
        (None, Some(maximum)) => {
            let maximum = number(maximum);
            Some(quote!(.at_most(#maximum)))
        }
        (None, None) => None,
    };
    let length = limits.max_length.map(|length| {
        let length = number(length.into());
        quote!(.max_length(#length))
    });
    let unset = limits.unset.as_ref().map(|text| quote!(.unset(#text)));
    let default = limits
        .default
        .as_ref()
        .map(|text| quote!(.default_value(#text)));
    let any = range.is_some() || length.is_some() || unset.is_some() || default.is_some();
    any.then(
        || quote!(.limited(&::tcloud_core::schema::Limits::new() #range #length #unset #default)),
    )
}

/// The rest, which is equal for all structures: the runtime has it.
fn node(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let table = ident(&structure.table);
    let rows = structure.fields.iter().map(value::held);
    quote!(tcloud_core::node!(#name, #table: #(#rows),*);)
}
