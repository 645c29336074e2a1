//! `client.rs`: a method an operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::{File, docs, ident, in_operation, value};
use crate::model::{Body, Operation, Service, Waiter};

pub(super) fn emit(service: &Service) -> File {
    let doc = docs(
        &format!(
            "Client of {}.\n\nCloning is cheap, and all clones share their connections.",
            service.title
        ),
        0,
    );
    let methods = service.operations.iter().map(method);
    let waiters = service
        .operations
        .iter()
        .filter_map(|operation| Some(waiter(operation, operation.waiter.as_ref()?)));
    File {
        path: "client.rs".to_owned(),
        sources: vec![service.source.clone()],
        doc: String::new(),
        module: Vec::new(),
        items: quote! {
            #doc
            #[derive(Clone, Debug)]
            pub struct Client {
                core: ::tcloud_core::client::Client,
            }
            impl Client {
                /// A client that works as `config` says.
                pub fn new(config: &::tcloud_core::config::Config) -> Self {
                    Self {
                        core: ::tcloud_core::client::Client::new(&crate::SERVICE, config),
                    }
                }
                #(#methods)*
                #(#waiters)*
            }
        },
    }
}

/// Arguments as declared and as passed on, the body apart.
fn arguments(operation: &Operation) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let fields = || operation.request.required_fields();
    let names = fields().map(|field| {
        let name = ident(&field.name);
        quote!(#name)
    });
    (value::arguments(fields()), names.collect())
}

fn method(operation: &Operation) -> TokenStream {
    let doc = docs(&operation.doc, 4);
    let name = ident(&operation.module);
    let builder = in_operation(operation, &operation.builder);
    let request = in_operation(operation, &operation.request.name);
    let (mut arguments, names) = arguments(operation);
    let mut body = None;
    if operation.request_body == Body::Raw {
        arguments.push(quote!(body: impl Into<::tcloud_core::body::Body>));
        body = Some(quote!(body.into()));
    }
    quote! {
        #doc
        pub fn #name(&self, #(#arguments),*) -> #builder {
            #builder::new(&self.core, #request::new(#(#names),*), #body)
        }
    }
}

fn waiter(operation: &Operation, waiter: &Waiter) -> TokenStream {
    let doc = docs(
        &format!(
            "Waits for what `{}` describes: asks every {} s, for {} s at most.",
            operation.name, waiter.interval, waiter.timeout
        ),
        4,
    );
    let name = ident(&waiter.method);
    let call = ident(&operation.module);
    let request = in_operation(operation, &operation.request.name);
    let (arguments, names) = arguments(operation);
    quote! {
        #doc
        pub fn #name(&self, #(#arguments),*) -> ::tcloud_core::call::Wait<#request> {
            self.#call(#(#names),*).wait()
        }
    }
}
