//! `client.rs`: a method for each operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::tokens::{aliases, docs, ident, in_operation};
use super::value;
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
                // Modules of the crate that are written by hand make calls by it, too.
                pub(crate) core: ::tcloud_core::client::Client,
            }
            impl Client {
                /// A client that works as `config` says.
                pub fn new(config: &::tcloud_core::config::Config) -> Self {
                    #[cfg(feature = "credentials")]
                    tcloud_credentials::provide_default(config);
                    Self {
                        core: ::tcloud_core::client::Client::new(config),
                    }
                }
                #(#methods)*
                #(#waiters)*
            }
        },
    }
}

/// What a call takes.
struct Arguments {
    /// As the method declares them.
    declared: Vec<TokenStream>,
    /// The request's, by name.
    request: Vec<TokenStream>,
    /// The raw body, by name.
    body: Option<TokenStream>,
}

impl Arguments {
    fn of(operation: &Operation) -> Self {
        let fields = || operation.request.required_fields();
        let mut declared = value::arguments(fields());
        let names = fields().map(|field| {
            let name = ident(&field.name);
            quote!(#name)
        });
        let body = (operation.request_body == Body::Raw).then(|| quote!(body));
        declared.extend(
            body.iter()
                .map(|body| quote!(#body: impl Into<::tcloud_core::body::Body>)),
        );
        Self {
            declared,
            request: names.collect(),
            body,
        }
    }
}

fn method(operation: &Operation) -> TokenStream {
    let doc = docs(&operation.doc, 4);
    let aliases = aliases(operation);
    let name = ident(&operation.module);
    let builder = in_operation(operation, &operation.builder);
    let message = in_operation(operation, &operation.request.name);
    let Arguments {
        declared,
        request,
        body,
    } = Arguments::of(operation);
    let body = body.map(|body| quote!(, #body.into()));
    quote! {
        #doc
        #aliases
        #[inline]
        pub fn #name(&self, #(#declared),*) -> #builder {
            #builder::new(&self.core, #message::new(#(#request),*) #body)
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
    let Arguments {
        declared,
        request: names,
        body,
    } = Arguments::of(operation);
    let names = names.into_iter().chain(body);
    quote! {
        #doc
        #[inline]
        pub fn #name(&self, #(#declared),*) -> ::tcloud_core::call::Wait<#request> {
            self.#call(#(#names),*).wait()
        }
    }
}
