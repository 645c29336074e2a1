//! The signature of Cloud Object Storage and Cloud Infinite, `q-sign-algorithm=sha1`.
//!
//! Three texts lead to it: the canonical text of the request (`HttpString`), the text to sign,
//! made of the validity and the hash of the former, and the key, made of the secret key and the
//! validity. See [`Signer`] to make one and [`Authorization`] to check one.

use std::fmt;

use http::header::HOST;
use http::{HeaderMap, Method};

use super::digest::{HmacSha1, mac, mac_hex, sha1_hex};
use super::{SignError, Signature, encode, insert, require};
use crate::credentials::Credentials;

mod verify;

#[cfg(test)]
mod tests;

pub use verify::{Authorization, security_token};

/// Headers that are signed whenever they are sent, besides `x-cos-…` and `x-ci-…`.
const SIGNED_HEADERS: [&str; 17] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "expect",
    "expires",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "pic-operations",
    "range",
    "transfer-encoding",
];

/// The parts of a request a signature covers. `Debug` shows none that may hold a secret.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method; signed in lower case.
    pub method: &'a Method,
    /// The percent-decoded path with its leading slash, not normalised in any way.
    pub path: &'a str,
    /// The decoded query, in the order sent. `?cancel` has the empty value.
    pub query: &'a [(String, String)],
    /// All headers, `host` among them, with its port when the URL names one.
    pub headers: &'a HeaderMap,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The validity of a signature in Unix seconds, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: i64,
    end: i64,
}

impl Window {
    /// Valid from `start` to `end`, both in seconds since the Unix epoch.
    pub const fn new(start: i64, end: i64) -> Self {
        Self { start, end }
    }

    /// First second of validity.
    pub const fn start(self) -> i64 {
        self.start
    }

    /// Last second of validity.
    pub const fn end(self) -> i64 {
        self.end
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};{}", self.start, self.end)
    }
}

/// The name under which a session token is sent; it depends on the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenName {
    /// `x-cos-security-token`, for Object Storage.
    Cos,
    /// `x-ci-security-token`, for Cloud Infinite.
    Ci,
}

impl TokenName {
    /// The name, both of the header and of the query parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cos => "x-cos-security-token",
            Self::Ci => "x-ci-security-token",
        }
    }
}

/// A URL that carries its own signature.
///
/// Whoever has it can make the request until it expires; hence `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Presigned {
    /// The whole URL.
    pub url: String,
    /// The signature in it, for explanations.
    pub signature: Signature,
}

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}

/// Signs requests with one set of credentials for one period.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    token_name: TokenName,
    window: Window,
}

impl<'a> Signer<'a> {
    /// A signer whose signatures are valid during `window`.
    pub const fn new(credentials: &'a Credentials, token_name: TokenName, window: Window) -> Self {
        Self {
            credentials,
            token_name,
            window,
        }
    }

    /// Computes the signature of a request as it is.
    ///
    /// Covers the whole query and, of the headers, those the service's own SDKs sign. A session
    /// token has to be among the headers or the query already; [`Signer::authorize`] and
    /// [`Signer::presign`] see to that.
    pub fn sign(&self, request: &Request<'_>) -> Signature {
        self.compute(request).1
    }

    /// Adds the session token, if any, and the `Authorization` header.
    ///
    /// # Errors
    ///
    /// If `host` is not set, or the credentials have characters no header may contain.
    pub fn authorize(
        &self,
        method: &Method,
        path: &str,
        query: &[(String, String)],
        headers: &mut HeaderMap,
    ) -> Result<Signature, SignError> {
        require(headers, "host")?;
        if let Some(token) = self.credentials.token() {
            insert(headers, self.token_name.as_str(), token)?;
        }
        let signature = self.sign(&Request {
            method,
            path,
            query,
            headers,
        });
        insert(headers, "authorization", &signature.authorization)?;
        Ok(signature)
    }

