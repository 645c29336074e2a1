//! Operations: what a call needs beyond its tables.

use std::collections::BTreeMap;

use tcloud_core::schema::Place;

use super::key::{Key, Side};
use super::tables::{Placed, Role, Table, Tables};
use super::{documentation, fields, paging, tables};
use crate::error::Error;
use crate::model::{Body, Encoding, Field, Lifted, Operation, Paging, Structure, Waiter};
use crate::names::{snake, unique};
use crate::rows::{below, root};
use crate::spec::{self, Message, OperationFile, Protocol, Row, ServiceFile};
use crate::text::sentence;

/// Fields of all tables, by key.
pub(super) type Fields = BTreeMap<Key, Vec<Field>>;

/// Adds the tables of an operation.
pub(super) fn add_tables<'a>(
    all: &mut Tables<'a>,
    source: &'a str,
    file: &'a OperationFile,
    host_labels: impl Iterator<Item = &'a Row>,
) -> Result<(), Error> {
    let name = &file.operation.value;
    let module = snake(name);
    let labels = host_labels
        .filter(|label| file.host.contains(&format!("{{{}}}", label.name)))
        .map(|row| Placed::new(row, Place::Host, true))
        .collect();
    let request = Table::message(Role::Request, name, &module, name, source);
    tables::add_message(
        all,
        source,
        &file.request,
        labels,
        request,
        Key::message(name, Side::Request),
    )?;
    let response = Table::message(Role::Response, name, &module, name, source);
    tables::add_message(
        all,
        source,
        &file.response,
        Vec::new(),
        response,
        Key::message(name, Side::Response),
    )
}

/// The operation, without the containers and enumerations that belong to it.
pub(super) fn of(
    source: &str,
    file: &OperationFile,
    service: &ServiceFile,
    [request, response]: [Structure; 2],
    all: &Tables<'_>,
    fields: &Fields,
) -> Result<Operation, Error> {
    let name = &file.operation.value;
    let protocol = service.protocol;
    let (method, address) = file
        .http
        .value
        .split_once(' ')
        .unwrap_or(("GET", &file.http.value));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let builder = request
        .name
        .strip_suffix("Request")
        .unwrap_or(&request.name);
    Ok(Operation {
        name: name.clone(),
        module: snake(name),
        builder: builder.to_owned(),
        aliases: file.alias.iter().map(|it| it.value.clone()).collect(),
        subject: subject(source),
        summary: sentence(&file.summary),
        doc: documentation::operation(file),
        document: file.document.url.clone(),
        permission: file.permission.clone(),
        method: method.to_owned(),
        path: path.trim().to_owned(),
        query: query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        host: file.host.clone(),
        idempotent: file.idempotent,
        idempotent_unless: file.idempotent_unless.clone(),
        quiet: file.quiet,
        deprecated: file.status.is_some(),
        unsigned: file.unsigned,
        errors: file.errors.clone(),
        request_body: body(&file.request, protocol, protocol == Protocol::Tc3),
        response_body: body(&file.response, protocol, protocol == Protocol::Tc3),
        lifted: lifted(&request, &Key::message(name, Side::Request), all, fields),
        events: file.events.clone(),
        encoding: file.encoding.as_ref().map(|encoding| Encoding {
            asked_by: encoding.asked_by.clone(),
            marked_by: encoding
                .marked_by
                .iter()
                .map(|path| node(&file.response, path))
                .collect(),
        }),
        paging: file
            .paging
            .clone()
            .or_else(|| paging::by_rule(&service.paging, file))
            .map(|paging| self::paging(source, file, &paging, all, fields))
            .transpose()?,
        waiter: file
            .waiter
            .as_ref()
            .map(|waiter| self::waiter(file, waiter)),
        job: None,
        request,
        response,
        shared: Vec::new(),
        structures: Vec::new(),
        enumerations: Vec::new(),
        source: source.to_owned(),
    })
}

/// The words of the folder within `operations` that a file is in.
fn subject(source: &str) -> String {
    match source.split('/').collect::<Vec<_>>().as_slice() {
        [.., "operations", folder, _] => folder.replace('_', " "),
        _ => String::new(),
    }
}

fn body(message: &Message, protocol: Protocol, always: bool) -> Body {
    let format = message.body.unwrap_or(match protocol {
        _ if message.rows.is_empty() && !always => spec::Body::None,
        Protocol::Tc3 => spec::Body::Json,
        Protocol::Cos | Protocol::Ci => spec::Body::Xml,
    });
    match format {
        spec::Body::None => Body::Empty,
        spec::Body::Xml => Body::Xml(root(message).to_owned()),
        spec::Body::Json => Body::Json,
        spec::Body::Raw => Body::Raw,
    }
}

