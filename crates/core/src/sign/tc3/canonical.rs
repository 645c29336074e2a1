//! The texts that a signature is made of.

use std::fmt;

use http::{HeaderMap, Method};

use crate::sign::digest::{HmacSha256, mac, mac_bytes, sha256_hex};

pub(in crate::sign) const ALGORITHM: &str = "TC3-HMAC-SHA256";
pub(super) const CONTENT_HASH: &str = "x-tc-content-sha256";
/// Sent, and hashed, in place of a payload that is not covered.
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// What `Authorization` says of a request without a signature.
pub(super) const SKIP: &str = "SKIP";
pub(super) const TIMESTAMP: &str = "x-tc-timestamp";
pub(super) const TOKEN: &str = "x-tc-token";
pub(super) const ACTION: &str = "x-tc-action";

/// What TC3-HMAC-SHA256 covers of a request. `Debug` shows no part that may hold a secret.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, `POST` or `GET`.
    pub method: &'a Method,
    /// The query string of a `GET` exactly as sent, still encoded; empty for a `POST`.
    pub query: &'a str,
    /// All headers, `host` and `content-type` among them.
    pub headers: &'a HeaderMap,
    /// The body; empty for a `GET`. Not looked at if the headers declare it unsigned.
    pub payload: &'a [u8],
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The canonical text of a request; `host` replaces the value of that header, and values of the
/// headers for which `lowers` holds are written in lower case.
pub(super) fn canonical_request(
    request: &Request<'_>,
    names: &[&str],
    host: Option<&[u8]>,
    lowers: impl Fn(&str) -> bool,
) -> String {
    let mut lines = String::new();
    for &name in names {
        let sent = || {
            request
                .headers
                .get(name)
                .map_or(b"".as_slice(), |value| value.as_bytes())
        };
        let value = host.filter(|_| name == "host").unwrap_or_else(sent);
        let value = String::from_utf8_lossy(value.trim_ascii());
        let value = if lowers(name) {
            value.to_lowercase().into()
        } else {
            value
        };
        lines.extend([name, ":", value.as_ref(), "\n"]);
    }
    let payload = if is_unsigned(request.headers) {
        UNSIGNED_PAYLOAD.as_bytes()
    } else {
        request.payload
    };
    format!(
        "{}\n/\n{}\n{lines}\n{}\n{}",
        request.method,
        request.query,
        names.join(";"),
        sha256_hex(payload)
    )
}

fn is_unsigned(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_HASH)
        .is_some_and(|value| value == UNSIGNED_PAYLOAD)
}

pub(super) fn string_to_sign(
    timestamp: i64,
    date: &str,
    service: &str,
    canonical_request: &str,
) -> String {
    let hash = sha256_hex(canonical_request.as_bytes());
    format!("{ALGORITHM}\n{timestamp}\n{date}/{service}/tc3_request\n{hash}")
}

pub(super) fn signing_key(secret_key: &str, date: &str, service: &str) -> Vec<u8> {
    [date, service, "tc3_request"]
        .into_iter()
        .fold(format!("TC3{secret_key}").into_bytes(), |key, message| {
            mac_bytes(mac::<HmacSha256>(&key, message.as_bytes()))
        })
}
