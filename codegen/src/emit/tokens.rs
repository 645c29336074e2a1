//! Small pieces that all emitters write: names, paths, numbers and documentation.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::wrap::wrap;
use crate::model::{Operation, Path};

pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub(super) fn path(path: &Path) -> TokenStream {
    let module = path.module.iter().map(|name| ident(name));
    let name = ident(&path.name);
    quote!(crate #(::#module)* :: #name)
}

/// The path of `name` in the module of an operation.
pub(super) fn in_operation(operation: &Operation, name: &str) -> TokenStream {
    path(&Path {
        module: vec!["operation".to_owned(), operation.module.clone()],
        name: name.to_owned(),
    })
}

/// A number, its digits in groups of three.
pub(super) fn number(value: i64) -> TokenStream {
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

/// The names by which the search of the documentation finds an item of `operation`, too.
pub(super) fn aliases(operation: &Operation) -> TokenStream {
    let names = &operation.aliases;
    quote!(#(#[doc(alias = #names)])*)
}

/// Documentation of an item, `indent` columns from the left.
pub(super) fn docs(text: &str, indent: usize) -> TokenStream {
    let lines = wrap(text, indent + "/// ".len()).into_iter().map(|line| {
        let line = if line.is_empty() {
            line
        } else {
            format!(" {line}")
        };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}
