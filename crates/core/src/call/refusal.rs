//! What a service says when it refuses, and the error it becomes.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::redirect;
use super::reply::Reply;
use crate::codec::xml;
use crate::error::{Error, ErrorKind};
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
    code: String,
    message: String,
    request_id: Option<String>,
    /// The text the service says the signature should cover, where it says so.
    canonical: Option<String>,
    /// The host that the service says should be asked, where it says so.
    endpoint: Option<String>,
}

impl Refusal {
    /// A refusal by `code`, which is the status's own name where there is none.
    pub(super) fn new(status: StatusCode, code: Option<String>, message: Option<String>) -> Self {
        Self {
            code: code.unwrap_or_else(|| code_of(status).to_owned()),
            message: message.unwrap_or_else(|| snippet("")),
            ..Self::default()
        }
    }

    /// A refusal whose body is not the service's: that of a HEAD request has none, and a proxy
    /// answers with a page.
    pub(super) fn without_document(status: StatusCode, text: &str) -> Self {
        Self::new(status, None, Some(snippet(text)))
    }

    /// A refusal of Object Storage or Cloud Infinite.
    pub(super) fn of_xml(status: StatusCode, text: &str) -> Self {
        let text_of = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        match xml::decode_any(text) {
            Ok((root, value)) if root == "Error" => Self {
                code: text_of(&value, "Code").unwrap_or_default(),
                message: text_of(&value, "Message").unwrap_or_default(),
                request_id: text_of(&value, "RequestId"),
                canonical: text_of(&value, "FormatString")
                    .or_else(|| text_of(&value, "HttpString")),
                endpoint: text_of(&value, "Endpoint"),
            },
            _ => Self::without_document(status, text),
        }
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
        let throttled = is_throttle(reply.status, &self.code);
        let passing = is_passing(reply.status) || is_passing_code(&self.code);
        let advice = if redirect::is_one(reply.status) {
            Some(redirect::advice(&reply.headers, self.endpoint.as_deref()))
        } else {
            advice(operation, signature, &self)
        };
        let id = self.request_id.map(|id| short(id, WORD));
        let error = Error::new(ErrorKind::Service, short(self.message, SENTENCES))
            .with_status(reply.status)
            .with_code(short(self.code, WORD))
            .with_request_id(id.or_else(|| reply.request_id.clone()))
            .retryable(throttled || (passing && idempotent))
            .after(retry_after(&reply.headers));
        match advice {
            Some(advice) => error.advise(short(advice, SENTENCES)),
            None => error,
        }
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

/// The service refused to look at the request at all: it had no effect.
fn is_throttle(status: StatusCode, code: &str) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || code == "SlowDown"
        || code == "RequestLimitExceeded"
        || code.starts_with("RequestLimitExceeded.")
}

/// Whether a service has refused because there are too many requests.
pub(super) fn is_throttle_error(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|status| is_throttle(status, error.code().unwrap_or_default()))
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
    refusal: &Refusal,
) -> Option<String> {
    match refusal.code.as_str() {
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
        "AccessDenied" if refusal.message.contains("has expired") => {
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
