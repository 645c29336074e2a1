//! The metadata service of virtual machines, at `metadata.tencentyun.com`.
//!
//! It describes [`Instance`](crate::cam::Instance), the only machine there is, and hands out keys
//! of its role. As it asks nobody for a key, only this machine may ask it.

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::time::format_iso_utc;

use crate::cam::{Kind, Role, Session};
use crate::state::State;

/// The versions of the service, the first part of a path; it may be missing.
const VERSIONS: [&str; 3] = ["latest", "1.0", "2017-09-19"];
/// How long a key of the role is valid, in seconds; a role may say less.
const KEY_LIFETIME: i64 = 21_600;

/// Answers a request for `path`, which came from this machine or did not.
pub(crate) fn answer(
    state: &State,
    method: &Method,
    path: &str,
    is_from_here: bool,
) -> Response<Body> {
    if !is_from_here {
        let why = "the metadata service answers this machine alone";
        return text(StatusCode::FORBIDDEN, why.to_owned());
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "use GET".to_owned());
    }
    let found = item(path).and_then(|item| look_up(state, item));
    let mut response = match found {
        Some(found) => text(StatusCode::OK, found),
        None => text(StatusCode::NOT_FOUND, format!("there is no {path}")),
    };
    if *method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

/// What comes behind `/latest/meta-data/`.
fn item(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/')?;
    let versioned = |version: &&str| path.strip_prefix(*version)?.strip_prefix('/');
    let path = VERSIONS.iter().find_map(versioned).unwrap_or(path);
    let item = path.strip_prefix("meta-data")?;
    match item {
        "" => Some(""),
        _ => item.strip_prefix('/'),
    }
}

/// The text of `item`; a folder is the list of what is in it.
fn look_up(state: &State, item: &str) -> Option<String> {
    let directory = state.directory();
    let account = directory.account();
    let instance = &account.instance;
    let role = instance.role.as_deref();
    let role = role.and_then(|name| directory.role_called(name));
    let region = &state.settings.default_region;
    let found = match item {
        "" => {
            let cam = role.map_or("", |_| "cam/\n");
            format!("app-id\n{cam}instance-id\ninstance-name\nlocal-ipv4\nplacement/\nuuid")
        }
        "app-id" => account.app_id.clone(),
        "instance-id" | "uuid" => instance.id.clone(),
        "instance-name" => instance.name.clone(),
        "local-ipv4" => "127.0.0.1".to_owned(),
        "placement" | "placement/" => "region\nzone".to_owned(),
        "placement/region" => region.clone(),
        "placement/zone" => format!("{region}-{}", instance.zone),
        "cam" | "cam/" => role.map(|_| "security-credentials/".to_owned())?,
        "cam/security-credentials" | "cam/security-credentials/" => role?.name.clone(),
        _ => {
            let name = item.strip_prefix("cam/security-credentials/")?;
            key(state, role.filter(|role| role.name == name)?)?
        }
    };
    Some(found)
}

/// A key of `role`, as the service writes it.
fn key(state: &State, role: &Role) -> Option<String> {
    let ends = state.unix_seconds() + KEY_LIFETIME.min(role.longest_session);
    let directory = state.directory();
    let session = Session {
        kind: Kind::Role {
            id: role.id(),
            name: directory.account().instance.id.clone(),
        },
        issuer: directory.account().uin.clone(),
        ends,
        policy: None,
    };
    // Without a policy no token is too long.
    let key = directory.issue(&session).ok()?;
    let document = json!({
        "TmpSecretId": key.secret_id(),
        "TmpSecretKey": key.secret_key(),
        "ExpiredTime": ends,
        "Expiration": format_iso_utc(ends),
        "Token": key.token(),
        "Code": "Success",
    });
    Some(format!("{document:#}"))
}

fn text(status: StatusCode, text: String) -> Response<Body> {
    let length = text.len();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use http::{Request, StatusCode};
    use tcloud_core::body::Body;

    use super::item;
    use crate::cloud::LocalCloud;
    use crate::gateway::Via;
    use crate::settings::Settings;

    /// It asks for no key, so a key of the role would be anyone's.
    #[tokio::test]
    async fn only_this_machine_may_ask() {
        let cloud = LocalCloud::start(Settings::default()).await.unwrap();
        for (via, status) in [
            (Via::InProcess, StatusCode::OK),
            (Via::Loopback, StatusCode::OK),
            (Via::Network, StatusCode::FORBIDDEN),
        ] {
            let mut request = Request::get("/latest/meta-data/placement/region")
                .header("host", "metadata.tencentyun.com")
                .body(Body::empty())
                .unwrap();
            request.extensions_mut().insert(via);
            assert_eq!(cloud.handle(request).await.status(), status, "{via:?}");
        }
    }

    #[test]
    fn paths_have_a_version_or_none() {
        for path in [
            "/latest/meta-data/placement/region",
            "/meta-data/placement/region",
            "/1.0/meta-data/placement/region",
            "/2017-09-19/meta-data/placement/region",
        ] {
            assert_eq!(item(path), Some("placement/region"), "{path}");
        }
        assert_eq!(item("/latest/meta-data"), Some(""));
        assert_eq!(item("/latest/meta-data/"), Some(""));
        for path in [
            "",
            "/",
            "/latest",
            "/latest/",
            "/latestmeta-data/",
            "/latest/meta-datax",
            "/2.0/meta-data/",
        ] {
            assert_eq!(item(path), None, "{path}");
        }
    }
}
