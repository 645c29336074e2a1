//! Striking secrets out of what a cassette keeps.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, DATE, HOST, HeaderMap,
    HeaderName, PROXY_AUTHORIZATION, SET_COOKIE, TRANSFER_ENCODING, USER_AGENT,
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::codec::{self, SECRET, xml};
use crate::operation::{BodyFormat, Operation, Protocol};
use crate::schema::{Flags, Structure};

/// Headers that say nothing of what is asked for, differ from run to run, or sign.
const LEFT_OUT: [HeaderName; 10] = [
    ACCEPT_ENCODING,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    COOKIE,
    HOST,
    PROXY_AUTHORIZATION,
    SET_COOKIE,
    TRANSFER_ENCODING,
    USER_AGENT,
];

const TOKENS: [&str; 4] = [
    "x-cos-security-token",
    "x-ci-security-token",
    "x-tc-token",
    "x-tc-timestamp",
];

/// Whether a query parameter is part of a signature.
pub(super) fn is_signature(name: &str) -> bool {
    const PARTS: [&str; 8] = [
        "q-sign-algorithm",
        "q-ak",
        "q-sign-time",
        "q-key-time",
        "q-header-list",
        "q-url-param-list",
        "q-signature",
        "sign",
    ];
    PARTS.contains(&name) || TOKENS.contains(&name)
}

pub(super) fn query(query: &str, operation: Option<&Operation>) -> String {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let kept = parts.filter_map(|part| {
        let name = part.split_once('=').map_or(part, |(name, _)| name);
        let decoded = percent_decode_str(name).decode_utf8_lossy();
        if is_signature(&decoded) {
            return None;
        }
        if operation.is_some_and(|operation| is_secret(operation.request, &decoded)) {
            return Some(Cow::Owned(format!("{name}={SECRET}")));
        }
        Some(Cow::Borrowed(part))
    });
    kept.collect::<Vec<_>>().join("&")
}

pub(super) fn request_headers(headers: &HeaderMap, operation: Option<&Operation>) -> Vec<String> {
    let mut lines = lines(headers, operation.map(|operation| operation.request));
    lines.sort();
    lines
}

pub(super) fn answer_headers(headers: &HeaderMap, operation: Option<&Operation>) -> Vec<String> {
    lines(headers, operation.map(|operation| operation.response))
}

fn lines(headers: &HeaderMap, table: Option<&Structure>) -> Vec<String> {
    let kept = headers.iter().filter(|(name, _)| {
        // An answer's date would set a clock right that is not wrong.
        !LEFT_OUT.contains(name) && !TOKENS.contains(&name.as_str()) && **name != DATE
    });
    kept.map(|(name, value)| {
        let secret =
            value.is_sensitive() || table.is_some_and(|table| is_secret(table, name.as_str()));
        let value = if secret {
            SECRET.into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        format!("{name}: {value}")
    })
    .collect()
}

fn is_secret(table: &Structure, name: &str) -> bool {
    table.fields().iter().any(|field| {
        field.flags.contains(Flags::SENSITIVE) && field.name.eq_ignore_ascii_case(name)
    })
}

pub(super) fn request_body<'a>(body: &'a [u8], operation: Option<&Operation>) -> Cow<'a, [u8]> {
    match operation {
        Some(operation) => document(body, operation.request_body, operation.request),
        None => Cow::Borrowed(body),
    }
}

pub(super) fn answer_body<'a>(
    status: u16,
    body: &'a [u8],
    operation: Option<&Operation>,
) -> Cow<'a, [u8]> {
    let Some(operation) = operation else {
        return Cow::Borrowed(body);
    };
    match operation.service.protocol {
        Protocol::Tc3 => wrapped(body, operation),
        Protocol::Cos | Protocol::Ci => match refusal(body) {
            Some(refusal) => Cow::Owned(refusal),
            None if (200..300).contains(&status) => {
                document(body, operation.response_body, operation.response)
            }
            // A page of a proxy.
            None => Cow::Borrowed(body),
        },
    }
}

/// A document without its secrets, to the letter as it was if it has none. Nothing is kept of one
/// that cannot be read, since what it holds is not known.
fn document<'a>(body: &'a [u8], format: BodyFormat, table: &'static Structure) -> Cow<'a, [u8]> {
    match format {
        BodyFormat::Raw => Cow::Borrowed(body),
        _ if body.is_empty() => Cow::Borrowed(body),
        _ => {
            let text = std::str::from_utf8(body).ok();
            match text.and_then(|text| codec::redacted(format, table, text)) {
                Some(redacted) => Cow::Owned(redacted.into_bytes()),
                None => Cow::Borrowed(&[]),
            }
        }
    }
}

/// A refusal in XML without the text that the service would have signed, which holds tokens.
fn refusal(body: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&str; 5] = ["Code", "Message", "Resource", "RequestId", "TraceId"];
    let (root, value) = xml::decode_any(std::str::from_utf8(body).ok()?).ok()?;
    if root != "Error" {
        return None;
    }
    let mut out = String::from("<Error>");
    for name in KEPT {
        if let Some(text) = value.get(name).and_then(Value::as_str) {
            let text = quick_xml::escape::escape(text);
            // Writing to a String cannot fail.
            let _ = write!(out, "<{name}>{text}</{name}>");
        }
    }
    out.push_str("</Error>");
    Some(out.into_bytes())
}

/// An answer of API 3.0.
fn wrapped<'a>(body: &'a [u8], operation: &Operation) -> Cow<'a, [u8]> {
    let parsed: Option<BTreeMap<String, Value>> = serde_json::from_slice(body).ok();
    let Some(response) = parsed.and_then(|mut parsed| parsed.remove("Response")) else {
        // A page of a proxy.
        return Cow::Borrowed(body);
    };
    let kept = if let Some(error) = response.get("Error") {
        let said = json!({ "Code": error.get("Code"), "Message": error.get("Message") });
        json!({ "Error": said, "RequestId": response.get("RequestId") }).to_string()
    } else {
        let text = response.to_string();
        codec::redacted(BodyFormat::Json, operation.response, &text).unwrap_or_default()
    };
    Cow::Owned(format!("{{\"Response\":{kept}}}").into_bytes())
}