/// The rows of containers marked `lift`, each with a setter of its own name if that is free.
fn lifted(request: &Structure, key: &Key, all: &Tables<'_>, fields: &Fields) -> Vec<Lifted> {
    let mut found = Vec::new();
    collect_lifted(&[key], &[], all, fields, &mut found);
    let mut taken: Vec<String> = request
        .own_fields()
        .map(|field| field.setter.clone())
        .collect();
    for lifted in &mut found {
        let own = fields::builder_setter(&lifted.field.name);
        let around = lifted.containers.join("_");
        lifted.field.setter = unique(&[own, format!("{around}_{}", lifted.field.name)], |name| {
            taken.iter().any(|taken| taken == name)
        });
        taken.push(lifted.field.setter.clone());
    }
    found
}

/// Adds the rows of the last of `tables`, which are nested by fields called `containers`.
fn collect_lifted(
    tables: &[&Key],
    containers: &[String],
    all: &Tables<'_>,
    fields: &Fields,
    found: &mut Vec<Lifted>,
) {
    let found_in = tables
        .last()
        .and_then(|key| Some((all.get(*key)?, fields.get(*key)?)));
    let Some((table, own)) = found_in else {
        return;
    };
    for (placed, field) in table.rows.iter().zip(own) {
        if !containers.is_empty() && !field.is_fixed() {
            found.push(Lifted {
                containers: containers.to_vec(),
                field: field.clone(),
            });
        }
        if placed.row.lift && !field.list {
            let path = [containers, std::slice::from_ref(&field.name)].concat();
            // A circle of containers ends where it closes.
            if let Some(target) = placed.target.as_ref().filter(|it| !tables.contains(it)) {
                collect_lifted(&[tables, &[target]].concat(), &path, all, fields, found);
            }
        }
    }
}

fn paging(
    source: &str,
    file: &OperationFile,
    paging: &spec::Paging,
    all: &Tables<'_>,
    fields: &Fields,
) -> Result<Paging, Error> {
    let response = |path: &String| node(&file.response, path);
    let mut containers = Vec::new();
    let mut key = Some(Key::message(&file.operation.value, Side::Response));
    let mut last = None;
    for name in node(&file.response, &paging.items).split('.') {
        containers.extend(last.map(|field: &Field| field.name.clone()));
        last = None;
        let found = key.as_ref().and_then(|key| find(key, name, all, fields));
        let Some((placed, field)) = found else {
            break;
        };
        key = placed.target.clone();
        last = Some(field);
    }
    match last.filter(|field| field.list) {
        Some(items) => Ok(Paging {
            input: node(&file.request, &paging.input),
            output: paging.output.as_ref().map(response),
            also: paging
                .also
                .iter()
                .map(|(input, output)| (node(&file.request, input), response(output)))
                .collect(),
            by_items: paging.by == spec::Counted::Items,
            more: paging.more.as_ref().map(response),
            total: paging.total.as_ref().map(response),
            containers,
            items: items.clone(),
        }),
        None => Err(Error::new(
            source,
            format!(
                "`paging.items` names no list of the response: `{}`",
                paging.items
            ),
        )),
    }
}

/// The row called `wire` in the table at `key`, and its field.
pub(super) fn find<'t>(
    key: &Key,
    wire: &str,
    all: &'t Tables<'t>,
    fields: &'t Fields,
) -> Option<(&'t Placed<'t>, &'t Field)> {
    let rows = all.get(key)?.rows.iter();
    rows.zip(fields.get(key)?)
        .find(|(_, field)| field.wire == wire)
}

fn waiter(file: &OperationFile, waiter: &spec::Waiter) -> Waiter {
    let response = |path: &String| node(&file.response, path);
    Waiter {
        method: snake(&waiter.name),
        state: response(&waiter.state),
        success: waiter.success.clone(),
        failure: waiter.failure.clone(),
        code: waiter.code.as_ref().map(response),
        ok: waiter.ok.clone(),
        message: waiter.message.as_ref().map(response),
        parts: waiter.parts.clone(),
        interval: waiter.interval,
        timeout: waiter.timeout,
    }
}

/// A node's path below the root of its message. API 3.0 wraps every response, so its root may be
/// named though no row does.
pub(super) fn node(message: &Message, path: &str) -> String {
    let root = match root(message) {
        "" => "Response",
        root => root,
    };
    below(path, root).to_owned()
}
