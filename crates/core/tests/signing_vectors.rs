//! Signatures made by the vendor's own SDKs: ours must be the same, and a server must accept
//! them and refuse them once a single byte has changed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helper functions too"
)]

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use tcloud_core::credentials::Credentials;
use tcloud_core::sign::{Policy, Rejection, encode, qsign, tc3};

fn vectors(text: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(text).unwrap();
    let vectors = document["vectors"].as_array().unwrap().clone();
    assert!(!vectors.is_empty());
    vectors
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer}"))
}

fn number(value: &Value, pointer: &str) -> i64 {
    value
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_else(|| panic!("no number at {pointer}"))
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    serde_json::from_value(value.clone()).unwrap()
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
    headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
}

fn credentials(vector: &Value) -> Credentials {
    Credentials::new(
        text(vector, "/input/secret_id"),
        text(vector, "/input/secret_key"),
    )
}

fn window(vector: &Value) -> qsign::Window {
    qsign::Window::new(number(vector, "/input/start"), number(vector, "/input/end"))
}

fn method(vector: &Value) -> Method {
    text(vector, "/input/method").parse().unwrap()
}

/// Every text that differs from `text` in one byte and is still ASCII where `text` is.
fn tampered(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.char_indices()
        .filter(|(_, c)| c.is_ascii())
        .map(|(at, c)| {
            let other = char::from(u8::try_from(c).unwrap() ^ 1);
            (at, format!("{}{other}{}", &text[..at], &text[at + 1..]))
        })
}

/// The request of a q-sign vector as a server receives it.
struct Received {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    secret_id: String,
    secret_key: String,
    now: i64,
}

impl Received {
    fn new(vector: &Value) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs(&vector["input"]["headers_sent"]) {
            set(&mut headers, &name, &value);
        }
        set(
            &mut headers,
            "host",
            text(vector, "/input/wire_url").split('/').nth(2).unwrap(),
        );
        set(
            &mut headers,
            "authorization",
            text(vector, "/expected/authorization"),
        );
        Self {
            method: method(vector),
            path: encode::decode_path(text(vector, "/input/wire_path")).unwrap(),
            query: encode::decode_query(text(vector, "/input/wire_query")).unwrap(),
            headers,
            secret_id: text(vector, "/input/secret_id").to_owned(),
            secret_key: text(vector, "/input/secret_key").to_owned(),
            now: number(vector, "/input/now"),
        }
    }

    fn request(&self) -> qsign::Request<'_> {
        let Self {
            method,
            path,
            query,
            headers,
            ..
        } = self;
        qsign::Request {
            method,
            path,
            query,
            headers,
        }
    }

    fn check(&self) -> Result<(), Rejection> {
        let signed = qsign::Authorization::from_request(&self.request())?;
        let secret = (signed.access_key_id() == self.secret_id).then_some(self.secret_key.as_str());
        signed.verify(
            &self.request(),
            secret,
            self.now,
            Policy::COS.with_require_host(true),
        )
    }
}

fn qsign_vectors() -> Vec<Value> {
    [
        include_str!("vectors/qsign_vectors.json"),
        include_str!("vectors/qsign_node_vectors.json"),
    ]
    .into_iter()
    .flat_map(vectors)
    .collect()
}

#[test]
fn qsign_every_text_is_the_sdks() {
    for vector in qsign_vectors() {
        let received = Received::new(&vector);
        let mut headers = received.headers.clone();
        headers.remove(AUTHORIZATION);
        let credentials = credentials(&vector);
        let signer = qsign::Signer::new(&credentials, qsign::TokenName::Cos, window(&vector));
        let params = pairs(&vector["input"]["params_to_sign"]);
        let path = text(&vector, "/input/signing_path");
        let signature = signer
            .authorize(&received.method, path, &params, &mut headers)
            .unwrap();
        let name = text(&vector, "/name");
        // Only the Python SDK shows how it comes to its signature.
        if vector["intermediate"].is_object() {
            let (http_string, to_sign) =
                ("/intermediate/http_string", "/intermediate/string_to_sign");
            assert_eq!(signature.http_string, text(&vector, http_string), "{name}");
            assert_eq!(signature.string_to_sign, text(&vector, to_sign), "{name}");
        }
        assert_eq!(
            signature.authorization,
            text(&vector, "/expected/authorization"),
            "{name}"
        );
        assert_eq!(headers, received.headers, "{name}");
    }
}

