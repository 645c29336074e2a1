//! What is signed: a request in one form, however it was written.

use std::fmt::Write as _;

use http::{HeaderMap, Method};
use tcloud_core::sign::encode;

/// What a signature is over, as it arrived.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a Method,
    /// The decoded path.
    pub(crate) path: &'a str,
    /// The decoded parameters.
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a HeaderMap,
}

/// The text of `request` of which these headers are signed, with what is said of its body.
pub(super) fn canonical(request: &Request<'_>, signed_headers: &[String], payload: &str) -> String {
    let mut text = format!("{}\n", request.method);
    let segments: Vec<_> = request.path.split('/').map(encode::component).collect();
    text.push_str(&segments.join("/"));
    text.push('\n');
    let mut pairs: Vec<_> = request
        .query
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("X-Amz-Signature"))
        .map(|(name, value)| (encode::component(name), encode::component(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    text.push_str(&pairs.join("&"));
    text.push('\n');
    for name in signed_headers {
        let values = request.headers.get_all(name.as_str()).iter();
        let values: Vec<_> = values
            .map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                let words: Vec<_> = value.split_ascii_whitespace().collect();
                words.join(" ")
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}:{}", values.join(","));
    }
    let _ = write!(text, "\n{}\n{}", signed_headers.join(";"), payload);
    text
}

/// Headers and parameters of S3 whose values are secret.
const SECRETS: [&str; 3] = [
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-security-token",
    "x-amz-server-side-encryption-customer-key",
];

/// Whether the value of a header or of a parameter is secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let mut secrets = SECRETS.iter();
    secrets.any(|secret| name.eq_ignore_ascii_case(secret))
}

/// A canonical request as it can be shown: answers end up in logs.
pub(super) fn without_secrets(canonical: &str) -> String {
    let lines = canonical.split('\n').map(|line| {
        if let Some((name, _)) = line.split_once(':').filter(|(name, _)| is_secret(name)) {
            return format!("{name}:***");
        }
        let items = line.split('&').map(|item| match item.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=***"),
            _ => item.to_owned(),
        });
        items.collect::<Vec<_>>().join("&")
    });
    lines.collect::<Vec<_>>().join("\n")
}
