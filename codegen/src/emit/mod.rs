//! From model to Rust: one emitter a file, none of which decides anything.
//!
//! Emitters write full paths (`::tcloud_core::schema::Field`). `imports` shortens them and adds the
//! `use` lines, and `layout` turns tokens into text.

mod builder;
mod client;
mod documentation;
mod enumeration;
mod imports;
mod layout;
mod modules;
mod operation;
mod picture;
mod service;
mod structure;
mod types;
mod value;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::model::{Path, Service};
use crate::{Error, GeneratedFile};

/// All files of a service's crate.
///
/// # Errors
///
/// A file that is no Rust: a name that the language does not accept.
pub fn emit(service: &Service) -> Result<Vec<GeneratedFile>, Error> {
    let mut files = modules::emit(service);
    files.push(client::emit(service));
    files.push(documentation::emit(service));
    files.push(service::emit(service));
    files.extend(picture::emit(&service.pictures));
    files.extend(
        service
            .operations
            .iter()
            .map(|it| operation::emit(service, it)),
    );
    files.extend(
        service
            .families
            .iter()
            .map(|(name, family)| types::emit(name, family)),
    );
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.into_iter().map(layout::render).collect()
}

/// A file before it is text.
struct File {
    /// Path below `src/generated`.
    path: String,
    /// The spec files it is made from.
    sources: Vec<String>,
    /// Documentation of the module.
    doc: String,
    /// The module of the crate through which its items are seen.
    module: Vec<String>,
    /// The items.
    items: TokenStream,
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn path(path: &Path) -> TokenStream {
    let module = path.module.iter().map(|name| ident(name));
    let name = ident(&path.name);
    quote!(crate #(::#module)* :: #name)
}

/// The path of `name` in the module of an operation.
fn in_operation(operation: &crate::model::Operation, name: &str) -> TokenStream {
    path(&Path {
        module: vec!["operation".to_owned(), operation.module.clone()],
        name: name.to_owned(),
    })
}

/// A number, its digits in groups of three.
fn number(value: i64) -> TokenStream {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    let sign = (value < 0).then(|| quote!(-));
    let literal: Option<proc_macro2::Literal> = text.parse().ok();
    quote!(#sign #literal)
}

/// Documentation of an item, `indent` columns from the left.
fn docs(text: &str, indent: usize) -> TokenStream {
    let lines = layout::wrap(text, indent + "/// ".len())
        .into_iter()
        .map(|line| {
            let line = if line.is_empty() {
                line
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        });
    quote!(#(#lines)*)
}