#[test]
fn qsign_what_the_sdk_sends_is_accepted() {
    for vector in qsign_vectors() {
        let received = Received::new(&vector);
        assert_eq!(received.path, text(&vector, "/input/signing_path"));
        assert_eq!(received.check(), Ok(()), "{}", text(&vector, "/name"));
    }
}

#[test]
fn qsign_one_changed_byte_is_refused() {
    for vector in qsign_vectors() {
        let name = text(&vector, "/name");
        let mut received = Received::new(&vector);
        let authorization = text(&vector, "/expected/authorization");
        // When both validities are readable, that of the key alone may be the signed one, so that
        // a change of the other is no forgery.
        let sign_time =
            authorization.find("q-sign-time=").unwrap()..authorization.find("&q-key-time").unwrap();
        for (at, other) in tampered(authorization).filter(|(at, _)| !sign_time.contains(at)) {
            set(&mut received.headers, "authorization", &other);
            assert!(
                received.check().is_err(),
                "{name}: authorization, byte {at}: {other}"
            );
        }
        set(&mut received.headers, "authorization", authorization);

        let path = received.path.clone();
        for (_, other) in tampered(&path) {
            received.path = other;
            assert!(received.check().is_err(), "{name}: path {}", received.path);
        }
        received.path = path;

        let signed_params = pairs(&vector["input"]["params_to_sign"]);
        for index in 0..received.query.len() {
            let (key, value) = received.query[index].clone();
            if !signed_params.iter().any(|(signed, _)| *signed == key) {
                continue;
            }
            for (_, other) in tampered(&value) {
                received.query[index].1 = other;
                assert!(
                    received.check().is_err(),
                    "{name}: {:?}",
                    received.query[index]
                );
            }
            received.query[index].1 = value;
            for (_, other) in tampered(&key) {
                received.query[index].0 = other;
                assert!(
                    received.check().is_err(),
                    "{name}: {:?}",
                    received.query[index]
                );
            }
            received.query[index].0 = key;
        }

        for (header, value) in pairs(&vector["input"]["headers_to_sign"]) {
            for (_, other) in tampered(&value) {
                set(&mut received.headers, &header, &other);
                assert!(received.check().is_err(), "{name}: {header}: {other}");
            }
            received.headers.remove(header.as_str());
            assert!(received.check().is_err(), "{name}: without {header}");
            set(&mut received.headers, &header, &value);
        }
        assert_eq!(
            received.check(),
            Ok(()),
            "{name}: everything has been put back"
        );
    }
}

#[test]
fn qsign_presigned_urls_are_the_sdks() {
    for vector in vectors(include_str!("vectors/qsign_presigned_vectors.json")) {
        let name = text(&vector, "/name");
        let mut headers = HeaderMap::new();
        for (header, value) in pairs(&vector["input"]["headers"]) {
            set(&mut headers, &header, &value);
        }
        let method = method(&vector);
        let path = text(&vector, "/input/signing_path");
        let query = pairs(&vector["input"]["params_to_sign"]);
        let request = qsign::Request {
            method: &method,
            path,
            query: &query,
            headers: &headers,
        };
        let credentials = credentials(&vector);
        let signer = qsign::Signer::new(&credentials, qsign::TokenName::Cos, window(&vector));
        let ours = signer.presign("https", &request).unwrap().url;
        let expected = text(&vector, "/expected/url");

        let (our_path, our_query) = ours.split_once('?').unwrap();
        let (their_path, their_query) = expected.split_once('?').unwrap();
        let sorted = |query: &str| {
            let mut items: Vec<_> = query.split('&').map(str::to_owned).collect();
            items.sort();
            items
        };
        assert_eq!(our_path, their_path, "{name}");
        assert_eq!(
            sorted(our_query),
            sorted(their_query),
            "{name}: the order of items is free"
        );

        let query = encode::decode_query(their_query).unwrap();
        let received = qsign::Request {
            query: &query,
            ..request
        };
        let found = qsign::Authorization::from_request(&received).unwrap();
        let now = number(&vector, "/input/now");
        let secret = Some(credentials.secret_key());
        assert_eq!(
            found.verify(&received, secret, now, Policy::COS),
            Ok(()),
            "{name}"
        );
        let late = number(&vector, "/input/end") + 1;
        assert!(
            matches!(
                found.verify(&received, secret, late, Policy::COS),
                Err(Rejection::Expired { .. })
            ),
            "{name}"
        );
    }
}

