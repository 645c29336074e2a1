//! The job that an operation starts: its id, and the wait for it.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{docs, ident, path};
use crate::model::{DescribedBy, Field, Job, Operation, Path};

/// What the messages of `operation` say about the job.
pub(super) fn emit(operation: &Operation, job: &Job) -> TokenStream {
    let response = ident(&operation.response.name);
    let id = id(&job.id);
    let submit = job.described_by.as_ref().map(|described| {
        let request = ident(&operation.request.name);
        let describing = of(described, &described.request);
        let waiter = of(described, "WAITER");
        let id = ident(&described.id);
        let copied = described.copied.iter().map(|(to, from)| {
            let (to, from) = (ident(to), ident(from));
            quote!(describe.#to.clone_from(&self.#from);)
        });
        quote! {
            impl ::tcloud_core::call::Submit for #request {
                type Describe = #describing;
                #[inline]
                fn describe(&self, describe: &mut Self::Describe, id: String) {
                    #(#copied)*
                    describe.#id = Some(id);
                }
                #[inline]
                fn waiter() -> &'static ::tcloud_core::waiter::Waiter {
                    &#waiter
                }
            }
        }
    });
    quote! {
        impl ::tcloud_core::call::Submitted for #response {
            #[inline]
            fn job_id(&self) -> Option<&str> {
                #id
            }
        }
        #submit
    }
}

/// The builder's method that waits for the job.
pub(super) fn method(operation: &Operation, described: &DescribedBy) -> TokenStream {
    let DescribedBy {
        operation: describing,
        interval,
        timeout,
        ..
    } = described;
    let doc = docs(
        &format!(
            "Sends the request and waits for the job by `{describing}`: asks every {interval} s, \
             for {timeout} s at most."
        ),
        4,
    );
    let request = ident(&operation.request.name);
    quote! {
        #doc
        #[inline]
        pub fn submit_and_wait(self) -> ::tcloud_core::call::SubmitAndWait<#request> {
            self.call.submit_and_wait()
        }
    }
}

/// The text at the end of `fields`.
fn id(fields: &[Field]) -> TokenStream {
    let Some((last, around)) = fields.split_last() else {
        return quote!(None);
    };
    let last = ident(&last.name);
    let around = around.iter().map(|field| {
        let name = ident(&field.name);
        if field.list {
            quote!(#name.first()?)
        } else {
            quote!(#name.as_ref()?)
        }
    });
    quote!(self #(.#around)* .#last.as_deref())
}

/// The path of `name` in the module of the describing operation.
fn of(described: &DescribedBy, name: &str) -> TokenStream {
    path(&Path {
        module: vec!["operation".to_owned(), described.module.clone()],
        name: name.to_owned(),
    })
}
