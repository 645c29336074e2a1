//! The lint: what a spec that can be read may still have wrong, one family of rules a file.

mod alias;
mod any_case;
mod computed;
mod document;
mod encoding;
mod events;
mod follow;
mod http;
mod jobs;
mod names;
mod open;
mod picture;
mod prose;
mod quiet;
mod route;
mod sample;
mod service;
mod structures;
mod token;
mod tree;
mod values;
mod walk;

use self::service::{Names, Service};
use crate::diagnostic::Diagnostic;
use crate::load::Spec;

/// Everything wrong with `spec`, sorted by place. Findings that are only advice are among them; see
/// [`Diagnostic::is_error`].
pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for files in &spec.services {
        let Some(service) = Service::of(spec, files) else {
            continue;
        };
        let known = Names::of(&service);
        names::check(&service, &mut found);
        alias::check(&service, &mut found);
        prose::check(&service, &mut found);
        open::check(&service, &mut found);
        structures::check(&service, &mut found);
        tree::check(&service, &known, &mut found);
        values::check(&service, &mut found);
        computed::check(&service, &mut found);
        any_case::check(&service, &mut found);
        token::check(&service, &mut found);
        http::check(&service, &mut found);
        route::check(&service, &mut found);
        quiet::check(&service, &mut found);
        follow::check(&service, &known, &mut found);
        encoding::check(&service, &known, &mut found);
        events::check(&service, &known, &mut found);
        jobs::check(&service, &known, &mut found);
        sample::check(&service, &known, &mut found);
        picture::check(spec, files, &mut found);
    }
    found.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code))
    });
    found
}