fn tc3_vectors() -> Vec<Value> {
    [
        include_str!("vectors/tc3_vectors.json"),
        include_str!("vectors/tc3_action_vectors.json"),
    ]
    .into_iter()
    .flat_map(vectors)
    .collect()
}

fn tc3_headers(vector: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in vector["headers_sent"].as_object().unwrap() {
        set(&mut headers, name, value.as_str().unwrap());
    }
    headers
}

fn tc3_check(
    vector: &Value,
    query: &str,
    headers: &HeaderMap,
    payload: &str,
) -> Result<(), Rejection> {
    let request = tc3::Request {
        method: &method(vector),
        query,
        headers,
        payload: payload.as_bytes(),
    };
    let signed = tc3::Authorization::from_request(&request)?;
    let secret = (signed.access_key_id() == text(vector, "/input/secret_id"))
        .then(|| text(vector, "/input/secret_key"));
    signed.verify(
        &request,
        secret,
        number(vector, "/input/timestamp"),
        Policy::TC3,
    )
}

#[test]
fn tc3_every_text_is_the_sdks() {
    for vector in tc3_vectors() {
        let expected = tc3_headers(&vector);
        let mut headers = expected.clone();
        for name in [
            "authorization",
            "x-tc-timestamp",
            "x-tc-token",
            "x-tc-content-sha256",
        ] {
            headers.remove(name);
        }
        let mut credentials = credentials(&vector);
        if let Some(token) = vector["input"]["token"].as_str() {
            credentials = credentials.with_token(token);
        }
        let (service, time) = (
            text(&vector, "/input/service"),
            number(&vector, "/input/timestamp"),
        );
        let mut signer = tc3::Signer::new(&credentials, service, time);
        if vector["input"]["unsigned_payload"] == true {
            signer = signer.with_unsigned_payload();
        }
        if text(&vector, "/expected/authorization").contains("x-tc-action") {
            signer = signer.with_signed_action();
        }
        let (query, body) = (text(&vector, "/input/query"), text(&vector, "/input/body"));
        let signature = signer
            .authorize(&method(&vector), query, &mut headers, body.as_bytes())
            .unwrap();
        let name = text(&vector, "/name");
        assert_eq!(
            signature.http_string,
            text(&vector, "/intermediate/canonical_request"),
            "{name}"
        );
        assert_eq!(
            signature.string_to_sign,
            text(&vector, "/intermediate/string_to_sign"),
            "{name}"
        );
        assert_eq!(
            signature.authorization,
            text(&vector, "/expected/authorization"),
            "{name}"
        );
        assert_eq!(headers, expected, "{name}");
    }
}

#[test]
fn tc3_what_the_sdk_sends_is_accepted_and_one_changed_byte_refused() {
    for vector in tc3_vectors() {
        let name = text(&vector, "/name");
        let (query, body) = (text(&vector, "/input/query"), text(&vector, "/input/body"));
        let mut headers = tc3_headers(&vector);
        assert_eq!(tc3_check(&vector, query, &headers, body), Ok(()), "{name}");

        for (_, other) in tampered(query) {
            assert!(
                tc3_check(&vector, &other, &headers, body).is_err(),
                "{name}: {other}"
            );
        }
        let covered = vector["input"]["unsigned_payload"] == false;
        for (_, other) in tampered(body) {
            assert_eq!(
                tc3_check(&vector, query, &headers, &other).is_err(),
                covered,
                "{name}: {other}"
            );
        }
        for header in [AUTHORIZATION, HOST, http::header::CONTENT_TYPE] {
            let value = headers[&header].clone();
            for (_, other) in tampered(value.to_str().unwrap()) {
                set(&mut headers, header.as_str(), &other);
                assert!(
                    tc3_check(&vector, query, &headers, body).is_err(),
                    "{name}: {header}: {other}"
                );
            }
            headers.remove(&header);
            assert!(
                tc3_check(&vector, query, &headers, body).is_err(),
                "{name}: without {header}"
            );
            headers.insert(header, value);
        }
        let time = number(&vector, "/input/timestamp");
        set(&mut headers, "x-tc-timestamp", &(time + 1).to_string());
        assert!(
            tc3_check(&vector, query, &headers, body).is_err(),
            "{name}: another second"
        );
    }
}
