//! Names: of operations and their files, and of what becomes of rows in Rust.

use std::collections::BTreeMap;

use super::service::{Service, Site, key};
use crate::diagnostic::{Diagnostic, rest_of_line};
use crate::names::{header, snake};

pub(super) fn check(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(folder(service));
    operations(service, found);
    for site in service.rows() {
        found.extend(rename(site));
    }
    for (file, rows) in service.flat_lists() {
        fields(rows.iter().map(|row| ("", Site { file, row })), found);
    }
    for table in service.tables() {
        fields(
            table.nodes.iter().map(|node| (node.parent, node.site)),
            found,
        );
    }
}

fn folder(service: &Service<'_>) -> Option<Diagnostic> {
    let (file, name) = (service.file, &service.spec.service);
    let (folder, _) = file.path.split_once('/')?;
    (folder != name).then(|| {
        Diagnostic::error(
            file,
            key(&file.text, &["service"]),
            "tcloud::service_name",
            format!("the service `{name}` is in the folder `{folder}`"),
            format!("write `service: {folder}`, or rename the folder"),
        )
    })
}

fn operations(service: &Service<'_>, found: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    for operation in &service.operations {
        let (file, name) = (operation.file, operation.spec.operation.value.as_str());
        let range = rest_of_line(&file.text, operation.spec.operation.defined);
        let mut error = |code, message, help| {
            found.push(Diagnostic::error(file, range.clone(), code, message, help));
        };
        let camel = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        let own = format!("{}.yaml", snake(name));
        if !camel {
            error(
                "tcloud::operation_name",
                format!("`{name}` is not in upper camel case"),
                format!("write `{}`", crate::names::camel(name)),
            );
        } else if file.path.rsplit('/').next() != Some(&own) {
            error(
                "tcloud::file_name",
                format!("the operation `{name}` is in the file {}", file.path),
                format!("rename the file to `{own}`"),
            );
        }
        if let Some(earlier) = first.insert(name, &file.path) {
            error(
                "tcloud::duplicate_operation",
                format!("a second operation `{name}`"),
                format!("it is in {earlier} already"),
            );
        }
    }
}

fn rename(site: Site<'_>) -> Option<Diagnostic> {
    let name = site.row().rename.as_deref()?;
    let own = snake(name);
    (own != name).then(|| {
        site.error(
            "rename",
            "tcloud::rename",
            format!("`{name}` cannot be the name of a field"),
            format!("write `rename: {own}`"),
        )
    })
}

/// Finds rows of one container that would become one field.
fn fields<'a>(rows: impl Iterator<Item = (&'a str, Site<'a>)>, found: &mut Vec<Diagnostic>) {
    let mut taken = BTreeMap::new();
    for (parent, site) in rows {
        let row = site.row();
        let name = row
            .rename
            .clone()
            .unwrap_or_else(|| snake(header(&row.name)));
        match taken.get(&(parent, name.clone())) {
            None => {
                taken.insert((parent, name), row.name.as_str());
            }
            // Rows of one name are reported as duplicates.
            Some(other) if *other == row.name => {}
            Some(other) => found.push(site.error(
                "name",
                "tcloud::same_rust_name",
                format!(
                    "`{other}` and `{}` both become the field `{name}`",
                    row.name
                ),
                format!("add `rename: …` with a name other than `{name}` to one of them"),
            )),
        }
    }
}