    /// Makes a URL that carries its signature, and the session token, in the query.
    ///
    /// The host is the one of `headers`; whoever uses the URL has to send those of `headers` that
    /// are signed, with the same values. Usually there is only `host`.
    ///
    /// # Errors
    ///
    /// If `host` is not set or is not text.
    pub fn presign(&self, scheme: &str, request: &Request<'_>) -> Result<Presigned, SignError> {
        require(request.headers, "host")?;
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.ok_or(SignError::InvalidHeader("host"))?;
        let mut query = request.query.to_vec();
        if let Some(token) = self.credentials.token() {
            query.push((self.token_name.as_str().to_owned(), token.to_owned()));
        }
        let (items, signature) = self.compute(&Request {
            query: &query,
            ..*request
        });
        let pairs = query.iter().map(|(key, value)| (key.as_str(), value));
        let pairs = pairs.chain(items.iter().map(|(key, value)| (*key, value)));
        let url = format!(
            "{scheme}://{host}{}?{}",
            encode::path(request.path),
            encode::query(pairs)
        );
        Ok(Presigned { url, signature })
    }

    /// The items of the signature, with their values as the header form has them.
    fn compute(&self, request: &Request<'_>) -> ([(&'static str, String); 7], Signature) {
        let canonical = Canonical::new(request, None, is_signed, |_| true);
        let times = self.window.to_string();
        let string_to_sign = string_to_sign(&times, &canonical.http_string);
        let sign_key = sign_key(self.credentials.secret_key(), &times);
        let items = [
            ("q-sign-algorithm", "sha1".to_owned()),
            ("q-ak", self.credentials.secret_id().to_owned()),
            ("q-sign-time", times.clone()),
            ("q-key-time", times),
            ("q-header-list", canonical.header_list),
            ("q-url-param-list", canonical.param_list),
            (
                "q-signature",
                mac_hex(signature_mac(&sign_key, &string_to_sign)),
            ),
        ];
        let authorization = items
            .each_ref()
            .map(|(key, value)| format!("{key}={value}"))
            .join("&");
        (
            items,
            Signature {
                authorization,
                http_string: canonical.http_string,
                string_to_sign,
            },
        )
    }
}

/// Whether the service's SDKs sign this header, given in lower case.
fn is_signed(name: &str) -> bool {
    SIGNED_HEADERS.contains(&name) || name.starts_with("x-cos-") || name.starts_with("x-ci-")
}

/// The canonical text of a request with the lists of what it covers.
struct Canonical {
    http_string: String,
    header_list: String,
    param_list: String,
}

impl Canonical {
    /// Selects by encoded, lower-case name; `host` replaces the value of that header.
    fn new(
        request: &Request<'_>,
        host: Option<&[u8]>,
        covers_header: impl Fn(&str) -> bool,
        covers_param: impl Fn(&str) -> bool,
    ) -> Self {
        let headers = request.headers.iter().map(|(name, value)| {
            let sent = value.as_bytes().trim_ascii();
            (
                name.as_str(),
                if name == HOST {
                    host.unwrap_or(sent)
                } else {
                    sent
                },
            )
        });
        let params = request
            .query
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_bytes()));
        let (header_list, headers) = select(headers, covers_header);
        let (param_list, params) = select(params, covers_param);
        let method = request.method.as_str().to_ascii_lowercase();
        let http_string = format!("{method}\n{}\n{params}\n{headers}\n", request.path);
        Self {
            http_string,
            header_list,
            param_list,
        }
    }
}

/// The list of covered names and the text `name=value&…`, both sorted by name; values of one name
/// keep their order.
fn select<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
    covers: impl Fn(&str) -> bool,
) -> (String, String) {
    let mut items: Vec<_> = pairs
        .map(|(name, value)| (encode::component(name).to_ascii_lowercase(), value))
        .filter(|(name, _)| covers(name))
        .collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let names: Vec<_> = items.iter().map(|(name, _)| name.as_str()).collect();
    let pairs: Vec<_> = items
        .iter()
        .map(|(name, value)| format!("{name}={}", encode::component(value)))
        .collect();
    (names.join(";"), pairs.join("&"))
}

fn string_to_sign(times: &str, http_string: &str) -> String {
    format!("sha1\n{times}\n{}\n", sha1_hex(http_string.as_bytes()))
}

/// The key is the hexadecimal text, not the bytes it stands for.
fn sign_key(secret_key: &str, key_time: &str) -> String {
    mac_hex(mac::<HmacSha1>(secret_key.as_bytes(), key_time.as_bytes()))
}

fn signature_mac(sign_key: &str, string_to_sign: &str) -> HmacSha1 {
    mac(sign_key.as_bytes(), string_to_sign.as_bytes())
}
