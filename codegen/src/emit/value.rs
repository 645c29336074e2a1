//! What a field's kind means in Rust: its type, its argument, its view and its place.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::tokens::{ident, path};
use crate::model::{Field, Kind};

/// The type of one value, without list or option.
pub(super) fn item_type(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Text | Kind::Fixed(_) => quote!(String),
        Kind::Integer => quote!(i64),
        Kind::Float => quote!(f64),
        Kind::Boolean => quote!(bool),
        Kind::Timestamp => quote!(::tcloud_core::time::Timestamp),
        Kind::Enumeration(name) | Kind::Structure { path: name, .. } => path(name),
        Kind::MapOf { path: name, .. } => {
            let item = path(name);
            quote!(::std::collections::BTreeMap<String, #item>)
        }
        Kind::Map => quote!(::std::collections::BTreeMap<String, String>),
        Kind::Any => quote!(::tcloud_core::node::Value),
    }
}

/// The type of the field.
pub(super) fn field_type(field: &Field) -> TokenStream {
    let item = item_type(&field.kind);
    match field {
        Field { kind, .. } if kind.is_map() => item,
        Field { list: true, .. } => quote!(Vec<#item>),
        Field { boxed: true, .. } => quote!(Option<Box<#item>>),
        _ => quote!(Option<#item>),
    }
}

/// Whether an argument is given as anything that becomes the type.
const fn converts(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Text | Kind::Timestamp | Kind::Enumeration(_) | Kind::Any
    )
}

/// The type of an argument that sets the field.
pub(super) fn argument_type(field: &Field) -> TokenStream {
    let item = item_type(&field.kind);
    match (field.list, converts(&field.kind)) {
        _ if field.kind == Kind::Map => {
            quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>)
        }
        _ if let Kind::MapOf { path: name, .. } = &field.kind => {
            let item = path(name);
            quote!(impl IntoIterator<Item = (impl Into<String>, #item)>)
        }
        (true, true) => quote!(impl IntoIterator<Item = impl Into<#item>>),
        (true, false) => quote!(impl IntoIterator<Item = #item>),
        (false, true) => quote!(impl Into<#item>),
        (false, false) => item,
    }
}

/// The field's value, made from its argument.
pub(super) fn argument_value(field: &Field) -> TokenStream {
    made(field, &ident(&field.name))
}

/// The field's value, made from the argument `name`.
fn made(field: &Field, name: &Ident) -> TokenStream {
    match (field.list, converts(&field.kind)) {
        _ if field.kind == Kind::Map => {
            quote!(::tcloud_core::node::pairs(#name))
        }
        _ if matches!(field.kind, Kind::MapOf { .. }) => {
            quote!(::tcloud_core::node::entries(#name))
        }
        (true, true) => quote!(::tcloud_core::node::many(#name)),
        (true, false) => quote!(Vec::from_iter(#name)),
        (false, true) => quote!(::tcloud_core::node::one(#name)),
        (false, false) if field.boxed => quote!(Some(Box::new(#name))),
        (false, false) => quote!(Some(#name)),
    }
}

/// How a setter takes the field's value.
pub(super) struct Setting {
    /// The generic parameters of the method.
    pub(super) generics: Option<TokenStream>,
    /// The type of its argument.
    pub(super) kind: TokenStream,
    /// The field's value, made from the argument.
    pub(super) value: TokenStream,
}

impl Setting {
    /// The name of the argument. The method's says what it is.
    pub(super) const ARGUMENT: &str = "value";
}

/// How a setter takes the field's value: as it is, or an `Option` of it. A list takes what a
/// constructor takes, since a list that is not there is an empty one.
pub(super) fn setting(field: &Field) -> Setting {
    let item = item_type(&field.kind);
    if field.is_many() {
        return Setting {
            generics: None,
            kind: argument_type(field),
            value: made(field, &ident(Setting::ARGUMENT)),
        };
    }
    if converts(&field.kind) {
        return Setting {
            generics: Some(quote!(<By>)),
            kind: quote!(impl ::tcloud_core::argument::Given<#item, By>),
            value: quote!(value.given()),
        };
    }
    let boxed = field.boxed.then(|| quote!(.map(Box::new)));
    Setting {
        generics: None,
        kind: quote!(impl Into<Option<#item>>),
        value: quote!(value.into() #boxed),
    }
}

/// The arguments of a constructor that asks for `fields`.
pub(super) fn arguments<'f>(fields: impl Iterator<Item = &'f Field>) -> Vec<TokenStream> {
    fields
        .map(|field| {
            let name = ident(&field.name);
            let kind = argument_type(field);
            quote!(#name: #kind)
        })
        .collect()
}

/// What the field holds, as `node!` names it, with the field.
pub(super) fn held(field: &Field) -> TokenStream {
    let held = match (&field.kind, field.list) {
        (Kind::Fixed(_), _) => return quote!(fixed),
        (Kind::Map, _) => "map",
        (Kind::MapOf { .. }, _) => "node_map",
        (Kind::Text, false) => "text",
        (Kind::Text, true) => "texts",
        (Kind::Timestamp | Kind::Enumeration(_), false) => "word",
        (Kind::Timestamp | Kind::Enumeration(_), true) => "words",
        (Kind::Integer, false) => "integer",
        (Kind::Integer, true) => "integers",
        (Kind::Float, false) => "float",
        (Kind::Float, true) => "floats",
        (Kind::Boolean, false) => "boolean",
        (Kind::Boolean, true) => "booleans",
        (Kind::Any, false) => "any",
        (Kind::Any, true) => "anys",
        (Kind::Structure { .. }, false) => "node",
        (Kind::Structure { .. }, true) => "nodes",
    };
    let [held, name] = [held, &field.name].map(ident);
    quote!(#held(#name))
}
