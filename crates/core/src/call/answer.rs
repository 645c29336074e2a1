//! From an HTTP response to an output or an error.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Head;
use super::execute::is_passing;
use crate::body::Body;
use crate::codec::{self, json, xml};
use crate::error::{Error, ErrorKind};
use crate::node::Node;
use crate::operation::{BodyFormat, Operation, Protocol};
use crate::sign::{Signature, explain};

/// Larger answers are not read into memory. Raw bodies are streamed and have no bound.
const LIMIT: usize = 64 * 1024 * 1024;

pub(super) struct Answered {
    pub(super) head: Head,
    pub(super) body: Body,
}

pub(super) async fn read(
    operation: &'static Operation,
    response: Response<Body>,
    signature: &Signature,
    idempotent: bool,
    output: &mut dyn Node,
) -> Result<Answered, Error> {
    let (parts, body) = response.into_parts();
    let mut head = Head {
        status: parts.status,
        request_id: request_id(&parts.headers),
        headers: parts.headers,
        ..Head::default()
    };
    if operation.response_body == BodyFormat::Raw && head.status.is_success() {
        fill_headers(&mut head, output);
        return Ok(Answered { head, body });
    }
    let bytes = body.collect(LIMIT).await.map_err(|error| {
        Error::new(
            ErrorKind::Response,
            format!("the answer could not be read: {error}"),
        )
        .with_status(head.status)
        .with_request_id(head.request_id.clone())
        .retryable(idempotent)
        .caused_by(error)
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let outcome = match operation.service.protocol {
        Protocol::Tc3 => read_tc3(operation, &mut head, &text, output),
        Protocol::Cos | Protocol::Ci => read_xml(operation, &mut head, &text, output),
    };
    outcome.map_err(|error| explained(operation, signature, idempotent, &head, error))?;
    fill_headers(&mut head, output);
    Ok(Answered {
        head,
        body: Body::empty(),
    })
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-ci-request-id", "x-cos-request-id", "x-tc-requestid"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned)
}

fn fill_headers(head: &mut Head, output: &mut dyn Node) {
    let headers = head.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
    });
    let drift = codec::fill_headers(output, headers);
    head.drift.extend(drift);
}

/// Most characters of a code or an id, and of what else a service says when it refuses.
const WORD: usize = 128;
const SENTENCES: usize = 4_096;

/// The beginning of what a service says: errors are kept and logged.
fn short(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// What a service says when it refuses.
#[derive(Default)]
struct Refusal {
    code: String,
    message: String,
    request_id: Option<String>,
    /// The text the service says the signature should cover, where it says so.
    canonical: Option<String>,
}

fn read_xml(
    operation: &Operation,
    head: &mut Head,
    text: &str,
    output: &mut dyn Node,
) -> Result<(), Failure> {
    // A copy may fail behind a status of 200.
    if !head.status.is_success() || root_of(text) == Some("Error") {
        return Err(Failure::Refused(xml_refusal(head, text)));
    }
    match operation.response_body {
        BodyFormat::Xml(root) => {
            let drift = xml::decode(text, root, output).map_err(Failure::Unreadable)?;
            head.drift.extend(drift);
        }
        BodyFormat::Json => {
            let drift = json::decode(text, "", output).map_err(Failure::Unreadable)?;
            head.drift.extend(drift);
        }
        BodyFormat::Empty | BodyFormat::Raw => {}
    }
    Ok(())
}

/// The name of the root element, if the text looks like a document.
fn root_of(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("<?") || rest.starts_with("<!--") {
        let end = if rest.starts_with("<?") { "?>" } else { "-->" };
        rest = rest.split_once(end)?.1.trim_start();
    }
    rest.strip_prefix('<')?
        .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .next()
}

fn xml_refusal(head: &Head, text: &str) -> Refusal {
    let text_of = |value: &Value, name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    match xml::decode_any(text) {
        Ok((root, value)) if root == "Error" => Refusal {
            code: text_of(&value, "Code").unwrap_or_default(),
            message: text_of(&value, "Message").unwrap_or_default(),
            request_id: text_of(&value, "RequestId"),
            canonical: text_of(&value, "FormatString").or_else(|| text_of(&value, "HttpString")),
        },
        // A HEAD request's refusal has no body; a proxy's is not the service's.
        _ => Refusal {
            code: code_of(head.status).to_owned(),
            message: snippet(text),
            ..Refusal::default()
        },
    }
}

/// A name for a refusal that has none.
fn code_of(status: StatusCode) -> &'static str {
    status
        .canonical_reason()
        .unwrap_or("the service answered with an unknown status")
}

fn snippet(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    if line.trim().is_empty() {
        "the service gave no reason".to_owned()
    } else {
        line.trim().to_owned()
    }
}

#[derive(Deserialize)]
struct Wrapper<'a> {
    #[serde(rename = "Response", borrow)]
    response: &'a RawValue,
}

