//! What a service says when it refuses, and the error it becomes.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::redirect;
use super::reply::Reply;
use crate::codec::xml;
use crate::error::{Error, ErrorKind, Meaning};
use crate::operation::Operation;
use crate::sign::{Signature, explain};

/// Most characters of a code or an id, and of what else a service says when it refuses.
pub(super) const WORD: usize = 128;
pub(super) const SENTENCES: usize = 4_096;

/// The beginning of what a service says: errors are kept and logged.
pub(super) fn short(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// What a service says when it refuses.
#[derive(Default)]
pub(super) struct Refusal {
    code: Option<String>,
    /// The service's own words, if it had any.
    message: Option<String>,
    request_id: Option<String>,
    /// The text the service says the signature should cover, where it says so.
    canonical: Option<String>,
    /// The host that the service says should be asked, where it says so.
    endpoint: Option<String>,
}

impl Refusal {
    /// A refusal by `code`, as far as the service names one.
    pub(super) fn new(code: Option<String>, message: Option<String>) -> Self {
        Self {
            code: code.filter(|code| !code.is_empty()),
            message: message.filter(|message| !message.is_empty()),
            ..Self::default()
        }
    }

    /// A refusal whose body is not the service's: that of a HEAD request has none, and a proxy
    /// answers with a page.
    pub(super) fn without_document(text: &str) -> Self {
        Self::new(None, Some(snippet(text)))
    }

    /// A refusal of Object Storage or Cloud Infinite. Some of their interfaces speak JSON: vector
    /// buckets, fetched objects, searches.
    pub(super) fn of_document(text: &str) -> Self {
        let text_of = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        match xml::decode_any(text) {
            Ok((root, value)) if root == "Error" => Self {
                code: text_of(&value, "Code"),
                message: text_of(&value, "Message"),
                request_id: text_of(&value, "RequestId"),
                canonical: text_of(&value, "FormatString")
                    .or_else(|| text_of(&value, "HttpString")),
                endpoint: text_of(&value, "Endpoint"),
            },
            _ => Self::of_json(text).unwrap_or_else(|| Self::without_document(text)),
        }
    }

    /// A refusal in JSON: code and message, whose names begin with a small letter or a capital.
    fn of_json(text: &str) -> Option<Self> {
        let members: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
        let text_of = |names: &[&str]| {
            let text = match names.iter().find_map(|name| members.get(*name))? {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            (!text.is_empty()).then_some(text)
        };
        let refusal = Self {
            code: text_of(&["code", "Code"]),
            message: text_of(&["message", "Message"]),
            request_id: text_of(&["request_id", "requestId", "RequestId"]),
            ..Self::default()
        };
        (refusal.code.is_some() || refusal.message.is_some()).then_some(refusal)
    }

    /// The error of a call of `operation`, signed by `signature` where that is known, that was refused by an answer
    /// with the head of `reply`.
    pub(super) fn into_error(
        self,
        operation: &Operation,
        signature: Option<&Signature>,
        idempotent: bool,
        reply: &Reply<()>,
    ) -> Error {
        // An answer to HEAD has no document, and one in JSON may have a number.
        let code = code_in(&reply.headers).or_else(|| self.code.clone());
        let meaning = Meaning::of(Some(reply.status), code.as_deref());
        let throttled = meaning == Some(Meaning::Throttled);
        let passing = is_passing(reply.status) || code.as_deref().is_some_and(is_passing_code);
        let (message, next) = match &self.message {
            Some(message) => (message.clone(), None),
            None => of_status(reply.status, meaning),
        };
        let advice = if redirect::is_one(reply.status) {
            Some(redirect::advice(&reply.headers, self.endpoint.as_deref()))
        } else {
            advice(operation, signature, code.as_deref(), &self).or_else(|| next.map(str::to_owned))
        };
        let id = self.request_id.map(|id| short(id, WORD));
        let mut error = Error::new(ErrorKind::Service, short(message, SENTENCES))
            .with_status(reply.status)
            .with_request_id(id.or_else(|| reply.request_id.clone()))
            .retryable(throttled || (passing && idempotent))
            .after(retry_after(&reply.headers));
        if let Some(code) = code {
            error = error.with_code(short(code, WORD));
        }
        match advice {
            Some(advice) => error.advise(short(advice, SENTENCES)),
            None => error,
        }
    }
}

/// The code that a service names in a header.
fn code_in(headers: &HeaderMap) -> Option<String> {
    let code = headers.get("x-cos-error-code")?.to_str().ok()?;
    (!code.is_empty()).then(|| code.to_owned())
}

/// What a status means where the service says nothing else, as it is for HEAD, and what to look at.
fn of_status(status: StatusCode, meaning: Option<Meaning>) -> (String, Option<&'static str>) {
    let (message, next) = match (meaning, status) {
        (Some(Meaning::NotFound), _) => (
            "there is nothing of this name",
            "check the names in the request, the bucket and the region",
        ),
        (Some(Meaning::AccessDenied), _) => (
            "the key may not do this",
            "check the permissions of the key, the policy of the bucket and this machine's clock",
        ),
        (Some(Meaning::Throttled), _) => (
            "there are too many requests",
            "send fewer at a time, or ask for a higher limit",
        ),
        (Some(Meaning::Conflict), _) => (
            "the request conflicts with what is there",
            "look at what is there, and whether someone else is changing it",
        ),
        (None, StatusCode::NOT_MODIFIED) => (
            "nothing has changed",
            "this is what a condition of the request asks for: keep what you have",
        ),
        (None, StatusCode::PRECONDITION_FAILED) => (
            "a condition of the request does not hold",
            "look at what is there now, and at the `If-…` headers of the request",
        ),
        (None, StatusCode::RANGE_NOT_SATISFIABLE) => (
            "the range is beyond the end",
            "compare the range with the size of the object",
        ),
        (None, StatusCode::METHOD_NOT_ALLOWED) => (
            "the operation is not allowed here",
            "check the endpoint, and whether the object is deleted or archived",
        ),
        (None, status) if status.is_redirection() => (
            "it is at another address",
            "check the region of the bucket and the endpoint",
        ),
        (None, status) if status.is_server_error() => (
            "the service has failed",
            "try again later; its support needs the request's id",
        ),
        (None, StatusCode::BAD_REQUEST) => (
            "the service takes the request for wrong, and does not say why",
            "check the request's values; where the same is read by GET, its answer says more",
        ),
        (None, _) => return (unknown(status), None),
    };
    (message.to_owned(), Some(next))
}

fn unknown(status: StatusCode) -> String {
    let name = status.canonical_reason().unwrap_or("an unknown status");
    format!("the service answered \"{name}\" and no more")
}

fn snippet(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    line.trim().to_owned()
}

/// Whether a status says that the service may be well again soon.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// The same said by a code, where the status is one of success.
fn is_passing_code(code: &str) -> bool {
    code.starts_with("InternalError") || code == "ServiceUnavailable"
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

pub(super) fn is_clock_error(error: &Error) -> bool {
    match error.code() {
        Some("RequestTimeTooSkewed" | "AuthFailure.SignatureExpire" | "SignatureExpired") => true,
        // What COS says to a clock that is slow: the signature was over before it was sent.
        Some("AccessDenied") => error.message().contains("has expired"),
        _ => false,
    }
}

fn advice(
    operation: &Operation,
    signature: Option<&Signature>,
    code: Option<&str>,
    refusal: &Refusal,
) -> Option<String> {
    let message = refusal.message.as_deref().unwrap_or_default();
    match code? {
        "SignatureDoesNotMatch" | "AuthFailure.SignatureFailure" => {
            let difference = refusal
                .canonical
                .as_deref()
                .zip(signature)
                .and_then(|(theirs, own)| explain::first_difference(&own.http_string, theirs));
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
        "AccessDenied" if message.contains("has expired") => {
            Some("set this machine's clock".to_owned())
        }
        "AccessDenied" | "UnauthorizedOperation"
            if signature.is_some_and(|it| it.string_to_sign.is_empty()) =>
        {
            Some(
                "the call was anonymous: only what everyone may do is done without credentials"
                    .to_owned(),
            )
        }
        "AccessDenied" | "UnauthorizedOperation" | "AuthFailure.UnauthorizedOperation"
            if !operation.permission.is_empty() =>
        {
            Some(format!(
                "if the key lacks the permission {}, grant it",
                operation.permission
            ))
        }
        _ => None,
    }
}
