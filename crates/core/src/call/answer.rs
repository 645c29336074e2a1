//! From an HTTP response to an output or an error.

use http::Response;
use serde::Deserialize;
use serde_json::Value;

use super::output::Output;
use super::refusal::{Refusal, WORD, short};
use super::reply::Reply;
use super::waiting::{Answer, Inbound, Limits};
use crate::body::Body;
use crate::codec::{self, gzip, json, url_text, xml};
use crate::error::{Error, ErrorKind};
use crate::node::Node;
use crate::operation::{BodyFormat, Operation, Protocol};
use crate::sign::Signature;

/// Larger answers are not read into memory. Raw bodies are streamed and have no bound.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;

/// Reads `response` into `output`.
pub(super) async fn read(
    operation: &'static Operation,
    response: Response<Body>,
    signature: &Signature,
    limits: &Limits,
    idempotent: bool,
    output: &mut dyn Output,
) -> Result<Reply<()>, Error> {
    let (parts, body) = response.into_parts();
    let mut reply = Reply::begun(parts.status, parts.headers);
    let watched = Answer {
        operation,
        status: reply.status,
        request_id: reply.request_id.clone(),
        idempotent,
    };
    let body = Inbound::watch(body, limits, watched);
    let is_streamed = operation.response_body == BodyFormat::Raw
        || operation.events.is_some() && reply.is_event_stream();
    if is_streamed && reply.status.is_success() {
        fill_headers(&mut reply, output);
        reply.body = body;
        return Ok(reply);
    }
    let collected = body.collect(LIMIT).await;
    let unpacked = collected.and_then(|bytes| gzip::decoded(&reply.headers, bytes, LIMIT));
    let bytes = unpacked.map_err(|error| {
        Error::of_body(error)
            .with_status(reply.status)
            .with_request_id(reply.request_id.clone())
            .retryable(idempotent)
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let outcome = match operation.service.protocol {
        Protocol::Tc3 => read_tc3(&mut reply, &text, output),
        Protocol::Cos | Protocol::Ci => read_xml(operation, &mut reply, &text, output),
    };
    outcome.map_err(|failure| match failure {
        Failure::Refused(refusal) => {
            refusal.into_error(operation, Some(signature), idempotent, &reply)
        }
        Failure::Unreadable(error) => Error::new(
            ErrorKind::Response,
            format!("the answer cannot be read: {error}"),
        )
        .with_status(reply.status)
        .with_request_id(reply.request_id.clone())
        .caused_by(error),
    })?;
    fill_headers(&mut reply, output);
    Ok(reply)
}

fn fill_headers(reply: &mut Reply<()>, output: &mut dyn Node) {
    let headers = reply.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
    });
    let drift = codec::fill_headers(output, headers);
    reply.drift.extend(drift);
}

/// Why an answer gives no output.
enum Failure {
    Refused(Refusal),
    Unreadable(codec::CodecError),
}

fn read_xml(
    operation: &Operation,
    reply: &mut Reply<()>,
    text: &str,
    output: &mut dyn Node,
) -> Result<(), Failure> {
    // A copy may fail behind a status of 200.
    if !reply.status.is_success() || root_of(text) == Some("Error") {
        return Err(Failure::Refused(Refusal::of_document(text)));
    }
    match operation.response_body {
        BodyFormat::Xml(root) => {
            let drift = xml::decode(text, root, output).map_err(Failure::Unreadable)?;
            reply.drift.extend(drift);
        }
        BodyFormat::Json => {
            let drift = json::decode(text, "", output).map_err(Failure::Unreadable)?;
            reply.drift.extend(drift);
        }
        BodyFormat::Empty | BodyFormat::Raw => {}
    }
    if let Some(encoding) = operation.encoding {
        url_text::undo(encoding, output);
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

/// Reads an answer of API 3.0, in which output, request id and error are members of one object: a
/// table knows the first two, and keeps the third beside what it knows.
fn read_tc3(reply: &mut Reply<()>, text: &str, output: &mut dyn Output) -> Result<(), Failure> {
    let drift = match json::decode_member(text, "Response", output) {
        Ok(drift) => drift,
        Err(_) if !reply.status.is_success() => {
            let refusal = Refusal::without_document(text);
            return Err(Failure::Refused(refusal));
        }
        Err(error) => {
            note_request_id(reply, request_id_of(text));
            return Err(Failure::Unreadable(error));
        }
    };
    note_request_id(reply, member(output, "RequestId"));
    let error = error_in(output);
    if reply.status.is_success() && error.is_none() {
        reply.drift.extend(drift);
        return Ok(());
    }
    // Another attempt would find what came before the error.
    output.clear();
    let [code, message] = error.unwrap_or_default();
    Err(Failure::Refused(Refusal::new(code, message)))
}

/// Code and message of an answer that is a refusal: it has an error, which may be empty where no
/// table has one.
pub(super) fn error_in(output: &dyn Node) -> Option<[Option<String>; 2]> {
    let found = ["Code", "Message"].map(|name| member(output, &format!("Error.{name}")));
    let is_there = matches!(output.unknown().get("Error"), Some(Value::Object(_)))
        || found.iter().any(Option::is_some);
    is_there.then_some(found)
}

/// The text of a member, in the table or beside it.
fn member(output: &dyn Node, path: &str) -> Option<String> {
    codec::text_at(output, path).or_else(|| {
        let mut names = path.split('.');
        let first = output.unknown().get(names.next()?)?;
        let last = names.try_fold(first, |value, name| value.get(name))?;
        last.as_str().map(str::to_owned)
    })
}

fn note_request_id(reply: &mut Reply<()>, id: Option<String>) {
    let id = id.map(|id| short(id, WORD));
    reply.request_id = id.or(reply.request_id.take());
}

/// The request id of an answer that is JSON and nothing that can be decoded, since it is too deep or
/// too large.
fn request_id_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Wrapper {
        #[serde(rename = "Response")]
        response: Identified,
    }
    #[derive(Deserialize)]
    struct Identified {
        #[serde(rename = "RequestId")]
        request_id: String,
    }
    let wrapper: Wrapper = serde_json::from_str(text).ok()?;
    Some(wrapper.response.request_id)
}
