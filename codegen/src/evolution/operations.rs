//! Operations: how they are called, what they send and how their answers are paged.

use super::change::What;
use super::pairs::joined;
use super::report::{OTHER_MESSAGE, Report};
use super::types::Types;
use super::{fields, jobs, rust};
use crate::model::{Body, Lifted, Operation, Paging, Service, Structure, Waiter};

/// Reports what happened to every operation.
pub(super) fn compare(report: &mut Report, before: &Service, after: &Service, types: &Types<'_>) {
    for (old, new) in joined(&before.operations, &after.operations, |it| &it.name) {
        match (old, new) {
            (Some(old), Some(new)) => {
                report.item(
                    |report| {
                        route(report, old, new);
                        behaviour(report, old, new);
                        bodies(report, old, new);
                        call(report, old, new);
                        lifted(report, old, new);
                        paging(report, old, new, types);
                        waiter(report, old, new);
                        jobs::compare(report, old, new);
                    },
                    described(old) != described(new),
                );
                message(report, old, [&old.request, &new.request], types);
                message(report, old, [&old.response, &new.response], types);
                let item = item(old, &old.response.name);
                fields::compare_constructor(report, &item, &old.response, &new.response);
            }
            (Some(old), None) => {
                let why = format!(
                    "code that calls or serves it, or names a type of `{}`, no longer builds",
                    module(old)
                );
                report.removed(client(&old.module), why);
            }
            (_, new) => {
                if let Some(new) = new {
                    report.added(client(&new.module), format!("the operation {}", new.name));
                }
            }
        }
    }
}

fn client(method: &str) -> String {
    format!("Client::{method}")
}

fn module(operation: &Operation) -> String {
    format!("operation::{}", operation.module)
}

fn item(operation: &Operation, name: &str) -> String {
    format!("{}::{name}", module(operation))
}

/// What an answer of an operation offers.
fn described(operation: &Operation) -> ([&String; 3], &[String]) {
    let Operation {
        summary,
        doc,
        document,
        errors,
        ..
    } = operation;
    ([summary, doc, document], errors)
}

fn route(report: &mut Report, old: &Operation, new: &Operation) {
    let route = |operation: &Operation| {
        let query: Vec<_> = operation
            .query
            .iter()
            .map(|(name, value)| match value.as_str() {
                "" => name.clone(),
                value => format!("{name}={value}"),
            })
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!(
            "{} {}{mark}{}",
            operation.method,
            operation.path,
            query.join("&")
        )
    };
    for (before, after) in [
        (route(old), route(new)),
        (old.host.clone(), new.host.clone()),
    ] {
        if before != after {
            let what = format!("asks `{after}`, asked `{before}`");
            report.behaves(client(&old.module), what, "requests go to another place");
        }
    }
}

