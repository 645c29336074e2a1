//! Method, path and host, and the rows of their labels.

use super::service::{Operation, Service, Site};
use crate::diagnostic::{Diagnostic, rest_of_line};
use crate::load::nearest;
use crate::spec::Protocol;

const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"];

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    for operation in &service.operations {
        match Address::of(&operation.spec.http.value) {
            Some(address) => {
                found.extend(api3(service, operation, &address));
                path(operation, &address, found);
            }
            None => found.push(error(
                operation,
                "tcloud::http",
                format!("`{}` is not a method and a path", operation.spec.http.value),
                format!(
                    "write one of {}, a space and a path that starts with `/`: `GET /jobs/{{jobId}}`",
                    METHODS.join(", ")
                ),
            )),
        }
        host(service, operation, found);
    }
}

/// Method, path and fixed query of an operation.
pub(super) struct Address<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

impl<'a> Address<'a> {
    pub(super) fn of(http: &'a str) -> Option<Self> {
        let (method, target) = http.split_once(' ')?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let braces = path.matches('{').count() == path.matches('}').count();
        let valid = METHODS.contains(&method)
            && path.starts_with('/')
            && braces
            && !target.contains(char::is_whitespace);
        valid.then_some(Self {
            method,
            path,
            query,
        })
    }
}

fn error(
    operation: &Operation<'_>,
    code: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    let range = rest_of_line(&operation.file.text, operation.spec.http.defined);
    Diagnostic::error(operation.file, range, code, message, help)
}

fn api3(
    service: &Service<'_>,
    operation: &Operation<'_>,
    address: &Address<'_>,
) -> Option<Diagnostic> {
    let fixed = (address.method, address.path, address.query) == ("POST", "/", "");
    (service.spec.protocol == Protocol::Tc3 && !fixed).then(|| {
        error(
            operation,
            "tcloud::http",
            "operations of API 3.0 differ by their names alone",
            "write `http: POST /`",
        )
    })
}

/// The labels in `text`, without the `+` of one that may hold slashes.
fn labels(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let (label, _) = rest.split_once('}')?;
        Some(label.trim_end_matches('+'))
    })
}

fn path(operation: &Operation<'_>, address: &Address<'_>, found: &mut Vec<Diagnostic>) {
    let rows = &operation.spec.request.path;
    for label in labels(address.path) {
        if !rows.iter().any(|row| row.value.name == label) {
            found.push(error(
                operation,
                "tcloud::path_label",
                format!("the label `{{{label}}}` has no row"),
                format!("add a row `name: {label}` to `request.path`"),
            ));
        }
    }
    for row in rows {
        let name = row.value.name.as_str();
        if labels(address.path).any(|label| label == name) {
            continue;
        }
        let help = match nearest(name, labels(address.path)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("write `{{{name}}}` where the path holds it, or move the row to `query`")
            }
        };
        found.push(
            Site {
                file: operation.file,
                row,
            }
            .error(
                "name",
                "tcloud::path_label",
                format!("the path `{}` has no label `{{{name}}}`", address.path),
                help,
            ),
        );
    }
}

fn host(service: &Service<'_>, operation: &Operation<'_>, found: &mut Vec<Diagnostic>) {
    let rows = service
        .spec
        .host_labels
        .iter()
        .map(|row| row.value.name.as_str());
    for label in labels(&operation.spec.host) {
        let mut known = rows.clone().chain(["region"]);
        if known.clone().any(|name| name == label) {
            continue;
        }
        let help = match nearest(label, &mut known) {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None => format!(
                "add a row `name: {label}` to `host_labels` in {}",
                service.file.path
            ),
        };
        found.push(operation.error(
            &["host"],
            "tcloud::host_label",
            format!("the service has no host label `{{{label}}}`"),
            help,
        ));
    }
}