#[derive(Deserialize, Default)]
struct Tc3Response {
    #[serde(rename = "Error")]
    error: Option<Tc3Error>,
    #[serde(rename = "RequestId", default)]
    request_id: Option<String>,
}

#[derive(Deserialize, Default)]
struct Tc3Error {
    #[serde(rename = "Code")]
    code: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

fn read_tc3(
    operation: &Operation,
    head: &mut Head,
    text: &str,
    output: &mut dyn Node,
) -> Result<(), Failure> {
    let wrapper: Wrapper<'_> = match serde_json::from_str(text) {
        Ok(wrapper) => wrapper,
        Err(_) if !head.status.is_success() => {
            return Err(Failure::Refused(Refusal {
                code: code_of(head.status).to_owned(),
                message: snippet(text),
                ..Refusal::default()
            }));
        }
        Err(error) => {
            return Err(Failure::Unreadable(codec::CodecError::new(
                "Response".to_owned(),
                short(error.to_string(), SENTENCES),
            )));
        }
    };
    let inner = wrapper.response.get();
    let response: Tc3Response = serde_json::from_str(inner).unwrap_or_default();
    let id = response.request_id.map(|id| short(id, WORD));
    head.request_id = id.or(head.request_id.take());
    if response.error.is_some() || !head.status.is_success() {
        let error = response.error.unwrap_or_default();
        return Err(Failure::Refused(Refusal {
            code: error
                .code
                .unwrap_or_else(|| code_of(head.status).to_owned()),
            message: error.message.unwrap_or_else(|| snippet("")),
            ..Refusal::default()
        }));
    }
    if operation.response_body == BodyFormat::Json {
        let drift = json::decode(inner, "Response", output).map_err(Failure::Unreadable)?;
        head.drift.extend(drift);
    }
    Ok(())
}

enum Failure {
    Refused(Refusal),
    Unreadable(codec::CodecError),
}

fn explained(
    operation: &Operation,
    signature: &Signature,
    idempotent: bool,
    head: &Head,
    failure: Failure,
) -> Error {
    match failure {
        Failure::Unreadable(error) => Error::new(
            ErrorKind::Response,
            format!("the answer cannot be read: {error}"),
        )
        .with_status(head.status)
        .with_request_id(head.request_id.clone())
        .caused_by(error),
        Failure::Refused(refusal) => {
            let throttled = is_throttle(head.status, &refusal.code);
            let passing = is_passing(head.status) || refusal.code.starts_with("InternalError");
            let advice = advice(operation, signature, &refusal);
            let id = refusal.request_id.map(|id| short(id, WORD));
            let error = Error::new(ErrorKind::Service, short(refusal.message, SENTENCES))
                .with_status(head.status)
                .with_code(short(refusal.code, WORD))
                .with_request_id(id.or_else(|| head.request_id.clone()))
                .retryable(throttled || (passing && idempotent))
                .after(retry_after(&head.headers));
            match advice {
                Some(advice) => error.advise(short(advice, SENTENCES)),
                None => error,
            }
        }
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The service refused to look at the request at all: it had no effect.
fn is_throttle(status: StatusCode, code: &str) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || code == "SlowDown"
        || code == "RequestLimitExceeded"
        || code.starts_with("RequestLimitExceeded.")
}

pub(super) fn is_clock_error(error: &Error) -> bool {
    match error.code() {
        Some("RequestTimeTooSkewed" | "AuthFailure.SignatureExpire" | "SignatureExpired") => true,
        // What COS says to a clock that is slow: the signature was over before it was sent.
        Some("AccessDenied") => error.message().contains("expired"),
        _ => false,
    }
}

fn advice(operation: &Operation, signature: &Signature, refusal: &Refusal) -> Option<String> {
    match refusal.code.as_str() {
        "SignatureDoesNotMatch" | "AuthFailure.SignatureFailure" => {
            let difference = refusal
                .canonical
                .as_deref()
                .and_then(|theirs| explain::first_difference(&signature.http_string, theirs));
            Some(match difference {
                Some(difference) => difference.to_string(),
                None => "check that the secret key belongs to the secret id".to_owned(),
            })
        }
        "InvalidAccessKeyId" | "SecretidNotExist" | "AuthFailure.SecretIdNotFound" => {
            Some("check the secret id: it may be mistyped, deleted or of another site".to_owned())
        }
        "RequestTimeTooSkewed" | "AuthFailure.SignatureExpire" | "SignatureExpired" => {
            Some("set this machine's clock".to_owned())
        }
        "AccessDenied" if refusal.message.contains("expired") => {
            Some("set this machine's clock".to_owned())
        }
        "AccessDenied" | "UnauthorizedOperation" if !operation.permission.is_empty() => {
            Some(format!(
                "if the key lacks the permission {}, grant it",
                operation.permission
            ))
        }
        _ => None,
    }
}
