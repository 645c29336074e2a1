//! Other names of operations: each leads to one operation of its service.

use std::collections::BTreeMap;

use super::service::Service;
use crate::diagnostic::{Diagnostic, rest_of_line};
use crate::names::snake;

const CODE: &str = "tcloud::alias";

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    // A command has dashes where a method has underscores, and letters of one case.
    let mut taken: BTreeMap<String, &str> = service
        .operations
        .iter()
        .map(|operation| {
            let name = operation.spec.operation.value.as_str();
            (snake(name), name)
        })
        .collect();
    for operation in &service.operations {
        let name = operation.spec.operation.value.as_str();
        for alias in &operation.spec.alias {
            let text = alias.value.as_str();
            let mut error = |message: String, help: String| {
                let range = rest_of_line(&operation.file.text, alias.defined);
                let file = operation.file;
                found.push(Diagnostic::error(file, range, CODE, message, help));
            };
            let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                error(
                    format!("the alias `{text}` is no name"),
                    "write letters, digits and underscores, a letter first".to_owned(),
                );
                continue;
            }
            if let Some(other) = taken.insert(snake(text), name) {
                let whose = if other == name {
                    "this operation".to_owned()
                } else {
                    format!("`{other}`")
                };
                error(
                    format!("the alias `{text}` is a name of {whose} already"),
                    "remove it, or write what tells the two apart".to_owned(),
                );
            }
        }
    }
}
