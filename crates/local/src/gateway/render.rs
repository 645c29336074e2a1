//! How an answer leaves: a refusal in the form of its protocol, and the headers that all answers
//! have.

use http::header::{
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE, HeaderName, HeaderValue, SERVER,
};
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Fault, Outgoing};
use tcloud_core::time::format_http_date;

use super::target::{self, Refusal};
use crate::fault::{DELETE_MARKER, OBJECT_SIZE, STORAGE_CLASS};
use crate::settings::Settings;
use crate::store::Bucket;

/// The operations that refuse in JSON. No document shows how they do, but the public Python SDK reads
/// every answer of theirs so, whatever its status.
const IN_JSON: [&str; 2] = ["cos.PutAsyncFetchTask", "cos.GetAsyncFetchTask"];

/// `fault` in the form of `operation`, if that is known, or of `protocol`.
pub(super) fn fault(
    fault: &Fault,
    protocol: Protocol,
    operation: Option<&str>,
    id: &str,
    resource: &str,
) -> Outgoing {
    let mut outgoing = fault.render(protocol, id, resource);
    if operation.is_some_and(|name| IN_JSON.contains(&name)) {
        let refusal = json!({ "code": fault.code, "message": fault.message, "request_id": id });
        outgoing.body = refusal.to_string().into();
        let json = HeaderValue::from_static("application/json");
        outgoing.headers.insert(CONTENT_TYPE, json);
    }
    outgoing.headers.extend(headers_of(fault));
    outgoing
}

/// Why a request has no target here, as a fault.
pub(super) fn refusal(protocol: Protocol, refusal: &Refusal) -> Fault {
    let (status, code) = match refusal {
        Refusal::Tunnel => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
        Refusal::Foreign(_) | Refusal::Stranger(_) => (StatusCode::FORBIDDEN, "AccessDenied"),
        Refusal::Origin(_) => (StatusCode::FORBIDDEN, "AccessForbidden"),
        Refusal::Unserved(_) => (StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
        Refusal::NoHost => (StatusCode::BAD_REQUEST, "InvalidRequest"),
        Refusal::Path | Refusal::Root(_) => (StatusCode::BAD_REQUEST, "InvalidURI"),
    };
    let code = match protocol {
        Protocol::Tc3 if status == StatusCode::FORBIDDEN => "UnauthorizedOperation",
        Protocol::Tc3 if status == StatusCode::METHOD_NOT_ALLOWED => "UnsupportedProtocol",
        _ => code,
    };
    Fault::new(status, code, refusal.to_string())
}

/// The fault of a request for `bucket` at the host of another region.
pub(super) fn elsewhere(bucket: &Bucket, region: &str) -> Fault {
    let Bucket {
        name, region: own, ..
    } = bucket;
    let message = format!("bucket {name} is in {own}, not in {region}; use the host of {own}");
    Fault::new(StatusCode::NOT_FOUND, "NoSuchBucket", message)
}

/// Sets what every answer has.
pub(super) fn finish(
    outgoing: Outgoing,
    protocol: Protocol,
    method: &Method,
    id: &str,
    unix_seconds: i64,
) -> Response<Body> {
    let Outgoing {
        status,
        headers,
        body,
        ..
    } = outgoing;
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    let length = response.body().length();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        // All of these are plain ASCII.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(DATE, &format_http_date(unix_seconds));
    match protocol {
        Protocol::Cos => set(SERVER, "tencent-cos"),
        Protocol::Ci => {
            set(SERVER, "tencent-ci");
            set(HeaderName::from_static("x-ci-request-id"), id);
        }
        _ => {}
    }
    if protocol != Protocol::Tc3 {
        set(HeaderName::from_static("x-cos-request-id"), id);
        set(HeaderName::from_static("x-cos-trace-id"), id);
    }
    let has_no_body = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    // The documents' 304 says so, and the official Python SDK reads it.
    if status == StatusCode::NOT_MODIFIED && protocol == Protocol::Cos {
        headers.insert(CONTENT_LENGTH, 0.into());
    }
    if let Some(length) = length
        && !has_no_body
    {
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    if method == Method::HEAD || has_no_body {
        *response.body_mut() = Body::empty();
    }
    response
}

/// What a refusal says in headers.
fn headers_of(fault: &Fault) -> HeaderMap {
    let header = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    let details = fault.details.iter();
    details
        .flat_map(|(name, text)| match *name {
            OBJECT_SIZE => [header("content-range", &format!("bytes */{text}")), None],
            DELETE_MARKER => [
                header("x-cos-delete-marker", "true"),
                header("x-cos-version-id", text),
            ],
            STORAGE_CLASS => [header("x-cos-storage-class", text), None],
            _ => [None, None],
        })
        .flatten()
        .collect()
}

/// Keeps a page that a program has stored, and that a browser opens by path, from acting as the console:
/// its origin would be the console's, and in a sandbox it has one of its own. It may run scripts, as at the
/// host of its bucket. Browsers show no PDF in a sandbox, and none acts for the site it is from.
pub(super) fn confine(
    protocol: Protocol,
    host: &str,
    settings: &Settings,
    response: &mut Response<Body>,
) {
    let headers = response.headers_mut();
    let is_pdf = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/pdf");
    if protocol != Protocol::Tc3 && !is_pdf && target::is_local(host, settings) {
        let sandbox = HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups");
        headers.insert(CONTENT_SECURITY_POLICY, sandbox);
    }
}