fn behaviour(report: &mut Report, old: &Operation, new: &Operation) {
    let item = client(&old.module);
    if old.idempotent != new.idempotent {
        let (what, why) = if new.idempotent {
            (
                "counts as idempotent",
                "it is sent again after a 5xx or a broken connection",
            )
        } else {
            (
                "counts as idempotent no longer",
                "it is not sent again after a 5xx or a broken connection",
            )
        };
        report.behaves(&item, what.to_owned(), why);
    }
    let [before, after] = [&old.idempotent_unless, &new.idempotent_unless];
    if before != after {
        let why = "such a request is not sent again after a 5xx or a broken connection";
        if !after.is_empty() {
            let what = format!("counts as idempotent no longer with `{after}`");
            report.behaves(&item, what, why);
        }
        if !before.is_empty() {
            let what = format!("counts as idempotent with `{before}`, too");
            let why = "such a request is sent again after a 5xx or a broken connection";
            report.behaves(&item, what, why);
        }
    }
    if old.quiet != new.quiet {
        let (what, why) = if new.quiet {
            ("is quiet", "its `attempt` clock runs no longer")
        } else {
            ("is quiet no longer", "its `attempt` clock runs")
        };
        report.behaves(&item, what.to_owned(), why);
    }
    // A permission that is stated for the first time was the service's all along.
    let permissions = [&old.permission, &new.permission];
    if old.permission != new.permission && permissions.iter().all(|it| !it.is_empty()) {
        let [before, after] = permissions;
        let what = format!("needs the permission `{after}`, needed `{before}`");
        report.behaves(&item, what, "keys without it are refused");
    }
    if old.unsigned != new.unsigned {
        let what = if new.unsigned {
            "is called without a signature"
        } else {
            "is signed"
        };
        report.behaves(&item, what.to_owned(), OTHER_MESSAGE);
    }
    if old.events != new.events {
        let (what, why) = match (&old.events, &new.events) {
            (None, Some(_)) => ("answers with a stream of events, too", "`listen` reads it"),
            (Some(_), None) => {
                report.removed(format!("{item}::listen"), "it streams no events");
                return deprecation(report, item, old, new);
            }
            _ => (
                "announces its stream of events in another way",
                OTHER_MESSAGE,
            ),
        };
        report.behaves(&item, what.to_owned(), why);
    }
    if old.encoding != new.encoding {
        let what = if new.encoding.is_some() {
            "asks for URL-encoded texts and undoes it"
        } else {
            "takes texts as they come"
        };
        report.behaves(&item, what.to_owned(), OTHER_MESSAGE);
    }
    deprecation(report, item, old, new);
}

fn deprecation(report: &mut Report, item: String, old: &Operation, new: &Operation) {
    if new.deprecated && !old.deprecated {
        let why = "the service advises against its use, or answers it no longer";
        report.tell(item, What::Deprecated, why);
    }
}

fn bodies(report: &mut Report, old: &Operation, new: &Operation) {
    let describe = |body: &Body| match body {
        Body::Empty => "empty".to_owned(),
        Body::Xml(root) => format!("XML in `{root}`"),
        Body::Json => "JSON".to_owned(),
        Body::Raw => "bytes as they are".to_owned(),
    };
    let client = client(&old.module);
    let (before, after) = (&old.request_body, &new.request_body);
    if before != after {
        let what = format!(
            "sends a body that is {}, was {}",
            describe(after),
            describe(before)
        );
        report.behaves(&client, what, OTHER_MESSAGE);
    }
    let (before, after) = (&old.response_body, &new.response_body);
    let what = format!(
        "answers with a body that is {}, was {}",
        describe(after),
        describe(before)
    );
    if (*before == Body::Raw) != (*after == Body::Raw) {
        let why = "code still builds and no longer finds the answer where it was";
        report.reshaped(&client, what, why);
    } else if before != after {
        report.behaves(&client, what, OTHER_MESSAGE);
    }
}

/// The methods that ask for what the request requires: the client's, and the request's constructor.
fn call(report: &mut Report, old: &Operation, new: &Operation) {
    let bodies = [old, new].map(|it| it.request_body == Body::Raw);
    let Some(asked) = fields::asked(&old.request, &new.request, bodies) else {
        return;
    };
    let mut calls = "calls of it".to_owned();
    if let (Some(waiter), Some(_)) = (&old.waiter, &new.waiter) {
        calls = format!("{calls} and of `{}`", client(&waiter.method));
    }
    if fields::asked(&old.request, &new.request, [false; 2]).is_some() {
        calls = format!("{calls} and of `{}::new`", old.request.name);
    }
    let why = format!("{calls} {}", asked.effect);
    report.reshaped(client(&old.module), asked.what, why);
}

/// A request or a response, its constructor aside.
fn message(
    report: &mut Report,
    operation: &Operation,
    [old, new]: [&Structure; 2],
    types: &Types<'_>,
) {
    let item = item(operation, &old.name);
    if old.name != new.name {
        let what = format!("is called `{}`", new.name);
        report.reshaped(&item, what, "code that names the type no longer builds");
    }
    fields::compare(report, &item, old, new, types);
}

