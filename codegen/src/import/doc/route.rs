//! Where a request goes: service, host, path, and what of its query string selects the operation.

use super::cells::named;
use super::facts::{Operation, Row};
use super::http::{self, Parameter, Printed};
use super::remark::{RemarkKind, Remarks};

/// The service that a request is for: that of its host. What processes an object is Cloud
/// Infinite's, whichever host it is asked by.
pub(super) fn service_of(pattern: &Printed) -> String {
    let host = http::host(pattern.header("Host").unwrap_or_default());
    let processes = pattern.target.contains("ci-process=")
        || pattern.target.contains("image_process")
        || pattern.header("Pic-Operations").is_some();
    let infinite = host.contains("ci.") || host.contains(".pic.") || processes;
    if infinite { "ci" } else { "cos" }.to_owned()
}

pub(super) fn path_with(path: &str, selectors: &[(String, Option<String>)]) -> String {
    let query: Vec<String> = selectors
        .iter()
        .map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        })
        .collect();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

pub(super) fn path_row(line: usize, name: &str) -> Row {
    let mut row = named(line, name);
    row.required = true;
    row
}

/// The host of the request; `given` if the service was named by who imports.
pub(super) fn host(
    operation: &mut Operation,
    pattern: &Printed,
    given: bool,
    remarks: &mut Remarks,
) {
    let printed = pattern.header("Host").unwrap_or_default();
    if printed.is_empty() {
        operation.host = format!("{{bucket}}.{}.{{region}}.myqcloud.com", operation.service);
        remarks.add(
            pattern.line,
            RemarkKind::Inferred,
            "host",
            "the request has no `Host`; the bucket's host was taken",
        );
        return;
    }
    operation.host = http::host(printed);
    let first = operation.host.split('.').next().unwrap_or_default();
    let known = [
        "{bucket}", "{appid}", "{region}", "ci", "cos", "service", "pic",
    ];
    if !given && !known.contains(&first) {
        remarks.add(
            pattern.line,
            RemarkKind::Contradicted,
            "service",
            format!(
                "`{}` is the host of no service that is known; {} was taken: `--service` names another",
                operation.host, operation.service
            ),
        );
    }
}

/// Parts the query string of the request into what selects the operation and what is a parameter.
pub(super) fn route(
    operation: &mut Operation,
    query: &[Parameter],
    pattern: &Printed,
    remarks: &mut Remarks,
) -> Vec<(String, Option<String>)> {
    let mut selectors = Vec::new();
    let request = &mut operation.request;
    let untabled = request.query.is_empty();
    for part in query {
        spelled(&mut request.query, &part.name, remarks);
        let listed = request.query.iter().position(|row| row.name == part.name);
        match (&part.value, listed) {
            (None, None) => selectors.push((part.name.clone(), None)),
            // A name alone that the table lists without a value is what selects.
            (None, Some(at)) => {
                let row = request.query.get(at);
                let selects = row.is_some_and(|row| row.required) && query.len() == 1;
                if selects {
                    selectors.push((part.name.clone(), None));
                    request.query.remove(at);
                    remarks.add(
                        pattern.line,
                        RemarkKind::Inferred,
                        format!("request {}", part.name),
                        "the parameter without a value selects the operation; it needs no row",
                    );
                }
            }
            (Some(value), at) if part.name == "ci-process" && !value.is_empty() => {
                selectors.push((part.name.clone(), Some(value.clone())));
                if let Some(at) = at {
                    request.query.remove(at);
                    remarks.add(
                        pattern.line,
                        RemarkKind::Inferred,
                        "request ci-process",
                        "its one word selects the operation; it needs no row",
                    );
                }
            }
            (Some(value), None)
                if !value.is_empty()
                    && !value.contains('$')
                    && !value.eq_ignore_ascii_case(&part.name)
                    && untabled =>
            {
                selectors.push((part.name.clone(), Some(value.clone())));
            }
            (Some(_), None) => {
                let mut row = named(pattern.line, &part.name);
                // Of its parameters, a request line without a table of them shows what it needs.
                row.required = untabled;
                row.explain("No table has it; the request line does.");
                remarks.add(
                    pattern.line,
                    RemarkKind::Inferred,
                    format!("request {}", part.name),
                    "no table has the parameter, the request line does",
                );
                request.query.push(row);
            }
            (Some(_), Some(_)) => {}
        }
    }
    // A segment of the path may be in the table of parameters.
    let segments: Vec<String> = request
        .path
        .iter()
        .map(|row| row.name.to_ascii_lowercase())
        .collect();
    let mut moved = Vec::new();
    request.query.retain(|row| {
        let is_segment = segments.contains(&row.name.to_ascii_lowercase())
            || segments.iter().any(|it| it == "key")
                && matches!(
                    row.name.to_ascii_lowercase().as_str(),
                    "objectkey" | "objectname"
                );
        if is_segment {
            moved.push(row.clone());
        }
        !is_segment
    });
    for row in moved {
        if let Some(own) = request
            .path
            .iter_mut()
            .find(|own| own.name.eq_ignore_ascii_case(&row.name))
        {
            let name = own.name.clone();
            *own = Row {
                name,
                required: true,
                ..row
            };
            own.default = None;
        }
    }
    selectors
}

/// Gives the row of a parameter that the table spells in another case than the request line the name
/// that is sent.
fn spelled(rows: &mut [Row], name: &str, remarks: &mut Remarks) {
    if rows.iter().any(|row| row.name == name) {
        return;
    }
    if let Some(row) = rows
        .iter_mut()
        .find(|row| row.name.eq_ignore_ascii_case(name))
    {
        remarks.add(
            row.line,
            RemarkKind::Contradicted,
            format!("request {name}"),
            format!(
                "the table calls it `{}`, the request line `{name}`: the request line is followed",
                row.name
            ),
        );
        name.clone_into(&mut row.name);
    }
}
