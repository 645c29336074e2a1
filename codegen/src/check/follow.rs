//! Paging, waiters and repetition: the rows they name exist.

use super::service::{Names, Operation, Service, Table};
use super::values::fits;
use crate::diagnostic::Diagnostic;
use crate::load::nearest;

pub(super) fn check(service: &Service<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    for operation in &service.operations {
        paging(operation, known, found);
        waiter(operation, known, found);
        found.extend(repetition(operation));
    }
}

fn repetition(operation: &Operation<'_>) -> Option<Diagnostic> {
    let name = operation.spec.idempotent_unless.as_str();
    let report = |message: String, help: String| {
        Some(operation.error(&["idempotent_unless"], CODE, message, help))
    };
    if name.is_empty() {
        return None;
    }
    if !operation.spec.idempotent {
        let message = "an exception from `idempotent: true`, which is not there".to_owned();
        return report(
            message,
            "add `idempotent: true`, or remove the key".to_owned(),
        );
    }
    let headers = &operation.spec.request.headers;
    if headers.iter().any(|row| row.value.name == name) {
        return None;
    }
    let names = headers.iter().map(|row| row.value.name.as_str());
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a row of `request.headers`".to_owned(),
    };
    report(format!("the request has no header `{name}`"), help)
}

fn paging(operation: &Operation<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    let Some(paging) = &operation.spec.paging else {
        return;
    };
    let query = &operation.spec.request.query;
    if !query.iter().any(|row| row.value.name == paging.input)
        && let Err(missing) = known.follow(&operation.request, &paging.input)
    {
        let parameters = query.iter().map(|row| row.value.name.as_str());
        let nodes = operation
            .request
            .nodes
            .iter()
            .map(|node| node.site.row().name.as_str());
        found.push(operation.error(
            &["paging", "input"],
            CODE,
            format!("the request has no parameter or node `{missing}`"),
            help(missing, parameters.chain(nodes)),
        ));
    }
    let nodes = [
        ("items", Some(&paging.items)),
        ("output", paging.output.as_ref()),
        ("more", paging.more.as_ref()),
        ("total", paging.total.as_ref()),
    ];
    for (key, path) in nodes {
        if let Some(path) = path {
            found.extend(response(operation, known, ["paging", key], path));
        }
    }
    for (input, output) in &paging.also {
        if !query.iter().any(|row| row.value.name == *input) {
            let names = query.iter().map(|row| row.value.name.as_str());
            let message = format!("the request has no parameter `{input}`");
            found.push(operation.error(&["paging", "also"], CODE, message, help(input, names)));
        }
        found.extend(response(operation, known, ["paging", "also"], output));
    }
    if let Ok(node) = known.follow(&operation.response, &paging.items)
        && !node.list
    {
        found.push(operation.error(
            &["paging", "items"],
            CODE,
            format!("`{}` is not a list", paging.items),
            "name the row of type `… array` that holds the items",
        ));
    }
}

fn waiter(operation: &Operation<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    let Some(waiter) = &operation.spec.waiter else {
        return;
    };
    let nodes = [
        ("state", Some(&waiter.state)),
        ("code", waiter.code.as_ref()),
        ("message", waiter.message.as_ref()),
    ];
    for (key, path) in nodes {
        if let Some(path) = path {
            found.extend(response(operation, known, ["waiter", key], path));
        }
    }
    let Ok(state) = known.follow(&operation.response, &waiter.state) else {
        return;
    };
    for (key, words) in [("success", &waiter.success), ("failure", &waiter.failure)] {
        for word in words {
            if let Err(refusal) = fits(state.site.row(), word) {
                found.push(operation.error(
                    &["waiter", key],
                    CODE,
                    format!("the state `{}`: {}", waiter.state, refusal.reason),
                    refusal.help,
                ));
            }
        }
    }
}

const CODE: &str = "tcloud::unknown_node";

fn response(
    operation: &Operation<'_>,
    known: &Names<'_, '_>,
    keys: [&str; 2],
    path: &str,
) -> Option<Diagnostic> {
    let missing = known.follow(&operation.response, path).err()?;
    let message = if path == missing {
        format!("the response has no node `{missing}`")
    } else {
        format!("the response has no node `{missing}` on the way `{path}`")
    };
    let names = names(&operation.response);
    Some(operation.error(&keys, CODE, message, help(missing, names)))
}

fn names<'a>(table: &'a Table<'_>) -> impl Iterator<Item = &'a str> {
    table.nodes.iter().map(|node| node.site.row().name.as_str())
}

fn help<'a>(missing: &str, names: impl Iterator<Item = &'a str>) -> String {
    match nearest(missing, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write the path of a row, with dots and without the root".to_owned(),
    }
}
