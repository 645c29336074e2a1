//! `server.rs`: the trait a server implements, and the way from an operation to its method.

use proc_macro2::TokenStream;
use quote::quote;

use super::{File, docs, ident, in_operation};
use crate::model::{Body, Operation, Service};

pub(super) fn emit(service: &Service) -> File {
    let name = ident(&service.server);
    let doc = docs(
        &format!(
            "A server of {}.\n\nAn operation that is not implemented answers so.",
            service.title
        ),
        0,
    );
    let methods = service.operations.iter().map(method);
    let arms = service.operations.iter().map(arm);
    File {
        path: "server.rs".to_owned(),
        sources: vec![service.source.clone()],
        doc: "The server side of the operations.".to_owned(),
        module: vec!["server".to_owned()],
        items: quote! {
            #doc
            pub trait #name: Send + Sync {
                #(#methods)*
            }
            /// Decodes a request for `operation`, has `service` answer it and encodes the answer.
            pub async fn dispatch(
                service: &dyn #name,
                operation: &'static ::tcloud_core::operation::Operation,
                context: &::tcloud_core::server::Context,
                incoming: ::tcloud_core::server::Incoming,
            ) -> Result<::tcloud_core::server::Outgoing, ::tcloud_core::server::Fault> {
                match operation.name {
                    #(#arms)*
                    _ => ::tcloud_core::server::not_implemented(operation).await,
                }
            }
        },
    }
}

fn method(operation: &Operation) -> TokenStream {
    let doc = docs(&operation.summary, 4);
    let name = ident(&operation.module);
    let table = in_operation(operation, "OPERATION");
    let request = in_operation(operation, &operation.request.name);
    let response = in_operation(operation, &operation.response.name);
    let body =
        (operation.request_body == Body::Raw).then(|| quote!(body: ::tcloud_core::body::Body));
    let drop_body = body.as_ref().map(|_| quote!(, body));
    quote! {
        #doc
        fn #name<'a>(
            &'a self,
            context: &'a ::tcloud_core::server::Context,
            request: #request,
            #body
        ) -> ::tcloud_core::server::BoxFuture<
            'a,
            Result<::tcloud_core::server::Answer<#response>, ::tcloud_core::server::Fault>,
        > {
            let _ = (context, request #drop_body);
            ::tcloud_core::server::not_implemented(&#table)
        }
    }
}

fn arm(operation: &Operation) -> TokenStream {
    let wire = &operation.name;
    let name = ident(&operation.module);
    let request = in_operation(operation, &operation.request.name);
    let (pattern, body) = if operation.request_body == Body::Raw {
        (quote!((request, body)), Some(quote!(body)))
    } else {
        (quote!((request, _)), None)
    };
    quote! {
        #wire => {
            let #pattern = incoming.decode::<#request>()?;
            let answer = service.#name(context, request, #body).await?;
            ::tcloud_core::server::Outgoing::encode(operation, answer)
        }
    }
}
