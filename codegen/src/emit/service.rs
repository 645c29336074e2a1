//! `service.rs`: the service and its operations as data.

use quote::quote;

use super::file::File;
use super::tokens::{docs, ident, in_operation};
use crate::model::Service;

pub(super) fn emit(service: &Service) -> File {
    let doc = docs(&format!("{} as data.", service.title), 0);
    let all = docs(&format!("All operations of {}.", service.title), 0);
    let Service {
        name,
        title,
        version,
        ..
    } = service;
    let protocol = ident(service.protocol);
    let operations = service
        .operations
        .iter()
        .map(|it| in_operation(it, "OPERATION"));
    File {
        path: "service.rs".to_owned(),
        sources: vec![service.source.clone()],
        doc: String::new(),
        module: Vec::new(),
        items: quote! {
            #doc
            pub static SERVICE: ::tcloud_core::operation::Service =
                ::tcloud_core::operation::Service::new(
                    #name,
                    #title,
                    #version,
                    ::tcloud_core::operation::Protocol::#protocol,
                );

            #all
            pub static CATALOG: ::tcloud_core::operation::Catalog =
                ::tcloud_core::operation::Catalog::new(&crate::SERVICE, &[#(&#operations),*]);
        },
    }
}
