//! Which operation a request to Object Storage or Cloud Infinite asks for.

use http::{HeaderMap, Method, StatusCode};
use tcloud_core::operation::{Operation, Protocol, Service};
use tcloud_core::schema::Place;
use tcloud_core::server::{Fault, Head, Route, Unroutable, is_common_parameter, route};
use tcloud_cos::operation::options_object;

use super::target::Target;

/// The operation of a request.
///
/// # Errors
///
/// There is none.
pub(super) fn find(
    head: &Head<'_>,
    headers: &HeaderMap,
    target: &Target,
    region: &str,
) -> Result<Route, Fault> {
    if let Some(found) = preflight(head, target) {
        return Ok(found);
    }
    if let Some(found) = picture_operation(head, headers, target, region)? {
        return Ok(found);
    }
    let catalog = &tcloud_cos::CATALOG;
    route(&[catalog], head).map_err(|why| unroutable(&why, head, catalog.service))
}

/// The question of a browser about a request to a bucket or to what is in it.
fn preflight(head: &Head<'_>, target: &Target) -> Option<Route> {
    let bucket = target.bucket.clone()?;
    if head.method != Method::OPTIONS || target.protocol != Protocol::Cos {
        return None;
    }
    // The table has it of objects; browsers ask it of the bucket, too, which is the key `/`.
    let key = match head.path.strip_prefix('/') {
        None | Some("") => "/",
        Some(key) => key,
    };
    Some(Route {
        operation: &options_object::OPERATION,
        labels: vec![
            ("bucket".to_owned(), bucket),
            ("key".to_owned(), key.to_owned()),
        ],
    })
}

/// The operation of Cloud Infinite that a request asks for, on any of the hosts it has them on:
/// its own, the older one, and that of Object Storage, where a part of the query selects them, a
/// path that is no key, or a header.
fn picture_operation(
    head: &Head<'_>,
    headers: &HeaderMap,
    target: &Target,
    region: &str,
) -> Result<Option<Route>, Fault> {
    let catalog = &tcloud_ci::CATALOG;
    let found = route(&[catalog], head);
    if target.protocol != Protocol::Ci {
        let selects = |route: &Route| {
            let Operation { query, path, .. } = route.operation;
            let of_a_key = *path == "/" || path.contains('{');
            !query.is_empty() || !of_a_key || has_own_header(route.operation, headers)
        };
        return Ok(found.ok().filter(selects));
    }
    let older = target.picture_host(region).and_then(|host| {
        route(
            &[catalog],
            &Head {
                host: &host,
                ..*head
            },
        )
        .ok()
    });
    match (found, older) {
        (Ok(found), Some(older)) if older.operation.query.len() > found.operation.query.len() => {
            Ok(Some(older))
        }
        (Err(_), Some(older)) => Ok(Some(older)),
        (found, _) => found
            .map(Some)
            .map_err(|why| unroutable(&why, head, catalog.service)),
    }
}

/// Whether a request has the header without which `operation` is another one: `Pic-Operations`.
fn has_own_header(operation: &Operation, headers: &HeaderMap) -> bool {
    let fields = operation.request.fields().iter();
    let mut chosen = fields.filter(|field| {
        field.place == Place::Header && field.is_required() && !field.is_computed()
    });
    chosen.any(|field| headers.contains_key(field.name))
}

fn unroutable(why: &Unroutable, head: &Head<'_>, service: &Service) -> Fault {
    let Head { method, path, .. } = head;
    let names = head.query.iter().map(|(name, _)| name.as_str());
    let query: Vec<_> = names.filter(|name| !is_common_parameter(name)).collect();
    let target = match query.as_slice() {
        [] => (*path).to_owned(),
        names => format!("{path}?{}", names.join("&")),
    };
    let asked = match why {
        Unroutable::NoVariant { node, found } => {
            format!("{method} {target} with the {node} `{found}`")
        }
        _ => format!("{method} {target} at {}", head.host),
    };
    let message = format!("{} has no {asked} in the local cloud.", service.title);
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}
