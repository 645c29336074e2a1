//! The `mod.rs` files.

use quote::quote;

use super::file::File;
use super::inputs;
use super::tokens::{docs, ident};
use crate::model::Service;

pub(super) fn emit(service: &Service) -> Vec<File> {
    let mut files = vec![root(service), operations(service)];
    if !service.families.is_empty() {
        files.push(types(service));
    }
    files
}

fn root(service: &Service) -> File {
    let types = (!service.families.is_empty()).then(|| {
        quote!(
            pub mod types;
        )
    });
    let pictures = (!service.pictures.operations.is_empty()).then(|| {
        quote!(
            pub(crate) mod picture;
        )
    });
    let inputs: Vec<_> = inputs::shared(service).into_iter().map(ident).collect();
    // Most readers look for operations, and each type is documented where it is.
    let inputs = (!inputs.is_empty()).then(|| {
        quote! {
            #[doc(hidden)]
            pub use self::types::{#(#inputs),*};
        }
    });
    file(
        service,
        "mod.rs",
        "",
        quote! {
            mod client;
            #[cfg(feature = "documentation")]
            pub mod documentation;
            pub mod operation;
            #pictures
            mod service;
            #types
            pub use self::client::Client;
            pub use self::service::{CATALOG, SERVICE};
            #inputs
        },
    )
}

fn operations(service: &Service) -> File {
    let modules = service.operations.iter().map(|operation| {
        let doc = docs(&operation.summary, 0);
        let name = ident(&operation.module);
        quote!(#doc pub mod #name;)
    });
    file(
        service,
        "operation/mod.rs",
        "The operations, a module each.",
        quote!(#(#modules)*),
    )
}

fn types(service: &Service) -> File {
    let names: Vec<_> = service.families.keys().map(|name| ident(name)).collect();
    let doc = "Structures and enumerations that operations share.";
    file(
        service,
        "types/mod.rs",
        doc,
        quote!(#(mod #names;)* #(pub use self::#names::*;)*),
    )
}

fn file(service: &Service, path: &str, doc: &str, items: proc_macro2::TokenStream) -> File {
    File {
        path: path.to_owned(),
        sources: vec![service.source.clone()],
        doc: doc.to_owned(),
        module: Vec::new(),
        items,
    }
}
