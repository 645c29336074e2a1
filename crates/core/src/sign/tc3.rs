//! The signature of the API 3.0 services, `TC3-HMAC-SHA256`.
//!
//! Every call goes to the path `/`, so that only method, query, the listed headers and the hash
//! of the payload are covered. See [`Signer`] to make a signature and [`Authorization`] to check
//! one.

use std::fmt;

use http::{HeaderMap, Method};

use super::digest::{HmacSha256, mac, mac_bytes, mac_hex, sha256_hex};
use super::{SignError, Signature, insert, require};
use crate::credentials::Credentials;
use crate::time::utc_date;

mod verify;

#[cfg(test)]
mod tests;

pub use verify::Authorization;

pub(super) const ALGORITHM: &str = "TC3-HMAC-SHA256";
const CONTENT_HASH: &str = "x-tc-content-sha256";
/// Sent, and hashed, in place of a payload that is not covered.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// What `Authorization` says of a request without a signature.
const SKIP: &str = "SKIP";
const TIMESTAMP: &str = "x-tc-timestamp";
const TOKEN: &str = "x-tc-token";
const ACTION: &str = "x-tc-action";

/// The parts of a request a signature covers. `Debug` shows none that may hold a secret.
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

/// Signs requests to one service with one set of credentials at one time.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    service: &'a str,
    timestamp: i64,
    signs_action: bool,
    signs_payload: bool,
}

impl<'a> Signer<'a> {
    /// A signer for `service`, such as `mps`, at `timestamp`, in Unix seconds.
    pub const fn new(credentials: &'a Credentials, service: &'a str, timestamp: i64) -> Self {
        Self {
            credentials,
            service,
            timestamp,
            signs_action: false,
            signs_payload: true,
        }
    }

    /// Covers the header `X-TC-Action` as well, if the request has it.
    pub const fn with_signed_action(self) -> Self {
        Self {
            signs_action: true,
            ..self
        }
    }

    /// Leaves the payload out of what [`Signer::authorize`] signs.
    pub const fn with_unsigned_payload(self) -> Self {
        Self {
            signs_payload: false,
            ..self
        }
    }

    /// Computes the signature of a request as it is.
    ///
    /// Whether the payload is covered depends on its header `X-TC-Content-SHA256`, which
    /// [`Signer::authorize`] sets, as it does the token and the timestamp.
    pub fn sign(&self, request: &Request<'_>) -> Signature {
        let mut names = vec!["content-type", "host"];
        if self.signs_action && request.headers.contains_key(ACTION) {
            names.push(ACTION);
        }
        let http_string = canonical_request(request, &names, None, |name| name == ACTION);
        let date = utc_date(self.timestamp);
        let string_to_sign = string_to_sign(self.timestamp, &date, self.service, &http_string);
        let key = signing_key(self.credentials.secret_key(), &date, self.service);
        let authorization = format!(
            "{ALGORITHM} Credential={}/{date}/{}/tc3_request, SignedHeaders={}, Signature={}",
            self.credentials.secret_id(),
            self.service,
            names.join(";"),
            mac_hex(mac::<HmacSha256>(&key, string_to_sign.as_bytes())),
        );
        Signature {
            authorization,
            http_string,
            string_to_sign,
        }
    }

    /// Sets `X-TC-Timestamp`, `X-TC-Token` if there is a token, `X-TC-Content-SHA256` if the
    /// payload is not covered, and `Authorization`.
    ///
    /// # Errors
    ///
    /// If `host` or `content-type` is not set, or the credentials have characters no header may
    /// contain.
    pub fn authorize(
        &self,
        method: &Method,
        query: &str,
        headers: &mut HeaderMap,
        payload: &[u8],
    ) -> Result<Signature, SignError> {
        require(headers, "host")?;
        require(headers, "content-type")?;
        insert(headers, TIMESTAMP, &self.timestamp.to_string())?;
        if let Some(token) = self.credentials.token() {
            insert(headers, TOKEN, token)?;
        }
        if !self.signs_payload {
            insert(headers, CONTENT_HASH, UNSIGNED_PAYLOAD)?;
        }
        let signature = self.sign(&Request {
            method,
            query,
            headers,
            payload,
        });
        insert(headers, "authorization", &signature.authorization)?;
        Ok(signature)
    }
}

/// Marks a request that is called without a signature, as operations are whose request carries its
/// own proof. Sets `X-TC-Timestamp` and `Authorization`.
///
/// # Errors
///
/// None in practice; see [`Signer::authorize`].
pub fn skip(timestamp: i64, headers: &mut HeaderMap) -> Result<Signature, SignError> {
    insert(headers, TIMESTAMP, &timestamp.to_string())?;
    insert(headers, "authorization", SKIP)?;
    Ok(Signature {
        authorization: SKIP.to_owned(),
        http_string: String::new(),
        string_to_sign: String::new(),
    })
}

/// The canonical text of a request; `host` replaces the value of that header, and values of the
/// headers for which `lowers` holds are written in lower case.
fn canonical_request(
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

fn string_to_sign(timestamp: i64, date: &str, service: &str, canonical_request: &str) -> String {
    let hash = sha256_hex(canonical_request.as_bytes());
    format!("{ALGORITHM}\n{timestamp}\n{date}/{service}/tc3_request\n{hash}")
}

fn signing_key(secret_key: &str, date: &str, service: &str) -> Vec<u8> {
    [date, service, "tc3_request"]
        .into_iter()
        .fold(format!("TC3{secret_key}").into_bytes(), |key, message| {
            mac_bytes(mac::<HmacSha256>(&key, message.as_bytes()))
        })
}
