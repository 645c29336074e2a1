//! The texts that a signature is made of.

use std::fmt;

use http::header::HOST;
use http::{HeaderMap, Method};

use crate::sign::digest::{HmacSha1, mac, mac_hex, sha1_hex};
use crate::sign::encode;

/// What q-sign covers of a request. `Debug` shows no part that may hold a secret.
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

/// The canonical text of a request with the lists of what it covers.
pub(super) struct Canonical {
    pub(super) http_string: String,
    pub(super) header_list: String,
    pub(super) param_list: String,
}

impl Canonical {
    /// Selects by encoded, lower-case name; `host` replaces the value of that header.
    pub(super) fn new(
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
        let method = request.method.as_str();
        let parts = [method, request.path, &params, &headers];
        let length: usize = parts.iter().map(|part| part.len().saturating_add(1)).sum();
        let mut http_string = String::with_capacity(length);
        http_string.push_str(method);
        http_string.make_ascii_lowercase();
        for part in [request.path, &params, &headers] {
            http_string.push('\n');
            http_string.push_str(part);
        }
        http_string.push('\n');
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
        .map(|(name, value)| (encode::lower_name(name), value))
        .filter(|(name, _)| covers(name))
        .collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (mut list, mut text) = (String::new(), String::new());
    for (name, value) in items {
        if !text.is_empty() {
            list.push(';');
            text.push('&');
        }
        list.push_str(&name);
        text.push_str(&name);
        text.push('=');
        encode::push(&mut text, value);
    }
    (list, text)
}

pub(super) fn string_to_sign(times: &str, http_string: &str) -> String {
    format!("sha1\n{times}\n{}\n", sha1_hex(http_string.as_bytes()))
}

/// The key is the hexadecimal text, not the bytes it encodes.
pub(super) fn sign_key(secret_key: &str, key_time: &str) -> String {
    mac_hex(mac::<HmacSha1>(secret_key.as_bytes(), key_time.as_bytes()))
}

pub(super) fn signature_mac(sign_key: &str, string_to_sign: &str) -> HmacSha1 {
    mac(sign_key.as_bytes(), string_to_sign.as_bytes())
}
