//! `operation/<name>.rs`: an operation with its request, its response and what belongs to them.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::tokens::{docs, ident, in_operation, number, path};
use super::{builder, enumeration, job, structure};
use crate::model::{Body, Encoding, Events, Operation, Paging, Path, Service, Waiter};
use crate::spec::Parts;

pub(super) fn emit(service: &Service, operation: &Operation) -> File {
    let table = table(operation);
    let builder = builder::emit(operation);
    let paging = operation.paging.as_ref().map(paging);
    let waiter = operation.waiter.as_ref().map(waiter);
    let job = operation.job.as_ref().map(|it| job::emit(operation, it));
    let messages = [&operation.request, &operation.response];
    let structures = messages
        .into_iter()
        .chain(&operation.structures)
        .map(structure::emit);
    let enumerations = operation.enumerations.iter().map(enumeration::emit);
    let mut named: BTreeSet<&str> = operation
        .structures
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    let shared = operation.shared.iter().map(|(it, own)| {
        let rename = (it.name != *own && named.insert(own)).then(|| {
            let own = ident(own);
            quote!(as #own)
        });
        let it = path(it);
        quote!(pub use #it #rename;)
    });
    File {
        path: format!("operation/{}.rs", operation.module),
        sources: vec![operation.source.clone()],
        doc: format!("`{}` of {}.", operation.name, service.title),
        module: vec!["operation".to_owned(), operation.module.clone()],
        items: quote! {
            #(#shared)*
            #table
            #paging
            #waiter
            #builder
            #job
            #(#structures)*
            #(#enumerations)*
        },
    }
}

fn table(operation: &Operation) -> TokenStream {
    let doc = docs(&format!("`{}` as data.", operation.name), 0);
    let Operation {
        name,
        method,
        path: address,
        host,
        ..
    } = operation;
    let request = in_operation(operation, &operation.request.table);
    let response = in_operation(operation, &operation.response.table);
    let text = |method: &str, text: &str| {
        let method = ident(method);
        (!text.is_empty()).then(|| quote!(.#method(#text)))
    };
    let function = text("function", &operation.module);
    let aliases = (!operation.aliases.is_empty()).then(|| {
        let names = &operation.aliases;
        quote!(.aliases(&[#(#names),*]))
    });
    let subject = text("subject", &operation.subject);
    let summary = text("summary", &operation.summary);
    let document = text("document", &operation.document);
    let permission = text("permission", &operation.permission);
    let query = (!operation.query.is_empty()).then(|| {
        let pairs = operation
            .query
            .iter()
            .map(|(name, value)| quote!((#name, #value)));
        quote!(.query(&[#(#pairs),*]))
    });
    let idempotent = operation.idempotent.then(|| quote!(.idempotent(true)));
    let idempotent_unless = text("idempotent_unless", &operation.idempotent_unless);
    let quiet = operation.quiet.then(|| quote!(.quiet(true)));
    let deprecated = operation.deprecated.then(|| quote!(.deprecated(true)));
    let unsigned = operation.unsigned.then(|| quote!(.unsigned(true)));
    // Messages are read out of a raw answer, of which the runtime need not know.
    let events = operation
        .events
        .as_ref()
        .filter(|it| !it.messages)
        .map(events);
    let encoding = operation.encoding.as_ref().map(encoding);
    let paging = operation.paging.is_some().then(|| quote!(.paging(&PAGING)));
    let request_body = body("request_body", &operation.request_body);
    let response_body = body("response_body", &operation.response_body);
    let errors = (!operation.errors.is_empty()).then(|| {
        let codes = &operation.errors;
        quote!(.errors(&[#(#codes),*]))
    });
    let service = service();
    quote! {
        #doc
        pub static OPERATION: ::tcloud_core::operation::Operation =
            ::tcloud_core::operation::Operation::new(
                &#service, #name, #method, #address, #host, &#request, &#response,
            )
            #function #aliases #subject #summary #document #permission #query #idempotent #idempotent_unless #quiet #deprecated #unsigned #events #encoding #paging #request_body #response_body #errors;
    }
}

fn service() -> TokenStream {
    path(&Path {
        module: Vec::new(),
        name: "SERVICE".to_owned(),
    })
}

fn body(method: &str, body: &Body) -> Option<TokenStream> {
    let format = match body {
        Body::Empty => return None,
        Body::Xml(root) => quote!(Xml(#root)),
        Body::Json => quote!(Json),
        Body::Raw => quote!(Raw),
    };
    let method = ident(method);
    Some(quote!(.#method(::tcloud_core::operation::BodyFormat::#format)))
}

fn events(events: &Events) -> TokenStream {
    let key = |key: &str, name: &Option<String>| {
        let key = ident(key);
        name.as_ref().map(|name| quote!(.#key(#name)))
    };
    let asked_by = key("asked_by", &events.asked_by);
    let error = key("error", &events.error);
    quote!(.events(::tcloud_core::operation::Events::new() #asked_by #error))
}

fn encoding(encoding: &Encoding) -> TokenStream {
    let Encoding {
        asked_by,
        marked_by,
    } = encoding;
    quote!(.encoding(::tcloud_core::operation::Encoding::new(#asked_by, &[#(#marked_by),*])))
}

fn paging(paging: &Paging) -> TokenStream {
    let input = &paging.input;
    let by_items = paging.by_items;
    let items = &paging.items.wire;
    let also = paging
        .also
        .iter()
        .map(|(input, output)| quote!((#input, #output)));
    let [output, more, total] =
        [&paging.output, &paging.more, &paging.total].map(|node| option(node.as_deref()));
    quote! {
        static PAGING: ::tcloud_core::paging::Paging = ::tcloud_core::paging::Paging {
            input: #input,
            output: #output,
            also: &[#(#also),*],
            by_items: #by_items,
            more: #more,
            total: #total,
            items: #items,
        };
    }
}

fn waiter(waiter: &Waiter) -> TokenStream {
    let Waiter {
        state,
        success,
        failure,
        ok,
        ..
    } = waiter;
    let [code, message] = [&waiter.code, &waiter.message].map(|node| option(node.as_deref()));
    let parts = waiter.parts.as_ref().map_or_else(
        || quote!(None),
        |parts| {
            let Parts {
                state,
                failure,
                code,
                ok,
                message,
            } = parts;
            quote!(Some(::tcloud_core::waiter::Parts {
                state: #state,
                failure: &[#(#failure),*],
                code: &[#(#code),*],
                ok: &[#(#ok),*],
                message: #message,
            }))
        },
    );
    let [interval, timeout] = [waiter.interval, waiter.timeout].map(|it| number(it.into()));
    quote! {
        pub(crate) static WAITER: ::tcloud_core::waiter::Waiter = ::tcloud_core::waiter::Waiter {
            state: #state,
            success: &[#(#success),*],
            failure: &[#(#failure),*],
            code: #code,
            ok: &[#(#ok),*],
            message: #message,
            parts: #parts,
            interval: ::std::time::Duration::from_secs(#interval),
            timeout: ::std::time::Duration::from_secs(#timeout),
        };
    }
}

fn option(text: Option<&str>) -> TokenStream {
    text.map_or_else(|| quote!(None), |text| quote!(Some(#text)))
}