/// Methods of the builder that set what is in a container.
fn lifted(report: &mut Report, old: &Operation, new: &Operation) {
    let method = |setter: &str| item(old, &format!("{}::{setter}", old.builder));
    for (before, after) in joined(&old.lifted, &new.lifted, |it| &it.field.setter) {
        let place = |lifted: &Lifted| {
            let mut path = lifted.containers.clone();
            path.push(lifted.field.name.clone());
            path.join(".")
        };
        match (before, after) {
            (Some(before), None) => {
                let why = "code that calls it no longer builds";
                report.removed(method(&before.field.setter), why);
            }
            (None, Some(after)) => {
                let why = format!("sets `{}`", place(after));
                report.added(method(&after.field.setter), why);
            }
            (Some(before), Some(after)) if place(before) != place(after) => {
                let what = format!("sets `{}`, set `{}`", place(after), place(before));
                report.behaves(method(&before.field.setter), what, OTHER_MESSAGE);
            }
            _ => {}
        }
    }
}

fn paging(report: &mut Report, old: &Operation, new: &Operation, types: &Types<'_>) {
    let items = item(old, &format!("{}::items", old.builder));
    match (&old.paging, &new.paging) {
        (Some(_), None) => report.removed(items, "code that calls it or `pages` no longer builds"),
        (None, Some(_)) => report.added(items, "`items` and `pages` fetch what follows"),
        (Some(before), Some(after)) => {
            if types.differ(&before.items.kind, &after.items.kind) {
                let [now, then] = [after, before].map(|it| rust::item(&it.items.kind));
                let what = format!("gives `{now}`, gave `{then}`");
                report.reshaped(&items, what, "code that takes the items no longer builds");
            }
            let [before, after] = [before, after].map(goes_on);
            if before != after {
                let what = format!("continues by {after}, formerly by {before}");
                report.behaves(items, what, "lists end elsewhere");
            }
        }
        (None, None) => {}
    }
}

/// The nodes by which a list is paged.
fn goes_on(paging: &Paging) -> String {
    let Paging {
        input,
        output,
        also,
        by_items,
        more,
        total,
        containers,
        items,
    } = paging;
    let items = containers
        .iter()
        .chain([&items.name])
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(".");
    let also = also
        .iter()
        .map(|(input, output)| format!("and `{input}` from `{output}`"));
    [
        (
            if *by_items { "items counted in " } else { "" },
            Some(input),
        ),
        ("from ", output.as_ref()),
        ("while ", more.as_ref()),
        ("up to ", total.as_ref()),
        ("over ", Some(&items)),
    ]
    .into_iter()
    .filter_map(|(word, node)| Some(format!("{word}`{}`", node?)))
    .chain(also)
    .collect::<Vec<_>>()
    .join(" ")
}

fn waiter(report: &mut Report, old: &Operation, new: &Operation) {
    match (&old.waiter, &new.waiter) {
        (Some(before), None) => {
            let why = format!(
                "code that calls it or `{}::wait` no longer builds",
                old.builder
            );
            report.removed(client(&before.method), why);
        }
        (None, Some(after)) => {
            report.added(
                client(&after.method),
                format!("waits for what {} describes", new.name),
            );
        }
        (Some(before), Some(after)) => {
            let item = client(&before.method);
            if before.method != after.method {
                let what = format!("is called `{}`", after.method);
                report.reshaped(&item, what, "code that calls it no longer builds");
            }
            if rules(before) != rules(after) {
                let what = "ends by other states, codes or times".to_owned();
                report.behaves(item, what, "what counts as done or failed may differ");
            }
        }
        (None, None) => {}
    }
}

/// All that a waiter goes by.
fn rules(waiter: &Waiter) -> impl PartialEq {
    let Waiter {
        method: _,
        state,
        success,
        failure,
        code,
        ok,
        message,
        parts,
        interval,
        timeout,
    } = waiter;
    let states = (state, success, failure);
    (states, code, ok, message, parts, interval, timeout)
}
