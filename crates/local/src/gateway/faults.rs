//! The pages of the rules for faults: they are listed, added and removed.

use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;

use super::pages::{failed, json_page, not_allowed, unknown};
use crate::faults::{FaultRule, Faults};

/// Where all of them are; each is below it, by its number.
pub(super) const PAGE: &str = "/_local/faults";
/// The longest rule, in bytes.
const LIMIT: usize = 64 * 1024;

/// The number of the rule that `path` is of, an empty one if it is of all rules; `None` if it is of no
/// page of rules.
pub(super) fn at(path: &str) -> Option<&str> {
    match path.strip_prefix(PAGE)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

/// Answers a request for the rule with the number `id`, or for all of them if that is empty.
pub(super) async fn answer(
    faults: &Faults,
    method: &Method,
    id: &str,
    body: Body,
) -> Response<Body> {
    if id.is_empty() {
        return match *method {
            Method::GET | Method::HEAD => list(faults),
            Method::POST => add(faults, body).await,
            Method::DELETE => {
                faults.clear();
                list(faults)
            }
            _ => not_allowed("faults are listed with GET, added with POST and removed with DELETE"),
        };
    }
    let number: Option<u64> = id.parse().ok();
    let Some(number) = number.filter(|id| faults.list().iter().any(|it| it.id == *id)) else {
        return unknown(&format!("there is no fault {id}; {PAGE} lists all of them"));
    };
    match *method {
        Method::GET | Method::HEAD => shown(faults, number, StatusCode::OK),
        Method::DELETE => {
            faults.remove(number);
            list(faults)
        }
        _ => not_allowed("a fault is shown with GET and removed with DELETE"),
    }
}

fn list(faults: &Faults) -> Response<Body> {
    json_page(StatusCode::OK, &json!({ "faults": faults.list() }))
}

fn shown(faults: &Faults, id: u64, status: StatusCode) -> Response<Body> {
    let state = faults.list().into_iter().find(|state| state.id == id);
    json_page(status, &json!(state))
}

async fn add(faults: &Faults, body: Body) -> Response<Body> {
    let rule = match body.collect(LIMIT).await {
        Ok(bytes) => serde_json::from_slice::<FaultRule>(&bytes),
        Err(error) => return failed(&format!("the fault cannot be read: {error}")),
    };
    let added = match rule {
        Ok(rule) => faults.add(rule).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match added {
        Ok(id) => shown(faults, id, StatusCode::CREATED),
        Err(why) => failed(&format!("this is no fault: {why}")),
    }
}
