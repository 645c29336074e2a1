//! The fluent builder of a call.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::tokens::{aliases, docs, ident};
use super::{job, structure, value};
use crate::model::{Body, Events, Lifted, Operation, Paging};

/// The builder of `operation`.
pub(super) fn emit(operation: &Operation) -> TokenStream {
    let name = ident(&operation.builder);
    let request = ident(&operation.request.name);
    let response = ident(&operation.response.name);
    let doc = docs(&operation.doc, 0);
    let body = (operation.request_body == Body::Raw).then(|| quote!(, body));
    let setters = operation.request.own_fields().map(|field| {
        let place = ident(&field.name);
        let put = |value| {
            if field.is_many() {
                let position = structure::position(field);
                quote! {
                    let list = #value;
                    let request = self.call.request_mut();
                    request.unknown.mark_empty(#position, list.is_empty());
                    request.#place = list;
                }
            } else {
                quote!(self.call.request_mut().#place = #value;)
            }
        };
        structure::setter(field, &docs(&field.doc, 4), put)
    });
    let lifted = operation.lifted.iter().map(lifted);
    let progress = [&operation.request_body, &operation.response_body]
        .contains(&&Body::Raw)
        .then(progress);
    let pages = operation
        .paging
        .as_ref()
        .map(|paging| pages(paging, &operation.request.name));
    let listen = operation.events.as_ref().map(|it| listen(it, &response));
    let wait = operation.waiter.as_ref().map(|_| {
        quote! {
            /// Asks again and again until what the operation describes has ended.
            #[inline]
            pub fn wait(self) -> ::tcloud_core::call::Wait<#request> {
                self.call.wait(&WAITER)
            }
        }
    });
    let submit = operation
        .job
        .as_ref()
        .and_then(|it| it.described_by.as_ref())
        .map(|described| job::method(operation, described));
    let methods = quote!(#(#setters)* #(#lifted)* #progress #listen #pages #wait #submit);
    let methods = (!methods.is_empty()).then(|| quote!(impl #name { #methods }));
    let aliases = aliases(operation);
    quote! {
        #doc
        #aliases
        #[derive(Debug)]
        #[must_use = "nothing is sent before `send` is awaited"]
        pub struct #name {
            call: ::tcloud_core::call::Call<#request>,
        }
        #methods
        tcloud_core::builder!(#name(#request #body) -> #response by OPERATION);
    }
}

fn progress() -> TokenStream {
    quote! {
        /// Calls `observer` while the content moves, with the bytes that have moved so far and,
        /// where it is known, their number in all. Each attempt starts at 0.
        #[inline]
        pub fn on_progress(
            mut self,
            observer: impl Fn(u64, Option<u64>) + Send + Sync + 'static
        ) -> Self {
            self.call = self.call.on_progress(observer);
            self
        }
    }
}

fn listen(events: &Events, response: &Ident) -> TokenStream {
    if events.messages {
        return quote! {
            /// Sends the request and reads the response as a stream of messages, whose checksums are
            /// compared.
            #[inline]
            pub fn listen(self) -> ::tcloud_core::call::ListeningForMessages {
                self.call.listen_for_messages()
            }
        };
    }
    quote! {
        /// Sends the request and reads the response as a stream of events.
        #[inline]
        pub fn listen(self) -> ::tcloud_core::call::Listening<#response> {
            self.call.listen()
        }
    }
}

fn lifted(lifted: &Lifted) -> TokenStream {
    let field = &lifted.field;
    let name = ident(&field.name);
    let containers = lifted.containers.iter().map(|name| ident(name));
    let doc = docs(&field.doc, 4);
    let found = quote!(self.call.request_mut() #(.#containers.get_or_insert_default())*);
    let put = |value| {
        if !field.is_many() {
            return quote! {
                let node = #found;
                node.#name = #value;
            };
        }
        let position = structure::position(field);
        // The container may be in another module, where its fields are out of reach.
        quote! {
            let list = #value;
            let node = #found;
            ::tcloud_core::node::Node::unknown_mut(node).mark_empty(#position, list.is_empty());
            node.#name = list;
        }
    };
    structure::setter(field, &doc, put)
}

fn pages(paging: &Paging, request: &str) -> TokenStream {
    let request = ident(request);
    let item = value::item_type(&paging.items.kind);
    let items = ident(&paging.items.name);
    let mut containers = paging.containers.iter().map(|name| ident(name));
    let take = match containers.next() {
        None => quote!(::std::mem::take(&mut page.#items)),
        Some(first) => quote! {
            page.#first.as_mut()
                #(.and_then(|node| node.#containers.as_mut()))*
                .map(|node| ::std::mem::take(&mut node.#items))
                .unwrap_or_default()
        },
    };
    quote! {
        /// All pages, one call after the other.
        #[inline]
        pub fn pages(self) -> ::tcloud_core::call::Pages<#request> {
            self.call.pages(&PAGING)
        }
        /// The items of all pages.
        #[inline]
        pub fn items(self) -> ::tcloud_core::call::Items<#request, #item> {
            self.pages().items(|page| #take)
        }
    }
}
