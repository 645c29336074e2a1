//! How an answer leaves: a refusal in the form of its protocol, and the headers that all answers
//! have.

use http::header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue, SERVER};
use http::{HeaderMap, Method, Response, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Fault, Outgoing};
use tcloud_core::time::format_http_date;

use super::target::Refusal;
use crate::fault::{DELETE_MARKER, OBJECT_SIZE, STORAGE_CLASS};

/// `fault` in the form of `protocol`.
pub(super) fn fault(fault: &Fault, protocol: Protocol, id: &str, resource: &str) -> Outgoing {
    let mut outgoing = fault.render(protocol, id, resource);
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
