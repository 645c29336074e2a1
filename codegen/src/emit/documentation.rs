//! `documentation.rs`: the words of the tables, for programs that show them.

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::tokens::{in_operation, path};
use crate::model::{Path, Service, Structure};

pub(super) fn emit(service: &Service) -> File {
    let mut entries = Vec::new();
    for operation in &service.operations {
        let messages = [&operation.request, &operation.response];
        for structure in messages.into_iter().chain(&operation.structures) {
            entries.push(entry(structure, &in_operation(operation, &structure.table)));
        }
    }
    for structure in service
        .families
        .values()
        .flat_map(|family| &family.structures)
    {
        let table = path(&Path {
            module: vec!["types".to_owned()],
            name: structure.table.clone(),
        });
        entries.push(entry(structure, &table));
    }
    File {
        path: "documentation.rs".to_owned(),
        sources: vec![service.source.clone()],
        doc: "What the tables say of each structure and of its rows.".to_owned(),
        module: vec!["documentation".to_owned()],
        items: quote! {
            /// The documentation of every structure.
            pub static DOCUMENTATION: &[::tcloud_core::documentation::StructureDocumentation] =
                &[#(#entries),*];
        },
    }
}

fn entry(structure: &Structure, table: &TokenStream) -> TokenStream {
    let doc = &structure.help;
    let fields = structure.fields.iter().map(|field| &field.help);
    quote! {
        ::tcloud_core::documentation::StructureDocumentation::new(
            &#table, #doc, &[#(#fields),*],
        )
    }
}
